"""Random and hostile resources never crash a policy, and never pass where the safe value is absent.

scripts/hostile-policies runs these with many cases.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.ami_pinned import AMI_PINNED
from policies.density import DENSITY
from policies.disruption_window import DISRUPTION_WINDOW
from policies.dns_records import DNS_RECORDS
from policies.ephemeral_device import EPHEMERAL_DEVICE
from policies.image_parity import IMAGE_PARITY
from policies.image_pinned import IMAGE_PINNED
from policies.node_class_volumes import NODE_CLASS_VOLUMES
from policies.node_requirements import NODE_REQUIREMENTS
from policies.pack import POLICIES
from policies.policy import Policy
from policies.registry_settings import REGISTRY_SETTINGS
from policies.release_safety import RELEASE_SAFETY
from policies.replica_floor import REPLICA_FLOOR
from policies.storage_headroom import STORAGE_HEADROOM
from policies.testing import UNKNOWN, Resource, judge
from policies.users_ceiling import USERS_CEILING
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
from tests.policies.expecting import sandbox

CASES = int(os.environ.get("HOSTILE_CASES", "100"))
many = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    derandomize=CASES == 100,
)

VOLUME = "spec.blockDeviceMappings.1.ebs"
REQUIREMENTS = "spec.template.spec.requirements"
SAFE: list[tuple[Policy, Resource, str]] = [
    *((STORAGE_HEADROOM, node_class(), path) for path in ("spec", f"{VOLUME}.volumeSize", "spec.kubelet.maxPods")),
    *((EPHEMERAL_DEVICE, node_class(), path) for path in ("spec.blockDeviceMappings", f"{VOLUME}.volumeSize")),
    *((DENSITY, node_class(), path) for path in ("spec", "spec.kubelet", "spec.kubelet.maxPods")),
    *((NODE_CLASS_VOLUMES, node_class(), f"{VOLUME}.{name}") for name in ("encrypted", "volumeType")),
    *((AMI_PINNED, node_class(), path) for path in ("spec.amiSelectorTerms", "spec.amiSelectorTerms.0.alias")),
    (IMAGE_PARITY, coder_component(), "digest"),
    (IMAGE_PARITY, coder_component(), "observed_digests"),
    (
        IMAGE_PINNED,
        Resource(type="kubernetes:apps/v1:Deployment", inputs=server().inputs),
        "spec.template.spec.containers.0.image",
    ),
    (REPLICA_FLOOR, Resource(type="kubernetes:apps/v1:Deployment", inputs=replicas(12).inputs), "spec.replicas"),
    *((NODE_REQUIREMENTS, node_pool(), path) for path in (REQUIREMENTS, f"{REQUIREMENTS}.0", f"{REQUIREMENTS}.2")),
    *(
        (NODE_REQUIREMENTS, node_pool(), f"spec.template.spec.nodeClassRef.{name}")
        for name in ("group", "kind", "name")
    ),
    (NODE_REQUIREMENTS, node_pool(), "spec.limits"),
    (USERS_CEILING, node_pool(), "spec.limits"),
    (DISRUPTION_WINDOW, node_pool(), "spec.template.spec.expireAfter"),
    (DISRUPTION_WINDOW, node_pool(), "spec.disruption.consolidationPolicy"),
    *((DNS_RECORDS, record(), name) for name in ("name", "type", "content", "ttl")),
    *((REGISTRY_SETTINGS, repository(), name) for name in ("imageTagMutability", "imageScanningConfiguration")),
    (REGISTRY_SETTINGS, replication(), "replicationConfiguration.rules.0.destinations"),
    *((RELEASE_SAFETY, server(), path) for path in ("metadata", "metadata.annotations")),
]
"""Policies, resources that they let pass, and values without which they must not."""

ABSENT = st.sampled_from([UNKNOWN, None, "", " ", [], {}, False, -1, 0, 0.5, "no", ["no"], {"no": "no"}])
TOKENS = [
    *{resource.type for _, resource, _ in SAFE},
    "kubernetes:karpenter.sh/v1:NodePoolPatch",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    "aws:iam/policy:Policy",
    "aws:iam/role:Role",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "kubernetes:core/v1:ConfigMap",
]
KEYS = st.sampled_from(
    sorted(
        {part for _, _, path in SAFE for part in path.split(".") if not part.isdecimal()}
        | {"policy", "Statement", "Effect", "Action", "Resource", "Principal", "Condition", "assumeRolePolicy", "rules"}
        | {"verbs", "resources", "roleRef", "containers", "image", "env", "value", "password", "labels", "repository"}
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


def wrecked(resource: Resource, path: str, value: object) -> Resource:
    """The resource with one value replaced, or left out where the value is None."""
    return resource.without_input(path) if value is None else resource.with_input(path, value)


@many
@given(case=st.sampled_from(SAFE), value=ABSENT)
def test_nothing_passes_where_the_safe_value_is_absent(case: tuple[Policy, Resource, str], value: object) -> None:
    policy, resource, path = case

    assert judge(policy, wrecked(resource, path, value)) != []


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
def test_no_policy_crashes_on_a_good_resource_with_one_strange_value(
    case: tuple[Policy, Resource, str], path: str, value: object
) -> None:
    _, resource, safe = case
    parent = safe.rpartition(".")[0]
    strange = [wrecked(resource, safe, value), resource.with_input(path, value)]
    if parent and not parent.rpartition(".")[2].isdecimal() and not safe.rpartition(".")[2].isdecimal():
        strange.append(resource.with_input(f"{parent}.{path}", value))
    for policy in POLICIES:
        for one in strange:
            for message in judge(policy, one, stack=sandbox):
                assert "the policy itself failed" not in message
