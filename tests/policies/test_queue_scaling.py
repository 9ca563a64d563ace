"""queue-scaling: provisioners that follow the queue are not taken from under builds, and have one master."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from policies.pack.testing import UNKNOWN, Resource, judge
from policies.queue_scaling import QUEUE_SCALING
from tests.components.declared import children_of, declared
from tests.components.examples import EXAMPLES
from tests.policies.declared import replicas
from tests.policies.expecting import empty, exemption, missing, refused, sandbox, unknown, with_queue, wrong_type
from workshop.model.window.phases import Phase

(OURS,) = (child for one in EXAMPLES if one.id == "QueueScaling" for child in children_of(declared(one)))
WINDOW = "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds"
BEHAVIOR = "spec.fallback.behavior"


def scaled(**changes: object) -> Resource:
    """The component's ScaledObject, with other values by path; None takes one out."""
    made = Resource(type=OURS.type, name="scaled", inputs=OURS.inputs)
    for path, value in changes.items():
        made = made.without_input(path) if value is None else made.with_input(path, value)
    return made


def changed(path: str, value: object) -> Resource:
    return scaled(**{path: value})


def of_window(found: int, needed: int = 600) -> str:
    return refused(
        QUEUE_SCALING,
        f"{WINDOW} is {found}, must be {needed} or more",
        f"set {WINDOW} to {needed}",
        "provisioners would be taken away between two waves of people",
    )


def test_pass_as_the_component_declares_it() -> None:
    assert judge(QUEUE_SCALING, scaled()) == []
    assert judge(QUEUE_SCALING, scaled(), stack=lambda: with_queue(Phase.RUNNING)) == []


def test_fail_on_a_fallback_that_takes_provisioners_away() -> None:
    for value, found in (
        ("static", "static"),
        ("currentReplicasIfLower", "currentReplicasIfLower"),
        (None, "static by default"),
    ):
        assert judge(QUEUE_SCALING, changed(BEHAVIOR, value)) == [
            refused(
                QUEUE_SCALING,
                f"{BEHAVIOR} is {found}, must be currentReplicasIfHigher",
                f"set {BEHAVIOR} to currentReplicasIfHigher",
                "without an answer about the queue provisioners would be taken away while people build",
            )
        ]


def test_fail_on_what_a_destroy_would_undo() -> None:
    path = "spec.advanced.restoreToOriginalReplicaCount"
    assert judge(QUEUE_SCALING, changed(path, None)) == []
    (said,) = judge(QUEUE_SCALING, changed(path, True))
    assert said.startswith(f"{path} is true; whoever deletes it gives provisioners the number that they had before it")


def trigger(**changes: object) -> Resource:
    first, second = OURS.inputs["spec"]["triggers"]
    return changed("spec.triggers", [first, second | changes])


@pytest.mark.parametrize("kind", ["cpu", "memory"])
def test_fail_on_load_for_a_queue(kind: str) -> None:
    (said,) = judge(QUEUE_SCALING, trigger(type=kind))
    assert said.startswith(f"spec.triggers[1] scales by {kind}; a build waits for others")


def test_fail_on_a_second_holder_of_a_token() -> None:
    (said,) = judge(QUEUE_SCALING, trigger(authenticationRef={"name": "coder-token"}))
    assert said.startswith("spec.triggers[1].authenticationRef gives KEDA a credential; only the exporter")


def test_fail_on_two_masters_of_one_number() -> None:
    """The same Deployment in another cluster, and another Deployment in the same, are not meant."""
    here, there = (Resource(type="pulumi:providers:kubernetes", inputs={"context": name}) for name in ("a", "b"))
    ours = replace(scaled(), provider=here)
    both = replace(replicas(12), provider=here)
    assert judge(QUEUE_SCALING, ours, both) == [
        refused(
            QUEUE_SCALING,
            "coder-ws/coder-provisioner is scaled, and its number of pods is declared too",
            "declare spec.replicas of coder-ws/coder-provisioner no longer",
            "each `up` would take away what the queue asks for",
        )
    ]
    other = replicas(12, "coder-ws-demo", "coder-provisioner")
    assert judge(QUEUE_SCALING, ours, replace(both, provider=there), replace(other, provider=here)) == []


def test_boundary_of_the_time_for_a_build() -> None:
    assert judge(QUEUE_SCALING, changed(WINDOW, 600)) == []
    assert judge(QUEUE_SCALING, changed(WINDOW, 599)) == [of_window(599)]


def test_boundary_of_a_longer_build() -> None:
    long = ("workshop:autoscaling", '{"enabled": true, "longest_build": "25m"}')
    assert judge(QUEUE_SCALING, changed(WINDOW, 1500), stack=lambda: sandbox(20, long)) == []
    assert judge(QUEUE_SCALING, changed(WINDOW, 1499), stack=lambda: sandbox(20, long)) == [of_window(1499, 1500)]


def test_boundary_what_has_no_floor_is_not_judged() -> None:
    other = changed("spec.scaleTargetRef.name", "web")
    assert judge(QUEUE_SCALING, other.without_input(BEHAVIOR), replicas(1, "coder-ws", "web")) == []


def test_unknown_behavior() -> None:
    assert judge(QUEUE_SCALING, changed(BEHAVIOR, UNKNOWN)) == [unknown(QUEUE_SCALING, BEHAVIOR)]


@pytest.mark.parametrize("path", [WINDOW, "spec.fallback", "spec.triggers", "spec.scaleTargetRef.name"])
def test_missing(path: str) -> None:
    assert missing(QUEUE_SCALING, path) in judge(QUEUE_SCALING, changed(path, None))


def test_wrong_type() -> None:
    wrong: dict[str, tuple[Any, str, str]] = {
        WINDOW: ("600", "the text '600'", "a number"),
        BEHAVIOR: (1, "the number 1", "text"),
        "spec.triggers": ({}, "an object", "a list"),
    }
    for path, (value, found, wanted) in wrong.items():
        assert wrong_type(QUEUE_SCALING, path, found, wanted) in judge(QUEUE_SCALING, changed(path, value))


def test_empty() -> None:
    assert judge(QUEUE_SCALING, changed("spec.triggers", [])) == [
        refused(QUEUE_SCALING, "spec.triggers is empty", "give it a value")
    ]
    assert judge(QUEUE_SCALING, changed(BEHAVIOR, "")) == [empty(QUEUE_SCALING, BEHAVIOR)]


def test_exempt() -> None:
    broken = changed(BEHAVIOR, "static")
    assert judge(QUEUE_SCALING, broken, exemptions=[exemption(QUEUE_SCALING, broken)]) == []
