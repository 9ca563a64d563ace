"""How invitations look before they are sent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console

from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.cli.render.times import with_offset
from workshop.model.counting import counted
from workshop.model.event.inviting import Guest
from workshop.model.event.mail.due import Times
from workshop.model.plan.event import EventPlan
from workshop.model.settings.event import Event
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import moment

_NAMED = 3
"""People of a warning that are named."""


@dataclass(frozen=True, kw_only=True)
class Invited:
    """Who is invited to which event. warnings: what else is to be known, as sentences without their stop."""

    guests: tuple[Guest, ...]
    settings: Settings
    event: Event
    plan: EventPlan
    times: Times
    warnings: tuple[str, ...] = ()


def print_invited(invited: Invited, screen: Console) -> None:
    """What each of them may, until when, and what all of them cost."""
    table = plain_table("each invitation", "")
    for name, value in _conditions(invited).items():
        table.add_row(name, with_offset(value, invited.settings.window))
    screen.print(table)
    screen.print()
    for warning in _warnings(invited):
        print_message(screen, f"Warning: {warning}.")


def invited_json(invited: Invited) -> str:
    """The same as one JSON document."""
    document = {
        "event": invited.event.name,
        "conditions": _conditions(invited),
        "warnings": [*_warnings(invited)],
        "invited": [
            {
                "person": one.invitation.person,
                "name": one.person.name,
                "email": one.person.email,
                "account": one.person.account,
                "is_new": one.is_new,
                "is_external": one.invitation.is_external,
                "max_devices": one.invitation.max_devices,
                "is_transferable": one.invitation.is_transferable,
                "expires_at": None if (at := one.invitation.expires_at) is None else at.isoformat(),
            }
            for one in invited.guests
        ],
    }
    return json.dumps(document, indent=2)


def _conditions(invited: Invited) -> dict[str, str]:
    """By what they are called."""
    event, plan, times = invited.event, invited.plan, invited.times
    invitations = [one.invitation for one in invited.guests]
    shape = max(invited.settings.workspaces.shapes, key=lambda one: (one.vcpu, one.memory_gib))
    return {
        "template": event.template,
        "largest shape": f"{shape.vcpu} vCPU, {shape.memory_gib} GiB",
        "an hour of a seat": f"{plan.usd_per_hour / plan.seats:.2f} USD",
        "begins": moment(times.starts_at),
        "ends": f"{moment(times.ends_at)}, extended at most to {moment(times.latest_end)}",
        "accepted by": _counts(
            "as long as links work" if one.expires_at is None else moment(one.expires_at) for one in invitations
        ),
        "links work until": moment(times.kept_until),
        "devices": _counts(str(one.max_devices or "any number") for one in invitations),
        "may be passed on": _counts("yes" if one.is_transferable else "no" for one in invitations),
        "external": _counts("yes" if one.is_external else "no" for one in invitations),
        f"if all {plan.seats} seats come": f"{plan.all_come.total:.2f} of {event.budget_usd} USD",
    }


def _warnings(invited: Invited) -> Iterator[str]:
    """What somebody should know before it is done."""
    starts_at = invited.times.starts_at
    expiring = [(one.invitation.person, one.invitation.expires_at) for one in invited.guests]
    early = [person for person, until in expiring if until is not None and until < starts_at]
    if early:
        more = " and others" if len(early) > _NAMED else ""
        yield (
            f"{counted(len(early), 'invitation')} can be accepted only until before the event starts (ValidDays): "
            f"{', '.join(early[:_NAMED])}{more}"
        )
    nameless = [one.seat for one in invited.guests if one.person.email is None and one.person.account is None]
    if nameless:
        yield (
            f"{counted(len(nameless), 'person', 'people')} without address and account: a helper gives each an account "
            f"when they come, or you do: workshop event bind --seat {nameless[0]} --account NAME"
        )
    yield from invited.warnings


def _counts(values: Iterable[str]) -> str:
    """The one value that all have, or each with how often it is there."""
    found = Counter(values)
    return next(iter(found)) if len(found) == 1 else ", ".join(f"{value} ({count})" for value, count in found.items())
