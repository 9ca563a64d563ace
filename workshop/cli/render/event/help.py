"""How one seat looks to who helps its person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.console import Console

from workshop.cli.render.message import print_command, print_message
from workshop.cli.render.tables import plain_table
from workshop.cli.shell import fit
from workshop.event.store.records import Entry
from workshop.model.counting import elapsed
from workshop.model.event.board.document import BoardSeat
from workshop.model.event.board.lines import details
from workshop.model.event.board.remedies import remedies
from workshop.model.event.receipts import Receipt
from workshop.model.legible import legible
from workshop.model.window.phases import moment

_RECEIPTS: Final = 3
_ENTRIES: Final = 12
_LINES: Final = 8
"""Of each log, where not one of them was asked for."""


@dataclass(frozen=True, kw_only=True)
class SeatHelp:
    """All that is known of a seat. board: as of at; None while the keeper has not seen it. logs: None where the keeper
    did not answer. consent_until: until when helpers may look in."""

    name: str
    stack: str
    now: datetime
    at: datetime | None
    board: BoardSeat | None
    receipts: tuple[Receipt, ...]
    journal: tuple[Entry, ...]
    consent_until: datetime | None
    logs: Mapping[str, str] | None


def print_seat(found: SeatHelp, screen: Console) -> None:
    """What is wrong and what can be done come first."""
    seat = found.board
    if seat is None or found.at is None:
        print_message(screen, f"The keeper has not seen {found.name} yet: run it with workshop event keep")
    else:
        print_message(screen, f"{found.name}, seen {elapsed(found.now - found.at)} ago:")
        facts = plain_table("", "")
        facts.show_header = False
        for label, text in details(seat, found.now).items():
            facts.add_row(label, text)
        screen.print(facts)
        _print_needs(found, seat, screen)
    agreed = found.consent_until
    said = "has not agreed that helpers look in" if agreed is None else f"lets helpers look in until {moment(agreed)}"
    print_message(screen, f"Its person {said}.")
    _print_past(found, screen)
    if found.logs is None:
        print_message(screen, "Logs were not asked for: the keeper does not answer.")
    for name, text in (found.logs or {}).items():
        print_log(name, text, screen, most=_LINES)


def _print_needs(found: SeatHelp, seat: BoardSeat, screen: Console) -> None:
    screen.print()
    if not seat.needs:
        print_message(screen, "Nothing is known to be wrong.")
        return
    print_message(screen, "What is wrong:")
    for need in seat.needs:
        since = "" if need.since is None else f", for {elapsed(found.now - need.since)}"
        print_message(screen, f"  {need.kind}{since}: {need.text}", indent=2)
    print_message(screen, "What can be done:")
    for remedy in remedies(seat):
        print_message(screen, f"  {remedy.text}", indent=2)
        if remedy.command:
            print_command(screen, fit(f"scripts/{remedy.command}", found.stack), indent=2)


def _print_past(found: SeatHelp, screen: Console) -> None:
    screen.print()
    if found.receipts:
        table = plain_table("saved at", "result", "files", "bytes", "reason")
        for receipt in found.receipts[-_RECEIPTS:]:
            table.add_row(
                moment(receipt.at), receipt.result, str(receipt.files), str(receipt.bytes), legible(receipt.reason)
            )
        screen.print(table)
    else:
        print_message(screen, "No save was tried yet.")
    screen.print()
    if found.journal:
        table = plain_table("at", "what", "", "why")
        for entry in found.journal[-_ENTRIES:]:
            table.add_row(f"{entry.at:%d %H:%M:%S}", entry.action, entry.phase, legible(entry.text))
        screen.print(table)
        screen.print()


def print_log(name: str, text: str, screen: Console, *, most: int | None = None) -> None:
    """A log's last lines, or all of it."""
    lines = text.splitlines()
    shown = lines if most is None else lines[-most:]
    of = "" if len(shown) == len(lines) else f", its last {len(shown)} lines of {len(lines)}"
    screen.print(f"Log of {name}{of}{':' if lines else ' is empty.'}")
    for line in shown:
        screen.print(f"  {legible(line)}", soft_wrap=True)


def seat_json(found: SeatHelp) -> str:
    """The same as one JSON document."""
    seat = found.board
    document = {
        "schema_version": 1,
        "name": found.name,
        "at": found.at,
        "seat": None if seat is None else seat.model_dump(mode="json"),
        "remedies": [] if seat is None else [vars(remedy) for remedy in remedies(seat)],
        "consent_until": found.consent_until,
        "receipts": [receipt.model_dump(mode="json") for receipt in found.receipts],
        "journal": [vars(entry) for entry in found.journal],
        "logs": None if found.logs is None else dict(found.logs),
    }
    return json.dumps(document, indent=2, default=datetime.isoformat)
