"""What is said where provisioners are to follow the queue and can't: __snapshots__ is what a reviewer reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from syrupy.assertion import SnapshotAssertion

from tests.model.given import ABSENT, NO_ANSWER, found, judged, observe, regions, settings
from workshop.model.observations import Found, Observations, PatchTarget, RegionObservations
from workshop.model.plan.plan import make_plan
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import Phase

OLD = found(frozenset({"minReplicaCount", "fallback.replicas"}))
TARGET = PatchTarget(
    namespace="coder-ws",
    name="coder-provisioner",
    containers=("coder-provisioner",),
    images={},
    replicas=6,
)


def given(**autoscaling: object) -> Settings:
    return settings(autoscaling={"enabled": True, **autoscaling})


def observed(
    stack: Settings, in_region: str = "us-east-2", *, grace_seconds: int = 600, **answers: object
) -> Observations:
    """Another answer in one region; in the others all is as it should be."""

    def of_region(region: Region, here: RegionObservations) -> RegionObservations:
        if region.name != in_region:
            return here
        target = {"coder-ws/coder-provisioner": found(replace(TARGET, grace_seconds=grace_seconds))}
        return replace(here, **cast("dict[str, Any]", answers), deployments={**here.deployments, **target})

    return observe(stack, of_region)


def test_queue_scaling(snapshot: SnapshotAssertion) -> None:
    stack = given()
    assert {
        "as it should be": judged(stack, observed(stack)),
        "without KEDA": judged(stack, observed(stack, scaled_object_fields=ABSENT)),
        "no answer": judged(stack, observed(stack, scaled_object_fields=NO_ANSWER)),
        "an old KEDA": judged(stack, observed(stack, scaled_object_fields=OLD)),
        "a pod that is ended too fast": judged(stack, observed(stack, grace_seconds=599)),
        "a build that takes longer": judged(given(longest_build="11m"), observed(given(longest_build="11m"))),
        "without an image": judged(settings(rotation={}, autoscaling={"enabled": True}), observed(stack)),
    } == snapshot


def test_nobody_is_asked_where_nothing_follows_the_queue() -> None:
    assert judged(settings()) == []
    elsewhere = settings(autoscaling={"enabled": True}, regions=regions({2: {"hosts_provisioners": False}}))
    assert judged(elsewhere, observed(elsewhere, "eu-west-2", scaled_object_fields=ABSENT)) == []
    registry = settings(autoscaling={"enabled": True}, scope="registry")
    assert judged(registry, observe(registry)) == []


def test_what_the_queue_asked_for_is_no_reason_to_refuse_an_up_in_the_window() -> None:
    """More than the plan's run, fewer than the ceiling: nothing of `up` takes them away."""
    window = {"start": "2026-10-02T11:00+00:00", "duration": "4h"}
    stack = settings(window=window, autoscaling={"enabled": True})
    plan = make_plan(stack, phase=Phase.RUNNING)
    for replicas, refused in ((12, False), (20, False), (21, True)):
        busy = found(replace(TARGET, replicas=replicas, grace_seconds=600))

        def of_region(_: Region, here: RegionObservations, busy: Found[PatchTarget] = busy) -> RegionObservations:
            return replace(here, deployments={**here.deployments, "coder-ws/coder-provisioner": busy})

        said = [one for one in judged(stack, observe(stack, of_region), plan) if one.startswith("[scale-down]")]
        assert bool(said) is refused
    fixed = settings(window=window)
    busy = found(replace(TARGET, replicas=13))
    observations = observe(fixed, lambda _, here: replace(here, deployments={"coder-ws/coder-provisioner": busy}))
    assert any("13 replicas are deployed, 12 planned" in one for one in judged(fixed, observations, plan))
