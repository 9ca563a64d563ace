"""Random and hostile resources never crash a policy, and never pass where the safe value is absent.

scripts/hostile-policies runs these with many cases.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.ami_pinned import AMI_PINNED
from policies.density import DENSITY
from policies.disruption_window import DISRUPTION_WINDOW
from policies.dns_records import DNS_RECORDS
from policies.door_rights import DOOR_RIGHTS
from policies.drift_while_live import DRIFT_WHILE_LIVE
from policies.ephemeral_device import EPHEMERAL_DEVICE
from policies.framework.policy import Policy, StackConfig
from policies.image_parity import IMAGE_PARITY
from policies.image_pinned import IMAGE_PINNED
from policies.least_privilege import LEAST_PRIVILEGE
from policies.node_class_selection import NODE_CLASS_SELECTION
from policies.node_class_volumes import NODE_CLASS_VOLUMES
from policies.node_requirements import NODE_REQUIREMENTS
from policies.pack.catalog import POLICIES
from policies.pack.crossguard import ReadStack
from policies.pack.testing import UNKNOWN, Resource, judge
from policies.queue_scaling import QUEUE_SCALING
from policies.registry_rights import REGISTRY_RIGHTS
from policies.registry_settings import REGISTRY_SETTINGS
from policies.release_safety import RELEASE_SAFETY
from policies.replica_bounds import REPLICA_BOUNDS
from policies.replica_floor import REPLICA_FLOOR
from policies.rotation_held import ROTATION_HELD
from policies.saved_work import SAVED_WORK
from policies.spend_ceiling import SPEND_CEILING
from policies.storage_headroom import STORAGE_HEADROOM
from policies.users_ceiling import USERS_CEILING
from policies.window_phase import WINDOW_PHASE
from tests.policies.declared import (
    coder_component,
    node_class,
    node_pool,
    record,
    replicas,
    replication,
    repository,
    server,
)
from tests.policies.event_parts import part
from tests.policies.expecting import in_phase, sandbox
from tests.policies.test_queue_scaling import BEHAVIOR
from tests.policies.test_queue_scaling import scaled as queue
from workshop.model.names import PHASE_ANNOTATION, WINDOW_ANNOTATION
from workshop.model.window.drift import class_fields, pool_fields
from workshop.model.window.phases import Phase

CASES = int(os.environ.get("HOSTILE_CASES", "100"))
many = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    derandomize=CASES == 100,
)


@dataclass(frozen=True)
class Case:
    """A policy, a resource that it lets pass, and a value without which it must not; of its parent, if it says so."""

    policy: Policy
    resource: Resource
    path: str
    stack: ReadStack = lambda: None
    is_in_parent: bool = False

    def found(self, value: object) -> set[str]:
        """What the policy says of the resource only with that value in place of the safe one."""
        parent = self.resource.parent
        if self.is_in_parent and parent is not None:
            changed = replace(self.resource, parent=wrecked(parent, self.path, value))
        else:
            changed = wrecked(self.resource, self.path, value)
        return self._said(changed) - self._said(self.resource)

    def _said(self, resource: Resource) -> set[str]:
        above = [resource.parent] if resource.parent else []
        return set(judge(self.policy, *above, resource, stack=self.stack))


def wrecked(resource: Resource, path: str, value: object) -> Resource:
    """The resource with one value replaced, or left out where the value is None."""
    return resource.without_input(path) if value is None else resource.with_input(path, value)


def running() -> StackConfig:
    """The sandbox while its window is open."""
    return in_phase(Phase.RUNNING)


def cases(policy: Policy, resource: Resource, *paths: str, stack: ReadStack = lambda: None) -> list[Case]:
    """A case for each value."""
    return [Case(policy, resource, path, stack) for path in paths]


VOLUME = "spec.blockDeviceMappings.1.ebs"
REQUIREMENTS = "spec.template.spec.requirements"
CONTAINER = "spec.template.spec.containers.0"
LIVE = {
    "is_in_use": True,
    "node_class": class_fields(node_class().inputs["spec"]),
    "node_pool": pool_fields(node_pool().inputs["spec"]),
}
NODES = Resource(type="workshop:components:WorkspaceNodes", name="us-east-2", inputs={"live": LIVE})
PHASED = node_pool().with_input(
    "metadata.annotations",
    {PHASE_ANNOTATION: "running", WINDOW_ANNOTATION: "2026-11-30T17:00:00+00:00/2026-12-01T23:00:00+00:00"},
)
SUSPENDED = Resource(
    type="kubernetes:batch/v1:CronJobPatch",
    inputs={"metadata": {"name": "rotate-key", "namespace": "coder-ws"}, "spec": {"suspend": True}},
    provider=Resource(type="pulumi:providers:kubernetes", inputs={"context": "coder-ohio"}),
)
PUSH = {"Effect": "Allow", "Action": "ecr:PutImage", "Resource": "arn:aws:ecr:us-east-2:123456789012:repository/a"}
RIGHTS = Resource(type="aws:iam/policy:Policy", inputs={"policy": {"Statement": [PUSH]}})
HPA = Resource(
    type="kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    inputs={
        "metadata": {"name": "a", "namespace": "coder-ws"},
        "spec": {"scaleTargetRef": {"name": "coder-provisioner"}, "minReplicas": 12, "maxReplicas": 20},
    },
)
DEPLOYMENT = "kubernetes:apps/v1:Deployment"

SAFE: list[Case] = [
    *cases(STORAGE_HEADROOM, node_class(), "spec", f"{VOLUME}.volumeSize", "spec.kubelet.maxPods"),
    *cases(EPHEMERAL_DEVICE, node_class(), "spec.blockDeviceMappings", f"{VOLUME}.volumeSize"),
    *cases(DENSITY, node_class(), "spec", "spec.kubelet", "spec.kubelet.maxPods"),
    *cases(NODE_CLASS_VOLUMES, node_class(), f"{VOLUME}.encrypted", f"{VOLUME}.volumeType"),
    *cases(NODE_CLASS_SELECTION, node_class(), "spec.subnetSelectorTerms", "spec.securityGroupSelectorTerms"),
    *cases(AMI_PINNED, node_class(), "spec.amiSelectorTerms", "spec.amiSelectorTerms.0.alias"),
    *cases(IMAGE_PARITY, coder_component(), "digest", "observed_digests"),
    *cases(IMAGE_PINNED, Resource(type=DEPLOYMENT, inputs=server().inputs), f"{CONTAINER}.image"),
    *cases(REPLICA_FLOOR, Resource(type=DEPLOYMENT, inputs=replicas(12).inputs), "spec.replicas"),
    *cases(NODE_REQUIREMENTS, node_pool(), REQUIREMENTS, f"{REQUIREMENTS}.0", f"{REQUIREMENTS}.2", "spec.limits"),
    *cases(
        NODE_REQUIREMENTS, node_pool(), *(f"spec.template.spec.nodeClassRef.{n}" for n in ("group", "kind", "name"))
    ),
    *cases(USERS_CEILING, node_pool(), "spec.limits"),
    *cases(
        SPEND_CEILING, node_pool(), "spec.limits", stack=lambda: sandbox(20, ("workshop:spend_ceiling_usd", "9999"))
    ),
    *cases(DISRUPTION_WINDOW, node_pool(), "spec.template.spec.expireAfter", "spec.disruption.consolidationPolicy"),
    *cases(WINDOW_PHASE, PHASED, "metadata.annotations", stack=running),
    *cases(ROTATION_HELD, SUSPENDED, "spec.suspend", stack=running),
    *cases(DRIFT_WHILE_LIVE, replace(node_class(), parent=NODES), "spec", "spec.amiSelectorTerms", "spec.role"),
    *cases(DRIFT_WHILE_LIVE, replace(node_pool(), parent=NODES), "spec", REQUIREMENTS),
    Case(DRIFT_WHILE_LIVE, replace(node_pool(), parent=NODES), "live", is_in_parent=True),
    *cases(DNS_RECORDS, record(), "name", "type", "content", "ttl"),
    *cases(REGISTRY_SETTINGS, repository(), "imageTagMutability", "imageScanningConfiguration"),
    *cases(REGISTRY_SETTINGS, replication(), "replicationConfiguration.rules.0.destinations"),
    *cases(RELEASE_SAFETY, server(), "metadata", "metadata.annotations"),
    *cases(REPLICA_BOUNDS, HPA, "spec", "spec.scaleTargetRef", "spec.minReplicas", "spec.maxReplicas"),
    *cases(DOOR_RIGHTS, part("Door", "us-east-2-door"), "spec.template.spec.automountServiceAccountToken"),
    *cases(QUEUE_SCALING, queue(), BEHAVIOR, "spec.triggers"),
    *cases(SAVED_WORK, part("SavedWork", "-private"), "blockPublicAcls", "restrictPublicBuckets"),
    *cases(SAVED_WORK, part("SavedWork", "-expiry"), "rules", "rules.0.expiration.days"),
    *cases(SAVED_WORK, part("SavedWork", "-policy"), "bucket", "policy"),
    *cases(REGISTRY_RIGHTS, RIGHTS, "policy", "policy.Statement", "policy.Statement.0.Effect"),
    *cases(LEAST_PRIVILEGE, RIGHTS, "policy", "policy.Statement", "policy.Statement.0.Effect"),
]
WITHOUT = {
    "credentials-in-clear": "refuses what is there, not what is absent",
    "judged-kinds": "refuses kinds, whatever their values",
    "zone-spread": "advice",
    "workspace-bounds": "judges resources together, in an event's window",
    "keeper-rights": "judges resources together: without rights nobody gets in",
    "expected-resources": "judges resources that are absent, not their values",
    "spend-estimate": "advice",
    "user-data": "nodes without any are safe",
    "instance-metadata": "Karpenter's own defaults are safe",
}
"""Policies for which no value is safe, and why."""

ABSENT = st.sampled_from([UNKNOWN, None, "", " ", [], {}, False, -1, 0, 0.5, "no", ["no"], {"no": "no"}])
TOKENS = [
    *{case.resource.type for case in SAFE},
    "kubernetes:karpenter.sh/v1:NodePoolPatch",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    "aws:iam/policy:Policy",
    "aws:iam/role:Role",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:v1:List",
    "kubernetes:yaml/v2:ConfigGroup",
    "kubernetes:helm.sh/v3:Release",
    "kubernetes:argoproj.io/v1alpha1:Application",
    "kubernetes:keda.sh/v1alpha1:ScaledObject",
    "kubernetes:core/v1:ResourceQuota",
    "kubernetes:policy/v1:PodDisruptionBudget",
    "aws:ec2/launchTemplate:LaunchTemplate",
]
KEYS = st.sampled_from(
    sorted(
        {part for case in SAFE for part in case.path.split(".") if not part.isdecimal()}
        | {"policy", "Statement", "Effect", "Action", "Resource", "Principal", "Condition", "assumeRolePolicy", "rules"}
        | {"verbs", "resources", "roleRef", "containers", "image", "env", "value", "password", "labels", "repository"}
        | {"items", "objs", "yaml", "chart", "coder", "source", "sources", "helm", "hard", "minAvailable", "taints"}
        | {"resourceNames", "apiGroups", "subjects", "minValues", "replicas", "kubeReserved", "evictionHard", "name"}
        | {"key", "operator", "values", "budgets", "nodes", "schedule", "iops", "throughput", "volumeSize", "selection"}
    )
)
LEAVES = st.one_of(
    ABSENT,
    st.text(max_size=8),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["In", "Gt", "*", "Allow", "50Gi", "Bottlerocket", "{}", "[]", "1", "a" * 5000, "‮", "\0"]),
)
TREES = st.recursive(
    LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=4), max_leaves=20
)


def test_every_policy_has_a_value_without_which_nothing_passes() -> None:
    assert {case.policy.id for case in SAFE} | set(WITHOUT) == {policy.id for policy in POLICIES}, (
        "add the policy to SAFE, with a resource that it lets pass and the value that makes it safe, or to WITHOUT"
    )


@many
@given(case=st.sampled_from(SAFE), value=ABSENT)
def test_nothing_passes_where_the_safe_value_is_absent(case: Case, value: object) -> None:
    assert case.found(value)


@many
@given(
    resources=st.lists(
        st.builds(
            Resource,
            type=st.sampled_from(TOKENS),
            name=st.sampled_from(["a", "b"]),
            inputs=st.dictionaries(KEYS, TREES, max_size=5),
            protect=st.booleans(),
        ),
        max_size=3,
    ),
    has_settings=st.booleans(),
)
def test_no_policy_crashes_on_anything(resources: list[Resource], has_settings: bool) -> None:
    for policy in POLICIES:
        for message in judge(policy, *resources, stack=sandbox if has_settings else lambda: None):
            assert "the policy itself failed" not in message


@many
@given(case=st.sampled_from(SAFE), path=KEYS, value=TREES)
def test_no_policy_crashes_on_a_good_resource_with_one_strange_value(case: Case, path: str, value: object) -> None:
    resource, safe = case.resource, "metadata" if case.is_in_parent else case.path
    parent = safe.rpartition(".")[0]
    strange = [wrecked(resource, safe, value), resource.with_input(path, value)]
    if parent and not parent.rpartition(".")[2].isdecimal() and not safe.rpartition(".")[2].isdecimal():
        strange.append(resource.with_input(f"{parent}.{path}", value))
    for policy in POLICIES:
        for one in strange:
            for message in judge(policy, one, stack=sandbox):
                assert "the policy itself failed" not in message
