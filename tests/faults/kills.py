"""Ended at every moment: by SIGKILL, by Ctrl-C, by SIGTERM, by a second Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.faults.moments import Action
from tests.faults.processes import Conditions
from tests.faults.verdict import Ground, Phase, Verdict

KILLS: Mapping[str, tuple[Action, ...]] = {
    "SIGKILL": ("SIGKILL",),
    "SIGINT": ("SIGINT",),
    "SIGTERM": ("SIGTERM",),
    "second Ctrl-C": ("SIGINT", "SIGINT"),
}
"""By name: what happens at a moment, and at the one after it."""


def kill(ground: Ground, phase: Phase, name: str, number: int) -> Verdict:
    """Ends one run at one moment, numbered from 1."""
    moments = ground.moments(phase)
    ground.set(phase)
    actions: dict[int, Action] = {number + later: action for later, action in enumerate(KILLS[name])}
    ran = ground.sandbox.run(*phase.arguments, conditions=Conditions(moments=actions))
    at = f"{number}: {moments[number - 1]}"
    return ground.judge(phase, f"{name}, {phase.name}", at, ran, is_fatal=name == "SIGKILL")


def kills(ground: Ground, phase: Phase, name: str, every: int, offset: int = 0) -> Iterator[Verdict]:
    """One run for each moment, or for each of every so many."""
    for number in range(1 + offset, len(ground.moments(phase)) + 1, every):
        yield kill(ground, phase, name, number)
