"""One region while it is played: who comes when, and what its cluster says of pods that wait."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from tests.model.rehearsal.test_verdict import SETTINGS, rehearsal
from workshop.model.names import NODE_POOL
from workshop.model.plan.plan import plan_of_event
from workshop.model.rehearsal.verdict import judge
from workshop.rehearsal.region import Region, region_of
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.manifests.kinds import Kind
from workshop.sandbox.manifests.merging import Manifest

OHIO = "us-east-2"
KARPENTER = 'all available instance types exceed limits for nodepool (NodePool="workshop-workspaces")'
SCHEDULER = "0/5 nodes are available: 2 Insufficient cpu"


class Cluster:
    """Holds what it is given, by kind."""

    def __init__(self, ready: int = 12) -> None:
        self.ready = ready
        self.objects: dict[str, list[Manifest]] = {}

    def get(self, _kind: Kind, _namespace: str, _name: str) -> Manifest:
        return {"status": {"readyReplicas": self.ready}}

    def list(self, kind: Kind, _namespace: str | None = None) -> list[Manifest]:
        return self.objects.get(kind.name, [])


def region(cluster: Cluster | None = None, **changes: Any) -> Region:  # noqa: ANN401 - of any field
    return region_of(replace(rehearsal(), **changes), OHIO, cast("ApiServerStore", cluster or Cluster()))


def pod(number: int, name: str = "", node: str = "") -> Manifest:
    labels = {"com.coder.workspace.id": f"rehearsed-{OHIO}-{number}"}
    waits = {"type": "PodScheduled", "status": "False", "message": SCHEDULER}
    status = {"phase": "Running"} if node else {"phase": "Pending", "conditions": [waits]}
    spec = {"nodeName": node} if node else {}
    return {"metadata": {"name": name or f"pod-{number}", "labels": labels}, "spec": spec, "status": status}


def event(name: str, component: str, message: str, reason: str = "FailedScheduling") -> Manifest:
    return {
        "involvedObject": {"kind": "Pod", "name": name},
        "source": {"component": component},
        "reason": reason,
        "message": message,
    }


def test_the_same_seed_gives_the_same_arrivals_builds_and_verdict() -> None:
    first, again, other = region(seed=5), region(seed=5), region(seed=6)
    assert first.people == again.people
    assert first.people != other.people
    assert judge(first.rehearsal, {OHIO: first.seen()}) == judge(again.rehearsal, {OHIO: again.seen()})


def test_builds_wait_for_provisioners_that_stand_ready() -> None:
    assert all(person.begun == person.click for person in region().people)
    begun = sorted(person.begun - person.click for person in region(Cluster(ready=8)).people)
    assert begun[:8] == [0.0] * 8
    assert begun[8] > 0
    assert region(Cluster(ready=0)).people == []


@pytest.mark.parametrize(("annotations", "bind"), [({"kubelet.sandbox/boot": "2.5"}, 25), ({}, 1.5)])
def test_who_needs_a_node_waits_for_as_long_as_that_one_boots(annotations: dict[str, str], bind: float) -> None:
    """Played ten times as fast; 15 s for the agent are played too, and what is left is the cluster's own."""
    cluster = Cluster()
    played = region(cluster, speed=10)
    played.people[0].created = 0
    labels = {"karpenter.sh/nodepool": NODE_POOL}
    cluster.objects["Node"] = [{"metadata": {"name": "a", "labels": labels, "annotations": annotations}}]
    played.look(0)
    cluster.objects["Pod"] = [pod(1, node="a")]
    played.look(3)
    (start,) = played.seen().starts
    assert start.bind == pytest.approx(bind)


def test_where_provisioners_follow_the_queue_more_come() -> None:
    settings = SETTINGS.model_copy(update={"autoscaling": SETTINGS.autoscaling.model_copy(update={"enabled": True})})
    changes = {"settings": settings, "plan": plan_of_event(settings)}
    alone, followed = region(Cluster(ready=2)), region(Cluster(ready=2), **changes)
    assert followed.scaler is not None
    assert (followed.scaler.floor, followed.scaler.ceiling) == (2, 20)
    assert max(one.begun for one in followed.people) < max(one.begun for one in alone.people)


def test_why_pods_wait_is_said_by_karpenter_where_it_says_something() -> None:
    cluster = Cluster()
    cluster.objects = {
        "Pod": [pod(1), pod(2), pod(3), pod(4, node="n")],
        "Node": [{"metadata": {"name": "n", "labels": {"karpenter.sh/nodepool": "workshop-workspaces"}}}],
        "Event": [
            event("pod-1", "default-scheduler", SCHEDULER),
            event("pod-1", "karpenter", KARPENTER),
            event("pod-2", "karpenter", KARPENTER),
            event("pod-3", "karpenter", "Pod should schedule on: nodeclaim/x", "Nominated"),
            event("pod-4", "karpenter", KARPENTER),  # before it ran
        ],
    }
    seen = region(cluster)
    seen.look(now=3.0)
    assert seen.seen().pending == {f"Karpenter: {KARPENTER}": 2, SCHEDULER: 1}
    assert not seen.is_refused()
    cluster.objects["Event"].append(event("pod-3", "karpenter", KARPENTER))
    assert seen.is_refused()


@pytest.mark.parametrize("only", [None, OHIO])
def test_one_region_alone_is_played(only: str | None) -> None:
    played = replace(rehearsal(), only=only)
    assert played.regions == (("us-east-2",) if only else ("us-east-2", "us-west-2", "eu-west-2"))
    assert played.users == (10 if only else 20)


def test_cold_nodes_are_not_made_ready() -> None:
    assert rehearsal().is_warm(OHIO)
    assert not replace(rehearsal(), is_cold=True).is_warm(OHIO)
