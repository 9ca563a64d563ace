"""Texts of the journal without people: whatever a failure quoted of a seat's person is its seat's name instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from workshop.model.event.seats import workspace_name
from workshop.model.report.history import History, Line
from workshop.model.report.incidents import NODE, WARNING

_SHORTEST: Final = 3
"""Shorter names would take words apart."""

_OTHERS_POD: Final = re.compile(r"\S+,(?= which is somebody else's)")
"""As the keeper names one that keeps a node from being ended."""

_ADDRESS: Final = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")


def without_names(history: History) -> History:
    """The same, without names, addresses and accounts."""
    scrubbed = _scrubber(history)
    return replace(
        history,
        seats=tuple(replace(one, email=None, name=None, account=None) for one in history.seats),
        lines=tuple(replace(line, text=scrubbed(_of_others(line))) for line in history.lines),
        receipts=tuple(one.model_copy(update={"reason": scrubbed(one.reason)}) for one in history.receipts),
    )


def _of_others(line: Line) -> str:
    """Pods of people who have nothing to do with the event are called as their accounts are."""
    if line.action == WARNING and line.subject.startswith(NODE):
        return line.text.partition(":")[0]
    return _OTHERS_POD.sub("a pod,", line.text)


def _scrubber(history: History) -> Callable[[str], str]:
    known = {
        word.casefold(): workspace_name(one.seat)
        for one in history.seats
        for word in (one.email, one.name, one.account)
        if word is not None and len(word) >= _SHORTEST
    }
    longest = sorted(known, key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in longest) or r"(?!)", re.IGNORECASE)

    def scrub(text: str) -> str:
        named = pattern.sub(lambda found: known.get(found[0].casefold(), "somebody"), text)
        return _ADDRESS.sub("somebody", named)

    return scrub
