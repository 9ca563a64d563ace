"""How an event's seats look."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rich.console import Console

from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.event.store.records import SeatRecord
from workshop.model.counting import counted
from workshop.model.event.people import Invitation
from workshop.model.event.receipts import Receipt
from workshop.model.event.seats import MOST_FAILURES, workspace_name
from workshop.model.legible import legible
from workshop.model.window.phases import moment

_MOMENTS: Final = ("invited_at", "accepted_at", "revoked_at")


@dataclass(frozen=True, kw_only=True)
class Participants:
    """What is kept of seats. receipts: the oldest first. failing: as failing_steps has it. invited: by seat."""

    seats: tuple[SeatRecord, ...]
    receipts: tuple[Receipt, ...]
    failing: Mapping[str, str]
    invited: Mapping[int, Invitation]

    @property
    def last(self) -> Mapping[int, Receipt]:
        """Each seat's last receipt."""
        return {one.seat: one for one in self.receipts}


def print_participants(found: Participants, places: int, screen: Console) -> None:
    """A line a seat; addresses are shown, since whoever asks has the roster."""
    table, last = plain_table("seat", "person", "account", "stage", "state", "saved"), found.last
    table.columns[1].no_wrap = True  # an address is copied
    for seat in found.seats:
        saved = last.get(seat.seat)
        table.add_row(
            workspace_name(seat.seat),
            legible(seat.email or seat.name or seat.account or "erased"),
            legible(seat.account or ""),
            _stage(seat, found.invited.get(seat.seat)),
            seat.state,
            "" if saved is None else f"{saved.result}, {moment(saved.at)}",
        )
    screen.print(table)
    screen.print()
    for seat in found.seats:
        if seat.failures:
            print_message(screen, f"Warning: {trouble(seat)}.")
        if said := found.failing.get(workspace_name(seat.seat)):
            print_message(screen, f"Warning: {workspace_name(seat.seat)}: {legible(said)}.")
        if said := restore_text(seat):
            print_message(screen, f"{workspace_name(seat.seat)}: {legible(said)}.")
    if found.invited:
        print_message(screen, _summary(found))
    print_message(screen, f"{counted(len(found.seats), 'seat')} of {places} are taken.")


def _stage(seat: SeatRecord, invitation: Invitation | None) -> str:
    """Taken back, tested, accepted, invited, or no answer where nobody was invited."""
    if invitation is not None and invitation.revoked_at is not None:
        return "taken back"
    if seat.ready_build is not None:
        return "tested"
    if _has_accepted(seat, invitation):
        return "accepted"
    return "no answer" if invitation is None else "invited"


def _summary(found: Participants) -> str:
    """How many accepted and tried, and how many of them are from outside."""
    pairs = [(seat, found.invited[seat.seat]) for seat in found.seats if seat.seat in found.invited]
    there = [(seat, one) for seat, one in pairs if one.revoked_at is None]
    accepted = [(seat, one) for seat, one in there if _has_accepted(seat, one)]
    tested = sum(1 for seat, _ in accepted if seat.ready_build is not None)
    external = sum(1 for _, one in there if one.is_external)
    return (
        f"Accepted: {_part(len(accepted), len(there))}; tried: {_part(tested, len(accepted))}; external: "
        f"{_part(external, len(there))}."
    )


def _part(some: int, all_: int) -> str:
    return f"{some} of {all_}" + (f" ({some / all_ * 100:.0f} %)" if all_ else "")


def _has_accepted(seat: SeatRecord, invitation: Invitation | None) -> bool:
    """Who was never invited has accepted elsewhere, or not, by the roster."""
    return seat.is_wanted if invitation is None else invitation.accepted_at is not None


def participants_json(found: Participants) -> str:
    """The same as one JSON document."""
    last = found.last
    document = [
        {
            "seat": seat.seat,
            "workspace": workspace_name(seat.seat),
            "email": seat.email,
            "name": seat.name,
            "account": seat.account,
            **_invitation(found.invited.get(seat.seat)),
            "accepted": _has_accepted(seat, found.invited.get(seat.seat)),
            "state": seat.state,
            "tested": seat.ready_build is not None,
            "failures": seat.failures,
            "problem": seat.problem,
            "failing": found.failing.get(workspace_name(seat.seat)),
            "restore_from": seat.restore_from,
            "restored": seat.restored,
            "saved": last[seat.seat].model_dump(mode="json") if seat.seat in last else None,
        }
        for seat in found.seats
    ]
    return json.dumps(document, indent=2)


def _invitation(one: Invitation | None) -> dict[str, object]:
    """None of all where nobody was invited."""
    moments = {} if one is None else {name: getattr(one, name) for name in _MOMENTS}
    said = {name: None if (at := moments.get(name)) is None else at.isoformat() for name in _MOMENTS}
    return {**said, "external": None if one is None else one.is_external}


def restore_text(seat: SeatRecord) -> str:
    """What is, or was, to be put into a seat's workspace; empty where nothing was asked for."""
    if seat.restore_from is not None:
        return f"gets the work of seat {seat.restore_from} once it is ready"
    return seat.restored


def trouble(seat: SeatRecord) -> str:
    """Why its starts failed, and what to do about one that is not tried any more."""
    said = f"{workspace_name(seat.seat)} failed {counted(seat.failures, 'time')}: {legible(seat.problem)}"
    given_up = f"; it is not tried again before workshop event start --seat {seat.seat}"
    return f"{said}{given_up}" if seat.failures >= MOST_FAILURES else said
