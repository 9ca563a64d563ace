"""least-privilege in Kubernetes: bindings, roles and who gets into a cluster."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.least_privilege import LEAST_PRIVILEGE
from policies.pack.testing import Resource, judge
from tests.policies.declared import cluster_role
from tests.policies.expecting import refused


def found(problem: str, fix: str) -> str:
    return refused(LEAST_PRIVILEGE, problem, fix)


def test_fail_on_cluster_admin_and_rules_for_everything() -> None:
    binding = Resource(
        type="kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
        inputs={"roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}},
    )

    assert judge(LEAST_PRIVILEGE, binding) == [
        found("roleRef.name is cluster-admin", "bind a role with the rights that are used")
    ]
    assert judge(LEAST_PRIVILEGE, replace(binding, type=binding.type.replace("Cluster", ""))) == [
        found("roleRef.name is cluster-admin", "bind a role with the rights that are used")
    ]
    everything = found("rules[0].resources is '*'", "list the resources that are used")
    assert judge(LEAST_PRIVILEGE, cluster_role(resources=["*/*"], verbs=["get"])) == [everything]
    assert judge(LEAST_PRIVILEGE, cluster_role(resources=["*"], verbs=["*", "bind"])) == [
        found("rules[0].verbs is '*'", "list the verbs that are used"),
        found("rules[0].resources is '*'", "list the resources that are used"),
        found("rules[0].verbs has 'bind'", "remove bind"),
    ]


@pytest.mark.parametrize("verb", ["bind", "escalate", "impersonate"])
@pytest.mark.parametrize("kind", ["Role", "ClusterRole"])
def test_fail_on_verbs_that_give_more_rights(kind: str, verb: str) -> None:
    rules = cluster_role(resources=["roles"], verbs=["get", verb]).inputs
    role = Resource(type=f"kubernetes:rbac.authorization.k8s.io/v1:{kind}", inputs=rules)

    assert judge(LEAST_PRIVILEGE, role) == [found(f"rules[0].verbs has '{verb}'", f"remove {verb}")]


@pytest.mark.parametrize(
    "name",
    [
        "system:anonymous",
        "system:authenticated",
        "system:masters",
        "system:serviceaccounts",
        "system:unauthenticated",
    ],
)
def test_fail_on_rights_for_everybody(name: str) -> None:
    binding = Resource(
        type="kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
        inputs={"roleRef": {"name": "view"}, "subjects": [{"kind": "User", "name": "me"}, {"name": name}]},
    )
    entry = Resource(type="aws:eks/accessEntry:AccessEntry", inputs={"kubernetesGroups": ["viewers", name]})
    native = replace(entry, type="aws-native:eks:AccessEntry")

    own = "name a group, user or service account of its own"
    assert judge(LEAST_PRIVILEGE, binding) == [found(f"subjects[1].name is {name}", own)]
    assert judge(LEAST_PRIVILEGE, entry, native) == [found(f"kubernetesGroups[1] is {name}", own)] * 2
    assert judge(LEAST_PRIVILEGE, entry.without_input("kubernetesGroups")) == []


def test_boundary_of_an_aggregated_role() -> None:
    aggregated = Resource(
        type="kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
        inputs={"aggregationRule": {"clusterRoleSelectors": [{}]}},
    )

    assert judge(LEAST_PRIVILEGE, aggregated) == []
    with_rules = replace(aggregated, inputs={**aggregated.inputs, **cluster_role(verbs=["*"]).inputs})
    assert judge(LEAST_PRIVILEGE, with_rules) == [found("rules[0].verbs is '*'", "list the verbs that are used")]
