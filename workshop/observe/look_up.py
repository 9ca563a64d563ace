"""How a look-up becomes an observation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from workshop.model.observations import Absent, Assumed, Found, Observation

T = TypeVar("T")


class NotFound(Exception):
    """The system answered: not found. known: the names that do exist in that place."""

    def __init__(self, known: tuple[str, ...] = ()) -> None:
        self.known = known
        super().__init__("not found")


def look_up(source: str, ask: Callable[[], T]) -> Observation[T]:
    """What `ask` answers; Absent where it raises NotFound, Assumed with the reason where it gets no answer."""
    try:
        value = ask()
    except NotFound as absence:
        return Absent(source=source, observed_at=datetime.now(UTC), known=absence.known)
    except Exception as error:  # noqa: BLE001 - Pulumi raises nothing narrower for a failed function
        return Assumed(source=source, reason=f"no answer: {error}")
    return Found(value=value, source=source, observed_at=datetime.now(UTC))
