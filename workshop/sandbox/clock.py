"""The time that the sandbox's Coder goes by, and EC2 where its nodes are concerned: the wall clock's, unless it is set.

A whole event can be played in minutes by whoever sets it, and goes by it too.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from workshop.sandbox.files import write_private
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.problem import SandboxProblem


class _Clock(BaseModel):
    """It showed one time when it was really another, and runs so many times as fast."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shown: AwareDatetime
    really: AwareDatetime
    speed: float


def clock_file(paths: SandboxPaths) -> Path:
    """Where the clock is kept once it was set."""
    return paths.folder / "clock.json"


def sandbox_now(paths: SandboxPaths) -> datetime:
    """The sandbox's time. Raises SandboxProblem where the clock can't be read."""
    now = datetime.now(UTC)
    try:
        clock = _Clock.model_validate_json(clock_file(paths).read_bytes())
    except FileNotFoundError:
        return now
    except ValidationError as error:
        raise SandboxProblem(
            f"{clock_file(paths)} can't be read: {error}: delete it for the wall clock's time"
        ) from None
    return clock.shown + (now - clock.really) * clock.speed


def set_clock(paths: SandboxPaths, shown: datetime, speed: float = 1.0) -> None:
    """From now on it shows this, and runs so many times as fast as the wall clock. It must not go back."""
    clock = _Clock(shown=shown, really=datetime.now(UTC), speed=speed)
    write_private(clock_file(paths), clock.model_dump_json(indent=1) + "\n")
