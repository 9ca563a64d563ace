"""How an event's seats look."""

from __future__ import annotations

import json
from collections.abc import Collection

from rich.console import Console

from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.event.store.records import SeatRecord
from workshop.model.counting import counted
from workshop.model.event.receipts import Receipt
from workshop.model.event.seats import MOST_FAILURES, workspace_name
from workshop.model.legible import legible
from workshop.model.window.phases import moment


def print_participants(
    seats: Collection[SeatRecord], receipts: Collection[Receipt], places: int, screen: Console
) -> None:
    """A line a seat; addresses are shown, since whoever asks has the roster."""
    table = plain_table("seat", "person", "account", "state", "saved")
    for seat in seats:
        saved = _last(seat, receipts)
        table.add_row(
            workspace_name(seat.seat),
            legible(seat.email or "erased"),
            legible(seat.account or ""),
            seat.state if seat.is_wanted else f"{seat.state}, not accepted",
            "" if saved is None else f"{saved.result}, {moment(saved.at)}",
        )
    screen.print(table)
    screen.print()
    for seat in seats:
        if seat.failures:
            print_message(screen, f"Warning: {trouble(seat)}.")
        if said := restore_text(seat):
            print_message(screen, f"{workspace_name(seat.seat)}: {legible(said)}.")
    print_message(screen, f"{counted(len(seats), 'seat')} of {places} are taken.")


def participants_json(seats: Collection[SeatRecord], receipts: Collection[Receipt]) -> str:
    """The same as one JSON document."""
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
            "restore_from": seat.restore_from,
            "restored": seat.restored,
            "saved": None if (last := _last(seat, receipts)) is None else last.model_dump(mode="json"),
        }
        for seat in seats
    ]
    return json.dumps(document, indent=2)


def _last(seat: SeatRecord, receipts: Collection[Receipt]) -> Receipt | None:
    return next((one for one in reversed([*receipts]) if one.seat == seat.seat), None)


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
