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


ANY_IMAGE = "runs any image as any ServiceAccount"


@pytest.mark.parametrize(
    ("resource", "verbs", "meaning"),
    [
        ("secrets", ["get", "list", "watch"], "reads every Secret"),
        ("pods", ["create"], ANY_IMAGE),
        ("replicationcontrollers", ["patch"], ANY_IMAGE),
        ("podtemplates", ["update"], ANY_IMAGE),
        ("deployments", ["create", "update"], ANY_IMAGE),
        ("daemonsets", ["create"], ANY_IMAGE),
        ("replicasets", ["patch"], ANY_IMAGE),
        ("statefulsets", ["update"], ANY_IMAGE),
        ("cronjobs", ["patch"], ANY_IMAGE),
        ("pods/exec", ["create"], "gets into running pods"),
        ("pods/exec", ["get"], "gets into running pods"),
        ("pods/attach", ["create"], "gets into running pods"),
        ("pods/ephemeralcontainers", ["patch"], "gets into running pods"),
        ("pods/portforward", ["create"], "gets into running pods"),
        ("*/exec", ["create"], "gets into running pods"),
        ("nodes/proxy", ["get"], "runs commands in every pod of a node"),
        ("serviceaccounts/token", ["create"], "issues tokens of any ServiceAccount"),
        ("*/token", ["create"], "issues tokens of any ServiceAccount"),
        ("certificatesigningrequests/approval", ["update"], "issues certificates of any user"),
        ("mutatingwebhookconfigurations", ["create"], "reads and changes every object"),
        ("validatingwebhookconfigurations", ["patch"], "reads and changes every object"),
    ],
)
@pytest.mark.parametrize("kind", ["Role", "ClusterRole"])
def test_fail_on_rights_that_are_more_than_they_seem(kind: str, resource: str, verbs: list[str], meaning: str) -> None:
    """Named objects bound them, but for nodes/proxy."""

    def role(**rule: object) -> Resource:
        token = f"kubernetes:rbac.authorization.k8s.io/v1:{kind}"
        return Resource(type=token, inputs=cluster_role(resources=[resource], verbs=verbs, **rule).inputs)

    is_bounded = resource != "nodes/proxy"
    problem = found(
        f"rules[0] allows {', '.join(verbs)} on {resource}, which {meaning}",
        f"remove {resource}" + (", or name objects in resourceNames" if is_bounded else ""),
    )
    assert judge(LEAST_PRIVILEGE, role()) == [problem]
    assert judge(LEAST_PRIVILEGE, role(apiGroups=["*"])) == [problem]
    assert judge(LEAST_PRIVILEGE, role(apiGroups=["example.com"])) == []
    assert judge(LEAST_PRIVILEGE, role(resourceNames=[])) == [problem]
    assert judge(LEAST_PRIVILEGE, role(resourceNames=["one"])) == ([] if is_bounded else [problem])
    assert judge(LEAST_PRIVILEGE, role(resourceNames=[""])) != []


@pytest.mark.parametrize(
    ("group", "resource", "verb"),
    [
        ("apps", "deployments", "create"),
        ("batch", "jobs", "create"),
        ("certificates.k8s.io", "certificatesigningrequests/approval", "update"),
        ("admissionregistration.k8s.io", "validatingwebhookconfigurations", "create"),
    ],
)
def test_fail_in_the_group_that_has_it(group: str, resource: str, verb: str) -> None:
    assert len(judge(LEAST_PRIVILEGE, cluster_role(apiGroups=[group], resources=[resource], verbs=[verb]))) == 1
    assert judge(LEAST_PRIVILEGE, cluster_role(apiGroups=["other"], resources=[resource], verbs=[verb])) == []


def test_fail_on_every_part_of_pods() -> None:
    gets_in = "rules[0] allows create on pods/*, which gets into running pods"
    assert judge(LEAST_PRIVILEGE, cluster_role(apiGroups=[""], resources=["pods/*"], verbs=["create"])) == [
        found(gets_in, "remove pods/*, or name objects in resourceNames")
    ]


def test_fail_on_every_verb_once() -> None:
    every = cluster_role(apiGroups=[""], resources=["pods/exec"], verbs=["*"])
    assert judge(LEAST_PRIVILEGE, every) == [found("rules[0].verbs is '*'", "list the verbs that are used")]


def test_pass_on_reading_and_on_what_admission_bounds() -> None:
    reading = cluster_role(apiGroups=["", "apps", "batch"], resources=["pods", "jobs", "deployments"], verbs=["get"])
    assert judge(LEAST_PRIVILEGE, reading) == []
    creating = cluster_role(apiGroups=["batch"], resources=["jobs"], verbs=["create"])
    named = creating.with_input("metadata", {"name": "ai-coder-workshop-rotation-check"})
    assert judge(LEAST_PRIVILEGE, named) == []
    assert len(judge(LEAST_PRIVILEGE, named, config={"workloadCreators": []})) == 1
    secrets = cluster_role(apiGroups=[""], resources=["secrets"], verbs=["get"])
    assert len(judge(LEAST_PRIVILEGE, secrets.with_input("metadata", named.inputs["metadata"]))) == 1


def test_pass_on_getting_into_pods_where_admission_bounds_it() -> None:
    entering = cluster_role(apiGroups=[""], resources=["pods/exec"], verbs=["create", "get"])
    named = entering.with_input("metadata", {"name": "ai-coder-workshop-keeper"})
    assert judge(LEAST_PRIVILEGE, named) == []
    assert len(judge(LEAST_PRIVILEGE, named, config={"podEntrants": []})) == 1
    creating = named.with_input("rules.0.resources", ["pods"])
    assert len(judge(LEAST_PRIVILEGE, creating)) == 1


@pytest.mark.parametrize("verb", ["approve", "sign"])
def test_fail_on_signing_certificates(verb: str) -> None:
    assert judge(LEAST_PRIVILEGE, cluster_role(resources=["signers"], verbs=[verb])) == [
        found(f"rules[0].verbs has '{verb}'", f"remove {verb}")
    ]


@pytest.mark.parametrize("url", ["*", "/*"])
def test_fail_on_every_url(url: str) -> None:
    assert judge(LEAST_PRIVILEGE, cluster_role(nonResourceURLs=["/healthz", url], verbs=["get"])) == [
        found("rules[0].nonResourceURLs is '*'", "list the URLs that are used")
    ]
    assert judge(LEAST_PRIVILEGE, cluster_role(nonResourceURLs=["/healthz"], verbs=["get"])) == []


@pytest.mark.parametrize("name", ["admin", "edit"])
def test_fail_on_admin_and_edit_for_many(name: str) -> None:
    group = "system:serviceaccounts:coder-ws"
    binding = Resource(
        type="kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
        inputs={"roleRef": {"name": name}, "subjects": [{"kind": "Group", "name": group}]},
    )
    of_group = found(f"subjects[0].name is {group}, which gets {name}", "name the one ServiceAccount that uses it")

    assert judge(LEAST_PRIVILEGE, binding) == [of_group]
    assert judge(LEAST_PRIVILEGE, replace(binding, type=binding.type.replace("Role", "ClusterRole"))) == [
        found(f"roleRef.name is {name}, in every namespace", "bind it by a RoleBinding"),
        of_group,
    ]
    one = binding.with_input("subjects.0", {"kind": "ServiceAccount", "name": "a", "namespace": "b"})
    assert judge(LEAST_PRIVILEGE, one, binding.with_input("roleRef.name", "view")) == []
