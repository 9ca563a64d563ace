"""How a participant's own seat stands, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from workshop.model.counting import counted
from workshop.model.event.receipts import Result
from workshop.model.event.requests import Situation


class Standing(StrEnum):
    """What it comes down to."""

    PLANNED = "planned"
    WAITING = "waiting its turn"
    BUILDING = "building"
    READY = "ready"
    ENDING = "ending"
    SAVED = "saved"
    TROUBLE = "trouble"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class LastSave:
    """The last attempt to save its work."""

    at: datetime
    result: Result
    reason: str


@dataclass(frozen=True, kw_only=True)
class OwnSeatNow:
    """title: in a few words; text: what comes of it. starts_at, ends_at: None where there is no such moment to come."""

    standing: Standing
    title: str
    text: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def is_changing(self) -> bool:
        """Whether it is soon something else by itself."""
        return self.standing in (Standing.WAITING, Standing.BUILDING, Standing.ENDING)


def own_seat(now: Situation, ends_at: datetime | None, before: int, last: LastSave | None) -> OwnSeatNow:
    """A seat for its person. ends_at: when what runs ends, as the keeper saw it. before: seats that are started first.

    Raises ValueError without a seat.
    """
    seat = now.seat
    if seat is None:
        raise ValueError("a situation without a seat is nobody's own")
    next_at = next((span.starts_at for span in seat.spans if span.starts_at > now.now), None)
    if now.state == "ready":
        text = "Open it whenever you like. Your work is saved every half an hour, and before it stops."
        return OwnSeatNow(standing=Standing.READY, title="Your workspace is ready", text=text, ends_at=ends_at)
    if now.state == "starting":
        text = "It is being built. That takes a few minutes; this page says when it is ready."
        return OwnSeatNow(standing=Standing.BUILDING, title="Your workspace is being built", text=text, ends_at=ends_at)
    if now.state == "stopping":
        text = "Your work is being saved; then the workspace stops."
        return OwnSeatNow(standing=Standing.ENDING, title="Your workspace is ending", text=text)
    if now.state == "failed":
        text = "It did not start and is being made again. There is nothing that you have to do."
        return OwnSeatNow(standing=Standing.BUILDING, title="Your workspace is made again", text=text)
    if now.state == "lost":
        text = "It did not start, three times. The helpers see that; raise your hand if nobody has come to you."
        return OwnSeatNow(standing=Standing.TROUBLE, title="Your workspace needs a helper", text=text)
    if now.state == "planned" and not now.is_over:
        return _planned(now, before, next_at)
    return _ended(next_at, last)


def _planned(now: Situation, before: int, next_at: datetime | None) -> OwnSeatNow:
    seat = now.seat
    if seat is None or (seat.span(now.now) is None and next_at is not None):
        text = "It is started for you then. There is nothing that you have to do until then."
        return OwnSeatNow(standing=Standing.PLANNED, title="Your place is booked", text=text, starts_at=next_at)
    if not seat.is_wanted:
        text = "Your place is booked. It is started once the event's keeper has seen that you came."
        return OwnSeatNow(standing=Standing.WAITING, title="Good that you are here", text=text)
    text = f"{counted(before, 'workspace')} {'is' if before == 1 else 'are'} started before yours."
    return OwnSeatNow(standing=Standing.WAITING, title="Your workspace waits its turn", text=text if before else _NEXT)


_NEXT = "It is the next one to be started."


def _ended(next_at: datetime | None, last: LastSave | None) -> OwnSeatNow:
    """It has stopped, or is gone."""
    if last is not None and last.result in (Result.FAILED, Result.REFUSED):
        text = f"Not all of your work could be saved: {last.reason}. Ask a helper."
        return OwnSeatNow(standing=Standing.TROUBLE, title="Your workspace has ended", text=text, starts_at=next_at)
    if last is None or last.result is not Result.SAVED:
        title, text = "Your workspace has ended", "There was nothing in it to be saved."
        return OwnSeatNow(standing=Standing.OVER, title=title, text=text, starts_at=next_at)
    text = "The workspace has stopped. You can download your work here for as long as it is kept."
    return OwnSeatNow(standing=Standing.SAVED, title="Your work is saved", text=text, starts_at=next_at)
