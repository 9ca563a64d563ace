"""How invitations look before they are sent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from rich.console import Console

from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.cli.render.times import with_offset
from workshop.model.counting import counted
from workshop.model.event.inviting import Guest
from workshop.model.event.mail.due import Times
from workshop.model.event.people import person_of_seat
from workshop.model.plan.event import EventPlan
from workshop.model.settings.event import Event
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import moment


def print_guests(
    guests: Collection[Guest], settings: Settings, event: Event, plan: EventPlan, times: Times, screen: Console
) -> None:
    """What each of them may, until when, and what all of them cost."""
    table = plain_table("each invitation", "")
    for name, value in conditions(guests, settings, event, plan, times).items():
        table.add_row(name, with_offset(value, settings.window))
    screen.print(table)
    screen.print()
    for warning in warnings(guests, times):
        print_message(screen, f"Warning: {warning}")


def conditions(
    guests: Collection[Guest], settings: Settings, event: Event, plan: EventPlan, times: Times
) -> dict[str, str]:
    """By what they are called."""
    shape = max(settings.workspaces.shapes, key=lambda one: (one.vcpu, one.memory_gib))
    cost = plan.all_come.total
    return {
        "template": event.template,
        "largest shape": f"{shape.vcpu} vCPU, {shape.memory_gib} GiB",
        "an hour of a seat": f"{plan.usd_per_hour / plan.seats:.2f} USD",
        "begins": moment(times.starts_at),
        "ends": f"{moment(times.ends_at)}, extended at most to {moment(times.latest_end)}",
        "accepted by": _counts(
            "as long as links work" if one.invitation.expires_at is None else moment(one.invitation.expires_at)
            for one in guests
        ),
        "links work until": moment(times.kept_until),
        "devices": _counts(str(one.invitation.max_devices or "any number") for one in guests),
        "may be passed on": _counts("yes" if one.invitation.is_transferable else "no" for one in guests),
        "external": _counts("yes" if one.invitation.is_external else "no" for one in guests),
        f"if all {plan.seats} seats come": f"{cost:.2f} of {event.budget_usd} USD",
    }


def warnings(guests: Collection[Guest], times: Times) -> Iterator[str]:
    """What somebody should know before it is done."""
    early = [
        one.invitation.person
        for one in guests
        if one.invitation.expires_at is not None and one.invitation.expires_at < times.starts_at
    ]
    if early:
        yield (
            f"{counted(len(early), 'invitation')} can be accepted only until before the event starts (ValidDays): "
            f"{', '.join(early[:3])}{' and others' if len(early) > 3 else ''}"
        )
    nameless = [one.seat for one in guests if one.person.email is None and one.person.account is None]
    if nameless:
        yield (
            f"{counted(len(nameless), 'person', 'people')} without address and account: a helper gives each an account "
            f"when they come, or you do: workshop event bind --seat {nameless[0]} --account NAME"
        )


def guests_json(guests: Collection[Guest], settings: Settings, event: Event, plan: EventPlan, times: Times) -> str:
    """The same as one JSON document."""
    document = {
        "event": event.name,
        "conditions": conditions(guests, settings, event, plan, times),
        "warnings": [*warnings(guests, times)],
        "invited": [
            {
                "person": person_of_seat(one.seat),
                "name": one.person.name,
                "email": one.person.email,
                "account": one.person.account,
                "is_new": one.is_new,
                "is_external": one.invitation.is_external,
                "max_devices": one.invitation.max_devices,
                "is_transferable": one.invitation.is_transferable,
                "expires_at": None if one.invitation.expires_at is None else one.invitation.expires_at.isoformat(),
            }
            for one in guests
        ],
    }
    return json.dumps(document, indent=2)


def _counts(values: Iterable[str]) -> str:
    """The one value that all have, or each with how often it is there."""
    found = Counter(values)
    return next(iter(found)) if len(found) == 1 else ", ".join(f"{value} ({count})" for value, count in found.items())
