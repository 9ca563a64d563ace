"""What is done in seats' own pods, and with what was copied out of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from workshop.model.event.receipts import Receipt
from workshop.model.event.seats import Seat
from workshop.model.event.world import Pod


class Saves(Protocol):
    """Copies a seat's work out of its pod."""

    def __call__(self, seat: Seat, pod: Pod, build: int, now: datetime, previous: Receipt | None) -> Receipt:
        """Answers a receipt, whatever happened. previous: the last one, where all was saved."""
        ...


class Restores(Protocol):
    """Puts saved work into a pod."""

    def __call__(self, pod: Pod, receipt: Receipt) -> tuple[str, ...]:
        """Answers which files were there already, and stay.

        Raises EventFailure where it may be tried again, DigestError and UnpackError for an archive that never can.
        """
        ...


class Tells(Protocol):
    """Says something to the person of a seat, as far as that goes."""

    def __call__(self, seat: Seat, pod: Pod | None, text: str) -> str:
        """Answers where it was said, whatever happened."""
        ...


class Measures(Protocol):
    """Looks how full the disk is that a pod's home is on."""

    def __call__(self, pod: Pod) -> int:
        """Answers percent. Raises EventFailure."""
        ...


class Links(Protocol):
    """Lets whoever has it download an archive, for a few minutes."""

    def __call__(self, receipt: Receipt) -> tuple[str, timedelta]:
        """Answers the URL, and for how long it is good. Raises EventFailure."""
        ...


@dataclass(frozen=True, kw_only=True)
class InPods:
    """What is done in seats' own pods. links: to the work that was copied out of them."""

    saves: Saves
    restores: Restores
    tells: Tells
    measures: Measures
    links: Links
