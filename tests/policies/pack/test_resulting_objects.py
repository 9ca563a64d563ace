"""A patch of something that the stack declares is judged as the object that results; so is what a container holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.density import DENSITY
from policies.disruption_window import DISRUPTION_WINDOW
from policies.drift_while_live import DRIFT_WHILE_LIVE
from policies.ephemeral_device import EPHEMERAL_DEVICE
from policies.framework.policy import Policy
from policies.image_parity import IMAGE_PARITY
from policies.node_class_selection import NODE_CLASS_SELECTION
from policies.node_requirements import NODE_REQUIREMENTS
from policies.pack.testing import Resource, judge
from policies.release_safety import RELEASE_SAFETY
from policies.replica_floor import REPLICA_FLOOR
from policies.spend_ceiling import SPEND_CEILING
from policies.storage_headroom import STORAGE_HEADROOM
from policies.user_data import USER_DATA
from tests.policies.declared import FORCED, IMAGE, node_class, node_pool, patch_of, replicas
from tests.policies.expecting import in_phase, sandbox
from workshop.model.window.drift import class_fields, pool_fields
from workshop.model.window.phases import Phase

OHIO = Resource(type="pulumi:providers:kubernetes", name="ohio", inputs={"context": "coder-ohio"})
OREGON = Resource(type="pulumi:providers:kubernetes", name="oregon", inputs={"context": "coder-oregon"})
POOL, CLASS = replace(node_pool(), provider=OHIO), replace(node_class(), provider=OHIO)
HELD = {"nodes": "0", "schedule": "0 17 30 11 *", "duration": "30h"}
IN_WINDOW = POOL.with_input("spec.disruption.budgets", [{"nodes": "10%"}, HELD])


def patch(whole: Resource, **spec: object) -> Resource:
    return replace(patch_of(whole, **spec), name="patch", provider=whole.provider)


@pytest.mark.parametrize(
    ("policy", "whole", "change", "problem"),
    [
        (NODE_REQUIREMENTS, POOL, {"limits": {"cpu": "16"}}, "spec.limits.cpu is 16, the plan for us-east-2 needs 80"),
        (
            NODE_REQUIREMENTS,
            POOL,
            {"template": {"spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}}},
            "spec.template.spec.taints[0] is a=:NoSchedule, which workspaces do not tolerate",
        ),
        (NODE_REQUIREMENTS, POOL, {"replicas": 1}, "spec.limits has 'cpu', a static pool takes nodes only"),
        (USER_DATA, CLASS, {"userData": "settings.kubernetes.max-pods = 110"}, "spec.userData sets max-pods"),
        (NODE_CLASS_SELECTION, CLASS, {"instanceProfile": "a"}, "spec has both role and instanceProfile"),
        (STORAGE_HEADROOM, CLASS, {"kubelet": {"maxPods": 110}}, "spec.blockDeviceMappings[1] (/dev/xvdb) gives 200"),
        (DENSITY, CLASS, {"kubelet": {"maxPods": 110}}, "spec.kubelet.maxPods leaves room for 104"),
        (EPHEMERAL_DEVICE, CLASS, {"blockDeviceMappings": []}, "Bottlerocket's kubelet uses /dev/xvdb, for which"),
    ],
)
def test_gate_2_patches_undo_nothing(policy: Policy, whole: Resource, change: dict[str, object], problem: str) -> None:
    classes = (CLASS,) if whole is POOL else ()
    assert judge(policy, *classes, whole, stack=sandbox) == []
    found = judge(policy, *classes, whole, patch(whole, **change), stack=sandbox)
    assert any(one.startswith(problem) for one in found)
    before = judge(policy, *classes, patch(whole, **change), whole, stack=sandbox)
    assert any(one.startswith(problem) for one in before), "the patch is declared before the object"


def test_gate_2_budgets_inside_the_window() -> None:
    def said(*resources: Resource) -> list[str]:
        return judge(DISRUPTION_WINDOW, *resources, stack=lambda: in_phase(Phase.RUNNING))

    assert said(IN_WINDOW) == []
    assert said(IN_WINDOW, patch(IN_WINDOW, weight=1)) == []
    (found,) = said(IN_WINDOW, patch(IN_WINDOW, disruption={"budgets": [{"nodes": "100%"}]}))
    assert found.startswith("no budget holds the pool from ")


def test_gate_2_fields_that_would_replace_live_nodes() -> None:
    live = {
        "is_in_use": True,
        "node_class": class_fields(CLASS.inputs["spec"]),
        "node_pool": pool_fields(POOL.inputs["spec"]),
    }
    nodes = Resource(type="workshop:components:WorkspaceNodes", name="us-east-2", inputs={"live": live})
    whole = replace(CLASS, parent=nodes)
    assert judge(DRIFT_WHILE_LIVE, nodes, whole) == []
    assert len(judge(DRIFT_WHILE_LIVE, nodes, whole, patch(whole, role="another"))) == 1
    assert judge(DRIFT_WHILE_LIVE, nodes, whole, patch(whole, tags=None)) == []


def test_gate_2_patches_that_leave_the_object_good_pass() -> None:
    kept = patch(CLASS, kubelet={"maxPods": 9}, tags={"a": "b"})
    for policy in (STORAGE_HEADROOM, DENSITY, EPHEMERAL_DEVICE):
        assert judge(policy, CLASS, kept, stack=sandbox) == []


def test_gate_2_patches_of_our_nodes_in_a_stack_that_does_not_declare_them() -> None:
    forced = patch(POOL, limits={"cpu": "16"}).with_input("metadata.annotations", FORCED)
    assert judge(RELEASE_SAFETY, POOL, forced, stack=sandbox) == []
    (found,) = judge(RELEASE_SAFETY, forced, stack=sandbox)
    assert found.startswith("'workshop-workspaces' is patched, and this stack does not declare it")
    assert judge(RELEASE_SAFETY, forced) == []
    other = forced.with_input("metadata.name", "coder-ws-all")
    assert judge(RELEASE_SAFETY, other, stack=sandbox) == []


def test_gate_3_a_patch_in_another_cluster_is_of_another_object() -> None:
    elsewhere = replace(patch(POOL, limits={"cpu": "16"}), provider=OREGON)
    assert judge(NODE_REQUIREMENTS, CLASS, POOL, elsewhere, stack=sandbox) == []
    unknown = replace(patch(POOL, limits={"cpu": "16"}), provider=None)
    assert len(judge(NODE_REQUIREMENTS, CLASS, POOL, unknown, stack=sandbox)) == 1


def test_several_patches_are_judged_together_with_the_totals() -> None:
    ceiling = lambda: sandbox(20, ("workshop:spend_ceiling_usd", "500"))  # noqa: E731
    dear, cheap = patch(POOL, limits={"cpu": "8000"}), replace(patch(POOL, weight=1), name="other")
    assert judge(SPEND_CEILING, POOL, stack=ceiling) == []
    second = replace(POOL, name="second").with_input("metadata.name", "second")
    assert len(judge(SPEND_CEILING, POOL, second, dear, cheap, stack=ceiling)) == 3


def test_gate_10_what_a_group_contains_is_judged() -> None:
    few = dict(replicas(1).inputs)
    group = Resource(type="kubernetes:yaml/v2:ConfigGroup", name="group", inputs={"objs": [few]})
    (found,) = judge(REPLICA_FLOOR, group)
    assert found.startswith("spec.replicas of coder-ws/coder-provisioner is 1, must be 6 or more")
    coder = Resource(
        type="kubernetes:helm.sh/v3:Release",
        name="coder",
        inputs={
            "chart": "coder",
            "namespace": "coder",
            "values": {"coder": {"replicaCount": 1, "image": {"repo": IMAGE.partition("@")[0], "tag": "v2.25.1"}}},
        },
    )
    assert judge(REPLICA_FLOOR, coder)[0].startswith("spec.replicas of coder/coder is 1, must be 2")
    assert judge(IMAGE_PARITY, coder)[0].endswith("index at its source")
