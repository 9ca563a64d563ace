"""What makes Karpenter replace nodes, and what of it policies are told."""

from __future__ import annotations

import pytest

from tests.model.given import ABSENT, NO_ANSWER, found, in_region, observe, settings
from workshop.model.names import MARK, NODE_POOL
from workshop.model.observations import ExistingObject
from workshop.model.window.drift import LiveNodes, class_fields, differences, live_nodes, pool_fields

CLASS = {
    "amiFamily": "Bottlerocket",
    "blockDeviceMappings": [{"deviceName": "/dev/xvdb", "ebs": {"volumeSize": "224Gi", "encrypted": True}}],
    "kubelet": {"maxPods": 9, "kubeReserved": {"cpu": "1"}},
    "userData": None,
}
POOL = {
    "limits": {"cpu": "80"},
    "weight": 100,
    "template": {
        "metadata": {"labels": {"dedicated": "coder-ws"}},
        "spec": {
            "expireAfter": "Never",
            "requirements": [
                {"key": "kubernetes.io/arch", "operator": "In", "values": ["b", "a"]},
                {"key": "kubernetes.io/os", "operator": "Exists"},
            ],
        },
    },
}


def nodes(**answers: object) -> LiveNodes:
    """What is told of a region where three workspaces run on live nodes, but for these answers."""
    given = {
        "node_class": found(ExistingObject(is_ours=True, spec=CLASS, owner=MARK)),
        "node_pool": found(ExistingObject(is_ours=True, spec=POOL, owner=MARK)),
        "running_workspaces": found({NODE_POOL: 3}),
        **answers,
    }
    return live_nodes(observe(settings(), in_region("us-east-2", **given)).regions["us-east-2"])


def test_fields_of_a_class_are_told_by_path_and_device() -> None:
    assert class_fields(CLASS) == {
        "amiFamily": "Bottlerocket",
        "kubelet.maxPods": 9,
        "kubelet.kubeReserved.cpu": "1",
        "volume /dev/xvdb": "224Gi",
        "volume /dev/xvdb encrypted": True,
    }


def test_fields_of_a_pool_are_those_of_its_template() -> None:
    assert pool_fields(POOL) == {
        "labels.dedicated": "coder-ws",
        "expireAfter": "Never",
        "kubernetes.io/arch": ["a", "b"],
        "kubernetes.io/os Exists": [],
    }


@pytest.mark.parametrize("spec", [{}, {"template": None}, {"template": {"spec": {"requirements": "none"}}}])
def test_what_is_no_template_has_no_fields(spec: dict[str, object]) -> None:
    assert pool_fields(spec) == {}


def test_differences_are_told_both_ways_and_in_order() -> None:
    assert list(differences({"b": 9, "c": "x", "same": 1}, {"a": 9.0, "b": 10.0, "same": 1.0})) == [
        "a would change from nothing to 9",
        "b would change from 9 to 10",
        "c would change from x to nothing",
    ]


def test_nodes_in_use_are_told_as_they_are() -> None:
    told = nodes()

    assert told == LiveNodes(is_in_use=True, node_class=class_fields(CLASS), node_pool=pool_fields(POOL))
    assert nodes(running_workspaces=NO_ANSWER) == told
    assert nodes(running_workspaces=found({NODE_POOL: 1})) == told


@pytest.mark.parametrize("running", [ABSENT, found({NODE_POOL: 0}), found({"coder-ws-all": 5})])
def test_nothing_is_told_while_nothing_runs(running: object) -> None:
    assert nodes(running_workspaces=running) == LiveNodes(is_in_use=False, node_class={}, node_pool={})


def test_nodes_that_were_never_declared_are_in_no_use() -> None:
    assert nodes(node_class=ABSENT, node_pool=ABSENT, running_workspaces=NO_ANSWER) == LiveNodes()


def test_half_of_them_is_told_as_half() -> None:
    assert nodes(node_class=NO_ANSWER) == LiveNodes(is_in_use=True, node_pool=pool_fields(POOL))
    assert nodes(node_pool=ABSENT) == LiveNodes(is_in_use=True, node_class=class_fields(CLASS))
