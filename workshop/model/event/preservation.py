"""Whose work is kept: the sum of an event's receipts, in which no seat is missing and nothing lacks a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from workshop.model.counting import counted
from workshop.model.event.receipts import Receipt, Result
from workshop.model.legible import Legible, one_line

MIB: Final = 1024 * 1024
_REASON_LETTERS: Final = 200


class Keeping(StrEnum):
    """What is kept of a seat. saved: all there was at the last look. older: of an earlier one; the last did not work.

    empty: there never was anything. declined: the participant did not want it. lost: it was tried and nothing is kept.
    unseen: nobody has looked.
    """

    SAVED = "saved"
    OLDER = "older"
    EMPTY = "empty"
    DECLINED = "declined"
    LOST = "lost"
    UNSEEN = "unseen"


class SeatKept(BaseModel):
    """One seat's. saved_at, files, bytes: of the newest archive; None and 0 where there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seat: int
    keeping: Keeping
    saved_at: AwareDatetime | None = None
    files: int = 0
    bytes: int = 0
    reason: Legible = ""


class Preservation(BaseModel):
    """An event's. counts: seats by what is kept of them, all kinds, in their order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    event: str
    counts: Mapping[Keeping, int]
    seats: tuple[SeatKept, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing that could be saved is missing."""
        return not any(self.counts[one] for one in (Keeping.OLDER, Keeping.LOST, Keeping.UNSEEN))


def preservation(event: str, seats: Iterable[int], receipts: Iterable[Receipt]) -> Preservation:
    """What is kept of these seats, and of any other that has a receipt. receipts: of this event, in any order."""
    by_seat: dict[int, list[Receipt]] = {seat: [] for seat in seats}
    for receipt in receipts:
        by_seat.setdefault(receipt.seat, []).append(receipt)
    found = tuple(_seat(seat, sorted(by_seat[seat], key=lambda one: one.at)) for seat in sorted(by_seat))
    counts = {keeping: sum(one.keeping is keeping for one in found) for keeping in Keeping}
    return Preservation(event=event, counts=counts, seats=found)


def preservation_text(kept: Preservation) -> str:
    """As people read it: how many, and each seat that is not simply saved, with the reason."""
    total = len(kept.seats)
    said = [f"{count} {_SAID[keeping]}" for keeping, count in kept.counts.items() if count]
    files, size = sum(one.files for one in kept.seats), sum(one.bytes for one in kept.seats)
    lines = [f"{kept.event}: {counted(total, 'seat')}: {', '.join(said) or 'none'}"]
    lines.append(f"{counted(files, 'file')} in {size / MIB:,.1f} MiB of archives")
    for one in kept.seats:
        if one.keeping is not Keeping.SAVED or one.reason:
            saved_at = f", saved at {one.saved_at:%H:%M} UTC" if one.saved_at and one.keeping is Keeping.OLDER else ""
            reason = f": {one_line(one.reason, _REASON_LETTERS)}" if one.reason else ""
            lines.append(f"  seat {one.seat:02d}  {one.keeping}{saved_at}{reason}")
    return "\n".join(lines)


_SAID: Final[Mapping[Keeping, str]] = {
    Keeping.SAVED: "saved",
    Keeping.OLDER: "with older work only",
    Keeping.EMPTY: "empty",
    Keeping.DECLINED: "declined",
    Keeping.LOST: "lost",
    Keeping.UNSEEN: "not looked at",
}


def _seat(seat: int, receipts: list[Receipt]) -> SeatKept:
    if not receipts:
        return SeatKept(seat=seat, keeping=Keeping.UNSEEN, reason="no save was tried")
    last = receipts[-1]
    newest = next((one for one in reversed(receipts) if one.result is Result.SAVED), None)
    if newest is None:
        alone = {Result.EMPTY: Keeping.EMPTY, Result.DECLINED: Keeping.DECLINED}
        return SeatKept(seat=seat, keeping=alone.get(last.result, Keeping.LOST), reason=last.reason)
    found = {"seat": seat, "saved_at": newest.at, "files": newest.files, "bytes": newest.bytes}
    if last.result in (Result.FAILED, Result.REFUSED):
        return SeatKept.model_validate({**found, "keeping": Keeping.OLDER, "reason": last.reason})
    since = "" if last is newest else f"{_SINCE[last.result]} since {last.at:%H:%M} UTC"
    return SeatKept.model_validate({**found, "keeping": Keeping.SAVED, "reason": since or newest.reason})


_SINCE: Final[Mapping[Result, str]] = {Result.EMPTY: "empty", Result.DECLINED: "declined"}
