"""The clock. It is read once a run; everything else is given the moment, or the phase that it is in."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)
