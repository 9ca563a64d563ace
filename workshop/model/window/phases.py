"""Where a moment lies in a window. What travels in plan and resources is the phase, never the time."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from workshop.model.counting import counted
from workshop.model.settings.window import Window


class Phase(StrEnum):
    """The window opens with preparation and closes when cool-down ends; nothing may be disturbed in between."""

    BEFORE = "before"
    PREPARATION = "preparation"
    RUNNING = "running"
    COOL_DOWN = "cool-down"
    AFTER = "after"

    @property
    def is_in_window(self) -> bool:
        """Whether nothing may be disturbed now."""
        return self not in (Phase.BEFORE, Phase.AFTER)


def phase_at(window: Window | None, moment: datetime) -> Phase | None:
    """The phase of a moment with time zone, None without a window.

    A phase holds from its first instant to the next one's.
    """
    if window is None:
        return None
    if moment < window.opens_at:
        return Phase.BEFORE
    if moment < window.start:
        return Phase.PREPARATION
    if moment < window.start + window.duration:
        return Phase.RUNNING
    if moment < window.closes_at:
        return Phase.COOL_DOWN
    return Phase.AFTER


def closes(window: Window | None) -> str:
    """That the window is open and until when, in words; for a phase that is in the window."""
    return f"the window is open until {moment(window.closes_at)}" if window else ""


def interval(window: Window) -> str:
    """From the opening to the close, as ISO 8601 writes an interval, UTC."""
    return "/".join(when.astimezone(UTC).isoformat() for when in (window.opens_at, window.closes_at))


def read_interval(written: str) -> tuple[datetime, datetime] | None:
    """Opening and close in what `interval` wrote; None where it is something else."""
    opens, _, closes = written.partition("/")
    try:
        read = datetime.fromisoformat(opens), datetime.fromisoformat(closes)
    except ValueError:
        return None
    return read if all(when.tzinfo for when in read) else None


def moment(when: datetime) -> str:
    """A moment as people read it: to the minute, UTC."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def meaning(phase: Phase | None, window: Window | None, users: int) -> str:
    """What is declared in this phase and why, in a sentence or two; it names moments of the window, never the time."""
    if phase is None or window is None:
        return f"No window is set: room for {counted(users, 'user')} at once; key rotation goes on and no node is held."
    event = f"{moment(window.start)} to {moment(window.start + window.duration)}"
    if phase is Phase.BEFORE:
        return (
            f"Before the window: the baseline is declared, without room for the event's {counted(users, 'user')}. "
            f"Preparation begins {moment(window.opens_at)}; run `up` again then (event: {event})."
        )
    if phase is Phase.AFTER:
        return (
            f"After the window, which closed {moment(window.closes_at)}: the baseline is declared; "
            "nodes with workspaces stay until they are empty. Key rotation goes on; the first `up` rotates LiteLLM's "
            "key once to check that, which restarts workspaces."
        )
    return (
        f"In the window ({phase}): room for {counted(users, 'user')}, nodes and LiteLLM's key are held, and what would "
        f"disturb them is refused until it closes {moment(window.closes_at)} (event: {event}); run `up` again then."
    )
