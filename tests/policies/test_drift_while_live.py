"""drift-while-live: nodes that run workspaces are not replaced by a change of their class or template."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.drift_while_live import DRIFT_WHILE_LIVE
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.declared import ebs, node_class, node_pool, one_of
from tests.policies.expecting import empty, exemption, in_phase, missing, refused, sandbox, unknown, wrong_type
from workshop.model.window.drift import class_fields, pool_fields
from workshop.model.window.phases import Phase

TEMPLATE = "spec.template.spec"


def nodes(*, is_in_use: bool = True) -> Resource:
    """The component, which reports that the live class and pool are as `declared` has them."""
    live = {
        "is_in_use": is_in_use,
        "node_class": class_fields(node_class().inputs["spec"]) if is_in_use else {},
        "node_pool": pool_fields(node_pool().inputs["spec"]) if is_in_use else {},
    }
    return Resource(type="workshop:components:WorkspaceNodes", name="us-east-2", inputs={"live": live})


def heard(declared: Resource, component: Resource | None = None) -> list[str]:
    """What is said of a class or pool below the component, which is declared first."""
    parent = component or nodes()
    return judge(DRIFT_WHILE_LIVE, parent, replace(declared, parent=parent))


def changes(*problems: str) -> list[str]:
    fix = "set it back, or stop the workspaces in its region first"
    return [refused(DRIFT_WHILE_LIVE, problem, fix) for problem in problems]


def test_pass_as_the_live_nodes_are() -> None:
    assert heard(node_class()) == []
    assert heard(node_pool()) == []


def test_pass_where_order_says_nothing() -> None:
    volumes = node_class().inputs["spec"]["blockDeviceMappings"]
    requirements = node_pool().inputs["spec"]["template"]["spec"]["requirements"]
    swapped = one_of("node.kubernetes.io/instance-type", "m6a.4xlarge", "c6a.4xlarge")

    assert heard(node_class(blockDeviceMappings=volumes[::-1])) == []
    assert heard(node_pool().with_input(f"{TEMPLATE}.requirements", requirements[::-1])) == []
    assert heard(node_pool().with_input(f"{TEMPLATE}.requirements.2", swapped)) == []


def test_pass_on_changes_that_replace_no_node() -> None:
    assert heard(node_pool(limits={"cpu": "160"}, weight=10, disruption={"budgets": [{"nodes": "0"}]})) == []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (node_class(kubelet={"maxPods": 12}), "kubelet.maxPods would change from 9 to 12"),
        (node_class(kubelet=None), "kubelet.maxPods would change from 9 to nothing"),
        (node_class(role="other"), "role would change from workshop-node to other"),
        (node_class(tags={"a": "b"}), "tags.a would change from nothing to b"),
        (
            node_class().with_input("spec.blockDeviceMappings.1.ebs", ebs("300Gi")),
            "volume /dev/xvdb would change from 224Gi to 300Gi",
        ),
        (
            node_class().with_input("spec.blockDeviceMappings.1.ebs.iops", 4000),
            "volume /dev/xvdb iops would change from nothing to 4000",
        ),
        (
            node_class().with_input("spec.blockDeviceMappings.1.rootVolume", True),
            "volume /dev/xvdb rootVolume would change from nothing to True",
        ),
        (
            node_class(amiSelectorTerms=[{"alias": "bottlerocket@v1.45.0"}]),
            "amiSelectorTerms would change from [{'alias': 'bottlerocket@v1.44.0'}] to "
            "[{'alias': 'bottlerocket@v1.45.0'}]",
        ),
    ],
)
def test_fail_on_another_class(changed: Resource, problem: str) -> None:
    assert heard(changed) == changes(problem)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (f"{TEMPLATE}.expireAfter", "720h", "expireAfter would change from Never to 720h"),
        (
            f"{TEMPLATE}.requirements.3.values",
            ["us-east-2a"],
            "topology.kubernetes.io/zone would change from ['us-east-2c'] to ['us-east-2a']",
        ),
        (f"{TEMPLATE}.nodeClassRef.name", "other", "nodeClassRef.name would change from workshop-workspaces to other"),
        ("spec.template.metadata", {"labels": {"a": "b"}}, "labels.a would change from nothing to b"),
        (
            f"{TEMPLATE}.requirements.1.operator",
            "NotIn",
            "kubernetes.io/arch would change from ['amd64'] to nothing",
        ),
    ],
)
def test_fail_on_another_template(path: str, value: object, problem: str) -> None:
    assert heard(node_pool().with_input(path, value))[0] == changes(problem)[0]


def test_fail_on_two_requirements_where_there_was_one() -> None:
    requirements = node_pool().inputs["spec"]["template"]["spec"]["requirements"]
    narrower = [*requirements, one_of("kubernetes.io/arch", "arm64")]

    assert heard(node_pool().with_input(f"{TEMPLATE}.requirements", narrower)) == changes(
        "kubernetes.io/arch would change from ['amd64'] to ['amd64', 'arm64']"
    )


def test_boundary_of_use() -> None:
    changed = node_class(role="other")

    assert heard(changed, nodes(is_in_use=False)) == []
    assert judge(DRIFT_WHILE_LIVE, changed) == []
    assert judge(DRIFT_WHILE_LIVE, replace(changed, parent=Resource(type="other:index:Component"))) == []
    assert judge(DRIFT_WHILE_LIVE, changed.with_input("metadata.name", "other"), stack=sandbox) == []


@pytest.mark.parametrize("ours", [node_class(), node_pool()])
def test_fail_where_nobody_tells_what_was_observed(ours: Resource) -> None:
    assert judge(DRIFT_WHILE_LIVE, ours, stack=sandbox) == [
        refused(
            DRIFT_WHILE_LIVE,
            "nothing reports whether workspaces run on 'workshop-workspaces'",
            "declare it by the component WorkspaceNodes",
        )
    ]
    patch = replace(ours, type=f"{ours.type}Patch")
    assert judge(DRIFT_WHILE_LIVE, patch, stack=sandbox) == []


def test_unknown_use_and_fields() -> None:
    assert heard(node_class(), nodes().with_input("live.is_in_use", UNKNOWN)) == [
        unknown(DRIFT_WHILE_LIVE, "live.is_in_use")
    ]
    assert heard(node_class(), nodes().with_input("live.node_class.role", UNKNOWN)) == [
        unknown(DRIFT_WHILE_LIVE, "live.node_class.role")
    ]
    assert heard(node_class(role=UNKNOWN)) == [unknown(DRIFT_WHILE_LIVE, "spec.role")]


def test_missing_observation_and_spec() -> None:
    assert heard(node_class(), nodes().without_input("live")) == [missing(DRIFT_WHILE_LIVE, "live")]
    assert heard(node_pool(), nodes().without_input("live.node_pool")) == [missing(DRIFT_WHILE_LIVE, "live.node_pool")]
    assert heard(node_class().without_input("spec")) == [missing(DRIFT_WHILE_LIVE, "spec")]


def test_wrong_type_of_use_and_spec() -> None:
    assert heard(node_class(), nodes().with_input("live.is_in_use", "no")) == [
        wrong_type(DRIFT_WHILE_LIVE, "live.is_in_use", "the text 'no'", "true or false")
    ]
    assert heard(node_pool().with_input("spec", "none")) == [
        wrong_type(DRIFT_WHILE_LIVE, "spec", "the text 'none'", "an object")
    ]
    assert "kubernetes.io/arch would change from ['amd64'] to nothing" in str(
        heard(node_pool().with_input("spec.template", []))
    )


def test_empty_observation_of_nodes_in_use() -> None:
    assert heard(node_class(), nodes().with_input("live.node_class", {})) == [
        empty(DRIFT_WHILE_LIVE, "live.node_class")
    ]


def test_pass_where_the_risk_is_taken_within_the_window() -> None:
    changed = replace(node_class(role="other"), parent=nodes())

    def heard_in(phase: Phase, *overrides: str) -> bool:
        return bool(judge(DRIFT_WHILE_LIVE, nodes(), changed, stack=lambda: in_phase(phase, overrides=overrides)))

    assert not heard_in(Phase.RUNNING, "node-replacement")
    assert heard_in(Phase.RUNNING, "image-change")
    assert heard_in(Phase.AFTER, "node-replacement")


def test_exempt() -> None:
    changed = replace(node_class(role="other"), parent=nodes())

    assert judge(DRIFT_WHILE_LIVE, nodes(), changed, exemptions=[exemption(DRIFT_WHILE_LIVE, changed)]) == []
