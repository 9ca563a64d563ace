"""Ended at every moment: by SIGKILL, by Ctrl-C, by SIGTERM, by a second Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

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

_ASKING_EVERY = 10
_NOTED = 2
"""Moments in which the result of a step is noted: torn, and written."""


def kill(ground: Ground, phase: Phase, name: str, number: int) -> Verdict:
    """Ends one run at one moment, numbered from 1."""
    moments = ground.moments(phase)
    ground.set(phase)
    actions: dict[int, Action] = {number + later: action for later, action in enumerate(KILLS[name])}
    ran = ground.sandbox.run(*phase.arguments, conditions=Conditions(moments=actions))
    at = f"{number}: {moments[number - 1]}"
    return ground.judge(phase, f"{name}, {phase.name}", at, ran, is_fatal=name == "SIGKILL")


def at_every_step(moments: Sequence[str]) -> list[int]:
    """Numbers of two moments of each step, and of all at the end, where the state is written.

    One is when the provider is done and nothing says so yet; the other is a different one from step to step.
    """
    done = [number for number, name in enumerate(moments, 1) if name.endswith(", done")]
    ends = [0, *(number + _NOTED for number in done)]
    others = [first + 1 + turn % (last - first) for turn, (first, last) in enumerate(pairwise(ends))]
    return sorted({*done, *others, *range(ends[-1] + 1, len(moments) + 1)})


def kills(ground: Ground, phase: Phase, name: str, every: int = 1, offset: int = 0) -> Iterator[Verdict]:
    """One run for each moment at which this happens, or for each of every so many.

    SIGKILL comes at every step. Signals that only ask come at a tenth of all moments: each step is finished in the same
    way.
    """
    moments = ground.moments(phase)
    numbers = at_every_step(moments) if name == "SIGKILL" else range(1, len(moments) + 1, _ASKING_EVERY)
    for number in numbers[offset::every]:
        yield kill(ground, phase, name, number)
