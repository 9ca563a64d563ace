"""keeper-rights: whoever gets into pods is bound by admission, and whoever ends instances by their tags."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.keeper_rights import KEEPER_RIGHTS
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.event_parts import declared_by, part
from tests.policies.expecting import empty, exemption, missing, refused, unknown, wrong_type

RIGHTS, ADMISSION = declared_by("KeeperRights"), declared_by("EventAdmission")
EXEC, EXEC_BINDING = part("EventAdmission", "-event-exec"), part("EventAdmission", "-event-exec-binding")
ROLE = part("KeeperRights", "keeper-coder-ws-role")
BINDING = part("KeeperRights", "keeper-coder-ws-binding")
USER = "system:serviceaccount:ai-coder-workshop-event:ai-coder-workshop-keeper"
ELSEWHERE = Resource(type="pulumi:providers:kubernetes", inputs={"context": "coder-oregon"})


def found(user: str = USER, namespace: str = "coder-ws") -> str:
    return refused(
        KEEPER_RIGHTS,
        f"{user} gets into pods of {namespace}, and no admission policy on CONNECT to pods/exec binds it",
        "declare the component EventAdmission in this cluster, with this user",
    )


UNBOUND = [found(), found(namespace="coder-ws-demo")]


def test_pass_with_what_the_components_declare_and_with_roles_that_get_in_nowhere() -> None:
    assert judge(KEEPER_RIGHTS, *RIGHTS, *ADMISSION) == []
    assert judge(KEEPER_RIGHTS, *declared_by("DeadMan")) == []
    assert judge(KEEPER_RIGHTS, ROLE.without_input("rules")) == []


def test_fail_without_admission_or_with_that_of_another_cluster() -> None:
    assert judge(KEEPER_RIGHTS, *RIGHTS) == UNBOUND
    assert judge(KEEPER_RIGHTS, *RIGHTS, *(replace(one, provider=ELSEWHERE) for one in ADMISSION)) == UNBOUND


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.failurePolicy", "Ignore"),
        ("spec.matchConstraints.resourceRules.0.resources", ["pods"]),
        ("spec.matchConstraints.resourceRules.0.operations", ["CREATE"]),
        ("spec.matchConditions", []),
        ("spec.matchConditions.0.expression", "request.userInfo.username in ['another']"),
        ("spec.matchConditions.0.expression", f"request.userInfo.username == '{USER}'"),
    ],
)
def test_fail_on_a_policy_that_lets_its_requests_pass(path: str, value: object) -> None:
    assert judge(KEEPER_RIGHTS, *RIGHTS, EXEC.with_input(path, value), EXEC_BINDING) == UNBOUND


def test_fail_on_another_condition_beside_its_users() -> None:
    conditions = [*EXEC.inputs["spec"]["matchConditions"], {"name": "b", "expression": "false"}]
    changed = EXEC.with_input("spec.matchConditions", conditions)
    assert judge(KEEPER_RIGHTS, *RIGHTS, changed, EXEC_BINDING) == UNBOUND


def test_fail_on_a_binding_that_only_warns_or_is_not_there() -> None:
    warning = EXEC_BINDING.with_input("spec.validationActions", ["Warn"])
    assert judge(KEEPER_RIGHTS, *RIGHTS, EXEC, warning) == UNBOUND
    assert judge(KEEPER_RIGHTS, *RIGHTS, EXEC) == UNBOUND


def test_fail_in_every_namespace() -> None:
    everywhere = replace(ROLE, type="kubernetes:rbac.authorization.k8s.io/v1:ClusterRole")
    assert judge(KEEPER_RIGHTS, everywhere) == [
        refused(
            KEEPER_RIGHTS,
            "it gets into pods of every namespace",
            "give the right in the workspace namespaces, by a Role in each",
        )
    ]


@pytest.mark.parametrize("resource", ["pods/exec", "pods/attach", "pods/portforward", "pods/*", "*/exec", "*"])
def test_boundary_of_the_ways_in(resource: str) -> None:
    role = ROLE.with_input("rules.1.resources", [resource])
    assert judge(KEEPER_RIGHTS, role, BINDING) == [found()]
    assert judge(KEEPER_RIGHTS, ROLE.with_input("rules.1.resources", ["pods/log"]), BINDING) == []


@pytest.mark.parametrize(
    ("subject", "user"),
    [
        ({"kind": "User", "name": "ada"}, "ada"),
        ({"kind": "Group", "name": "helpers"}, "Group helpers"),
        ({"kind": "ServiceAccount", "name": "a", "namespace": "b"}, "system:serviceaccount:b:a"),
    ],
)
def test_fail_on_any_other_subject(subject: dict[str, str], user: str) -> None:
    another = BINDING.with_input("subjects", [subject])
    assert judge(KEEPER_RIGHTS, ROLE, another, *ADMISSION) == [found(user)]
    assert judge(KEEPER_RIGHTS, ROLE, BINDING.with_input("subjects", []), *ADMISSION) == []


ENDING = part("KeeperRole", "keeper-policy")


def ends(action: str = "ec2:TerminateInstances", **more: object) -> list[str]:
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:ec2:us-east-2:123456789012:instance/*"}
    return judge(KEEPER_RIGHTS, ENDING.with_input("policy", {"Statement": [{**statement, **more}]}))


@pytest.mark.parametrize("action", ["ec2:TerminateInstances", "ec2:StopInstances", "ec2:Terminate*", "ec2:*", "*"])
def test_fail_on_ending_instances_whatever_their_tags(action: str) -> None:
    told = refused(
        KEEPER_RIGHTS,
        f"policy.Statement[0] allows {action} on instances whatever their tags",
        "add a condition StringEquals on aws:ResourceTag/KEY",
        "instances of others in the account could be ended",
    )
    assert ends(action) == [told]
    assert ends(action, Condition={"StringEquals": {"aws:ResourceTag/karpenter.sh/nodepool": "a"}}) == []
    assert ends(action, Condition={"StringEqualsIfExists": {"aws:ResourceTag/a": "a"}}) == [told]
    assert ends(action, Condition={"StringEquals": {"aws:RequestedRegion": "us-east-2"}}) == [told]


def test_pass_on_the_keepers_own_and_on_what_ends_none() -> None:
    assert judge(KEEPER_RIGHTS, *declared_by("KeeperRole")) == []
    assert ends("ec2:DescribeInstances") == []
    assert ends("ec2:TerminateInstances", Effect="Deny") == []


def test_fail_on_a_roles_own_policies_too() -> None:
    statement = {"Effect": "Allow", "Action": "ec2:TerminateInstances", "Resource": "*"}
    role = Resource(type="aws:iam/role:Role", inputs={"inlinePolicies": [{"policy": {"Statement": [statement]}}]})
    assert len(judge(KEEPER_RIGHTS, role)) == 1


def test_unknown_documents() -> None:
    assert judge(KEEPER_RIGHTS, ENDING.with_input("policy", UNKNOWN)) == [unknown(KEEPER_RIGHTS, "policy")]


def test_unknown_users_of_a_policy_bind_nobody() -> None:
    changed = EXEC.with_input("spec.matchConditions.0.expression", UNKNOWN)
    path = "spec.matchConditions[0].expression"
    assert judge(KEEPER_RIGHTS, *RIGHTS, changed, EXEC_BINDING) == [unknown(KEEPER_RIGHTS, path)]


def test_missing_values() -> None:
    assert judge(KEEPER_RIGHTS, ROLE, BINDING.without_input("roleRef")) == [missing(KEEPER_RIGHTS, "roleRef")]
    assert judge(KEEPER_RIGHTS, ROLE, BINDING.without_input("subjects.0.kind")) == [
        missing(KEEPER_RIGHTS, "subjects[0].kind")
    ]


def test_wrong_type_of_a_value() -> None:
    wrong = ROLE.with_input("rules.1.resources", "pods/exec")
    assert judge(KEEPER_RIGHTS, wrong, BINDING) == [
        wrong_type(KEEPER_RIGHTS, "rules[1].resources", "the text 'pods/exec'", "a list")
    ]


def test_empty_values() -> None:
    nobody = BINDING.with_input("subjects.0.name", "")
    assert judge(KEEPER_RIGHTS, ROLE, nobody) == [empty(KEEPER_RIGHTS, "subjects[0].name")]


def test_exempt() -> None:
    assert judge(KEEPER_RIGHTS, ROLE, BINDING, exemptions=[exemption(KEEPER_RIGHTS, BINDING)]) == []
