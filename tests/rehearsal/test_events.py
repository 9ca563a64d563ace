"""What a region's events say: how long pulls took, what AWS refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.model.rehearsal.test_verdict import rehearsal
from workshop.rehearsal.region import Region, pull_seconds
from workshop.sandbox.manifests.kinds import Kind


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ('Successfully pulled image "a" in 6.144s (28s including waiting). Image size: 3221225472 bytes.', {"one": 28}),
        ('Successfully pulled image "a" in 7ms (350ms including waiting). Image size: 5 bytes.', {"one": 0.35}),
        ('Successfully pulled image "a" in 2m3s (2m3.5s including waiting). Image size: 5 bytes.', {"one": 123.5}),
        ('Container image "a" already present on machine', {}),
    ],
    ids=["seconds", "milliseconds", "minutes", "present"],
)
def test_the_kubelet_s_events_say_how_long_a_pull_took(said: str, seconds: dict[str, float]) -> None:
    pulled = {"reason": "Pulled", "message": said, "involvedObject": {"name": "one"}}
    other = {"reason": "Started", "message": said, "involvedObject": {"name": "two"}}
    assert pull_seconds([pulled, other]) == seconds


class Cluster:
    """Events."""

    def __init__(self) -> None:
        self._found: dict[str, list[dict[str, Any]]] = {
            "Event": [
                {"reason": "InsufficientCapacityError", "message": f"NodeClaim {one}: insufficient capacity, Vcpu: 48"}
                for one in ("a", "b")
            ]
            + [{"reason": "Launched", "message": "insufficient capacity, no"}],
        }

    def get(self, _kind: Kind, _namespace: str, _name: str) -> None:
        return None

    def list(self, kind: Kind, _namespace: str | None = None) -> list[dict[str, Any]]:
        return self._found.get(kind.name, [])


def region(cluster: Cluster) -> Region:
    store: Any = cluster
    return Region(name="us-east-2", rehearsal=rehearsal(), store=store, namespace="coder-ws", provisioners=1, people=[])


def test_what_aws_refused_is_said_once() -> None:
    assert region(Cluster()).seen().notes == ("AWS refused a node: Vcpu: 48",)
