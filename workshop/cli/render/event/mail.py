"""How an event's outbox looks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection

from rich.console import Console

from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.model.counting import counted
from workshop.model.event.mail.outbox import INVITATION, Mail, State

_FIRST = (State.UNKNOWN, State.REFUSED, State.MISSED, State.WAITING, State.SENDING, State.SENT)
_MOST_NAMED = 20


def print_outbox(outbox: Collection[Mail], screen: Console) -> None:
    """What needs somebody first, then a line a kind."""
    troubled = [one for state in _FIRST for one in outbox if one.state is state and one.problem]
    for one in troubled[:_MOST_NAMED]:
        print_message(screen, f"{one.state.capitalize()}: {one.kind} to {one.person}: {one.problem}.{_fix(one)}")
    if len(troubled) > _MOST_NAMED:
        print_message(screen, f"And {counted(len(troubled) - _MOST_NAMED, 'other')}: workshop event mail --json")
    if not outbox:
        print_message(screen, "There is no mail yet.")
        return
    screen.print()
    states = [state for state in _FIRST if any(one.state is state for one in outbox)]
    table = plain_table("mail", *states)
    counts = Counter((one.kind, one.state) for one in outbox)
    for kind in dict.fromkeys(one.kind for one in outbox):
        table.add_row(kind, *(str(counts[kind, state] or "-") for state in states))
    screen.print(table)


def _fix(mail: Mail) -> str:
    if mail.kind != INVITATION or mail.state not in (State.UNKNOWN, State.REFUSED):
        return ""
    return f" Send it again: workshop event invite --resend {mail.person}"


def outbox_json(outbox: Collection[Mail]) -> str:
    """Every mail as one JSON document; moments in ISO 8601."""
    document = [
        {
            "person": one.person,
            "kind": one.kind,
            "sequence": one.sequence,
            "state": one.state,
            "due_at": one.due_at.isoformat(),
            "attempts": one.attempts,
            "tried_at": None if one.tried_at is None else one.tried_at.isoformat(),
            "problem": one.problem,
        }
        for one in outbox
    ]
    return json.dumps(document, indent=2)
