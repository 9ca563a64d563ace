"""The clock. It is read once a run; everything else is told the moment, or the phase that it lies in."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)
