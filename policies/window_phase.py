"""window-phase: the phase that a program declares is the one that the window and the policies' own clock give."""

from __future__ import annotations

from collections.abc import Iterator

from policies.framework.kinds import NODE_POOL
from policies.framework.policy import Context, Declared, Policy, Problem
from workshop.model import names
from workshop.model.settings.window import Window
from workshop.model.window.phases import Phase, interval, moment


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """What this project's node pool says of phase and window, against the stack's window and the clock.

    The clock is read when the pool is judged, later than the program read it: where a phase has ended in between, or
    the two clocks differ across such a moment, this refuses, and another run agrees with itself.
    """
    stack = context.stack
    if stack is None or declared.is_patch or declared.object_name != names.NODE_POOL:
        return
    window, phase = stack.settings.window, stack.plan.phase
    if window is None or phase is None:
        yield from without_window(declared)
        return
    declared_phase = declared.props.member("metadata", "annotations", names.PHASE_ANNOTATION).text()
    if declared_phase != phase:
        yield Problem(
            problem=f"the pool says that the phase is {declared_phase}, by this clock it is {phase} ({phases(window)})",
            fix="run it again; if it stays like this, set the clock right (date -u)",
        )
    declared_window = declared.props.member("metadata", "annotations", names.WINDOW_ANNOTATION).text()
    if declared_window != interval(window):
        yield Problem(
            problem=f"the pool says that the window is {declared_window}, it is {interval(window)}",
            fix="declare the window of the stack's own settings",
        )


def without_window(declared: Declared) -> Iterator[Problem]:
    """A phase that is declared although no window is set."""
    declared_phase = declared.props.optional("metadata", "annotations", names.PHASE_ANNOTATION)
    if declared_phase is not None:
        yield Problem(
            problem=f"the pool says that the phase is {declared_phase.text()}, and workshop:window is not set",
            fix="set workshop:window, or remove the annotation",
        )


def phases(window: Window) -> str:
    """When each phase begins, in words."""
    begins = {
        Phase.PREPARATION: window.opens_at,
        Phase.RUNNING: window.start,
        Phase.COOL_DOWN: window.start + window.duration,
        Phase.AFTER: window.closes_at,
    }
    return ", ".join(f"{phase} from {moment(when)}" for phase, when in begins.items())


WINDOW_PHASE = Policy(
    id="window-phase",
    title="What is declared is declared for the phase of the window that it is now.",
    why="the platform would be disturbed in the window, or left large after it",
    fix="Run it again on a machine whose clock is right.",
    source="docs/window.md: the phase travels in the node pool's annotations, the time never does",
    severity="critical",
    applies_to=NODE_POOL,
    judge=judge,
)
