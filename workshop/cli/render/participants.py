"""How an event's seats look."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console

from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.event.store.records import SeatRecord
from workshop.model.counting import counted
from workshop.model.event.receipts import Receipt
from workshop.model.event.seats import MOST_FAILURES, workspace_name
from workshop.model.legible import legible
from workshop.model.window.phases import moment


@dataclass(frozen=True, kw_only=True)
class Participants:
    """What is kept of an event's seats. receipts: the oldest first. failing: as failing_steps has it."""

    seats: tuple[SeatRecord, ...]
    receipts: tuple[Receipt, ...]
    failing: Mapping[str, str]

    @property
    def last(self) -> Mapping[int, Receipt]:
        """Each seat's last receipt."""
        return {one.seat: one for one in self.receipts}


def print_participants(found: Participants, places: int, screen: Console) -> None:
    """A line a seat; addresses are shown, since whoever asks has the roster."""
    table, last = plain_table("seat", "person", "account", "state", "tested", "saved"), found.last
    table.columns[1].no_wrap = True  # an address is copied
    for seat in found.seats:
        saved = last.get(seat.seat)
        table.add_row(
            workspace_name(seat.seat),
            legible(seat.email or "erased"),
            legible(seat.account or ""),
            seat.state if seat.is_wanted else f"{seat.state}, not accepted",
            "yes" if seat.ready_build is not None else "",
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
    print_message(screen, f"{counted(len(found.seats), 'seat')} of {places} are taken.")


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
            "accepted": seat.is_wanted,
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
