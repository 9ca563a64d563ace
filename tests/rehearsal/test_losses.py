"""How a node goes: by what AWS says on the queue, and where there is none, as Karpenter does once it has heard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.model.rehearsal.test_verdict import rehearsal
from workshop.rehearsal import losses
from workshop.rehearsal.losses import Queues, lose_a_node, retire_a_node, take_back_spot
from workshop.rehearsal.region import Person, Region
from workshop.sandbox.manifests.kinds import Kind
from workshop.sandbox.problem import SandboxProblem

Loss = Callable[[Region, Queues | None], Any]


class Cluster:
    """A node of nobody's, and one of Karpenter's with a workspace on it."""

    def __init__(self, capacity_type: str = "on-demand") -> None:
        self.claim: dict[str, Any] | None = {"metadata": {"name": "claim"}}
        self.deleted: list[str] = []
        labels = {"karpenter.sh/capacity-type": capacity_type}
        owner = {"kind": "NodeClaim", "name": "claim"}
        self._nodes: list[dict[str, Any]] = [
            {"metadata": {"name": "plain"}},
            {
                "metadata": {"name": "node", "labels": labels, "ownerReferences": [owner]},
                "spec": {"providerID": "aws:///us-east-2c/i-0abc"},
            },
        ]

    def get(self, kind: Kind, _namespace: str | None, name: str) -> dict[str, Any] | None:
        if kind.name == "NodeClaim":
            return self.claim
        return next((one for one in self._nodes if one["metadata"]["name"] == name), None)

    def list(self, _kind: Kind) -> list[dict[str, Any]]:
        return self._nodes

    def delete(self, kind: Kind, _namespace: str | None, name: str) -> None:
        self.deleted.append(f"{kind.name} {name}")


class Heard:
    """Queues on whose other end Karpenter is, or nobody."""

    account = "123456789012"

    def __init__(self, cluster: Cluster, *, is_heard: bool = True) -> None:
        self.said: list[tuple[str, Mapping[str, Any]]] = []
        self._cluster, self._is_heard = cluster, is_heard

    def send(self, region: str, notice: Mapping[str, Any]) -> None:
        self.said.append((region, notice))
        if self._is_heard:
            self._cluster.claim = None


def region(cluster: Cluster) -> Region:
    store: Any = cluster
    person = Person(number=1, click=0, begun=0, built=0, node="node", is_running=True)
    return Region(
        name="us-east-2", rehearsal=rehearsal(), store=store, namespace="coder-ws", provisioners=1, people=[person]
    )


@pytest.mark.parametrize(
    ("loss", "kind"),
    [
        (lose_a_node, "EC2 Instance State-change Notification"),
        (retire_a_node, "AWS Health Event"),
        (take_back_spot, "EC2 Spot Instance Interruption Warning"),
    ],
)
def test_where_there_is_a_queue_aws_says_it_there_and_nobody_deletes_anything(loss: Loss, kind: str) -> None:
    cluster = Cluster("spot")
    queues: Any = Heard(cluster)
    assert loss(region(cluster), queues) in (None, True)
    ((where, notice),) = queues.said
    assert (where, notice["detail-type"]) == ("us-east-2", kind)
    assert notice["resources"] == ["arn:aws:ec2:us-east-2:123456789012:instance/i-0abc"]
    assert cluster.deleted == []


@pytest.mark.parametrize(
    ("loss", "deleted"),
    [(lose_a_node, "Node node"), (retire_a_node, "NodeClaim claim"), (take_back_spot, "NodeClaim claim")],
)
def test_where_there_is_none_it_goes_as_karpenter_takes_it_away(loss: Loss, deleted: str) -> None:
    cluster = Cluster("spot")
    loss(region(cluster), None)
    assert cluster.deleted == [deleted]


def test_an_on_demand_instance_is_not_taken_back() -> None:
    cluster = Cluster("on-demand")
    queues: Any = Heard(cluster)
    assert not take_back_spot(region(cluster), queues)
    assert (cluster.deleted, queues.said) == ([], [])


def test_a_karpenter_that_does_not_listen_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "_GOING_SECONDS", 0)
    cluster = Cluster()
    queues: Any = Heard(cluster, is_heard=False)
    with pytest.raises(SandboxProblem, match="0 s after what AWS said of i-0abc Karpenter still has its node"):
        retire_a_node(region(cluster), queues)
