"""window-phase: the phase that a program declares is the one that the window and the policies' own clock give."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.pack.testing import UNKNOWN, Resource, judge
from policies.window_phase import WINDOW_PHASE
from tests.policies.declared import node_class, node_pool
from tests.policies.expecting import empty, exemption, in_phase, missing, refused, sandbox, unknown, wrong_type
from workshop.model.names import PHASE_ANNOTATION, WINDOW_ANNOTATION
from workshop.model.window.phases import Phase, interval

ANNOTATIONS = "metadata.annotations"
INTERVAL = "2026-11-30T17:00:00+00:00/2026-12-01T23:00:00+00:00"
BEGINS = (
    "preparation from 2026-11-30 17:00 UTC, running from 2026-12-01 17:00 UTC, cool-down from 2026-12-01 21:00 UTC, "
    "after from 2026-12-01 23:00 UTC"
)


def pool(phase: object = "running", window: object = INTERVAL) -> Resource:
    """Our node pool, saying this of itself."""
    return node_pool().with_input(ANNOTATIONS, {PHASE_ANNOTATION: phase, WINDOW_ANNOTATION: window})


def heard(declared: Resource, phase: Phase = Phase.RUNNING) -> list[str]:
    return judge(WINDOW_PHASE, declared, stack=lambda: in_phase(phase))


def mismatch(declared_phase: str, phase: str) -> str:
    return refused(
        WINDOW_PHASE,
        f"the pool says that the phase is {declared_phase}, by this clock it is {phase} ({BEGINS})",
        "run it again; if it stays like this, set the clock right (date -u)",
    )


@pytest.mark.parametrize("phase", Phase)
def test_pass_in_the_same_phase(phase: Phase) -> None:
    window = in_phase(phase).settings.window
    assert window is not None
    assert interval(window) == INTERVAL
    assert heard(pool(phase.value), phase) == []


def test_pass_on_what_is_not_ours() -> None:
    assert judge(WINDOW_PHASE, node_pool()) == []
    assert heard(node_pool().with_input("metadata.name", "other")) == []
    assert heard(replace(node_pool(), type="kubernetes:karpenter.sh/v1:NodePoolPatch")) == []
    assert heard(node_class()) == []


def test_pass_without_a_window() -> None:
    assert judge(WINDOW_PHASE, node_pool(), stack=sandbox) == []


@pytest.mark.parametrize(
    ("declared_phase", "phase"),
    [(declared_phase, phase) for declared_phase in Phase for phase in Phase if declared_phase is not phase],
)
def test_fail_in_any_other_phase(declared_phase: Phase, phase: Phase) -> None:
    assert heard(pool(declared_phase.value), phase) == [mismatch(declared_phase, phase)]


def test_fail_on_a_phase_that_there_is_not() -> None:
    assert heard(pool("lunch")) == [mismatch("lunch", "running")]


def test_fail_on_a_phase_without_a_window() -> None:
    assert judge(WINDOW_PHASE, pool(), stack=sandbox) == [
        refused(
            WINDOW_PHASE,
            "the pool says that the phase is running, and workshop:window is not set",
            "set workshop:window, or remove the annotation",
        )
    ]


def test_boundary_of_the_window_itself() -> None:
    other = INTERVAL.replace("23:00", "23:01")
    assert heard(pool(window=other)) == [
        refused(
            WINDOW_PHASE,
            f"the pool says that the window is {other}, it is {INTERVAL}",
            "declare the window of the stack's own settings",
        )
    ]


def test_unknown_phase() -> None:
    path = f"{ANNOTATIONS}.{PHASE_ANNOTATION}"
    assert heard(pool(UNKNOWN)) == [unknown(WINDOW_PHASE, path)]
    assert judge(WINDOW_PHASE, pool(UNKNOWN), stack=sandbox) == [unknown(WINDOW_PHASE, path)]


def test_missing_phase_and_window() -> None:
    assert heard(node_pool()) == [missing(WINDOW_PHASE, ANNOTATIONS)]
    assert heard(pool(phase=None)) == [missing(WINDOW_PHASE, f"{ANNOTATIONS}.{PHASE_ANNOTATION}")]
    assert heard(pool(window=None)) == [missing(WINDOW_PHASE, f"{ANNOTATIONS}.{WINDOW_ANNOTATION}")]


def test_wrong_type_of_phase() -> None:
    assert heard(pool(3)) == [wrong_type(WINDOW_PHASE, f"{ANNOTATIONS}.{PHASE_ANNOTATION}", "the number 3", "text")]


def test_empty_phase() -> None:
    assert heard(pool("")) == [empty(WINDOW_PHASE, f"{ANNOTATIONS}.{PHASE_ANNOTATION}")]


def test_exempt() -> None:
    late = pool("before")

    assert (
        judge(WINDOW_PHASE, late, stack=lambda: in_phase(Phase.RUNNING), exemptions=[exemption(WINDOW_PHASE, late)])
        == []
    )
