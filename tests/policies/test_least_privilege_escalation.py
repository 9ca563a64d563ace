"""Rights that lead to more rights, and other accounts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.least_privilege import LEAST_PRIVILEGE
from policies.pack.testing import Resource, judge
from tests.policies.expecting import sandbox
from tests.policies.test_least_privilege import PUSH, found, policy, trusting


def test_fail_on_a_role_s_own_policies() -> None:
    inputs = {
        **trusting("system:serviceaccount:a:b").inputs,
        "managedPolicyArns": ["arn:aws:iam::aws:policy/PowerUserAccess"],
        "inlinePolicies": [{"policy": policy({**PUSH, "Action": "ecr:*"}).inputs["policy"]}],
    }

    assert judge(LEAST_PRIVILEGE, Resource(type="aws:iam/role:Role", inputs=inputs)) == [
        found("managedPolicyArns[0] is PowerUserAccess", "attach a policy with the rights that are used"),
        found("inlinePolicies[0].policy.Statement[0].Action is 'ecr:*'", "list the actions that are used"),
    ]


@pytest.mark.parametrize(
    "action",
    [
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:*RolePolicy",
        "iam:Put*",
        "IAM:putuserpolicy",
        "iam:AttachUserPolicy",
        "iam:CreateRole",
    ],
)
def test_fail_on_giving_rights_without_a_boundary(action: str) -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:iam::123456789012:role/workshop-*"}
    bounded = {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/boundary"}}
    why = "whoever holds it can give itself any right"

    problem = found(
        f"policy.Statement[0] allows {action} without a permissions boundary",
        "add a condition StringEquals on iam:PermissionsBoundary",
        why,
    )
    wildcard = action in ("iam:Put*", "iam:*RolePolicy")
    assert (problem in judge(LEAST_PRIVILEGE, policy(statement))) is not wildcard
    assert (judge(LEAST_PRIVILEGE, policy({**statement, "Condition": bounded})) == []) is not wildcard
    assert judge(LEAST_PRIVILEGE, policy({**statement, "Condition": {"StringEqualsIfExists": {}}})) != []


@pytest.mark.parametrize(
    ("action", "covered"),
    [
        ("iam:CreateAccessKey", None),
        ("iam:CreatePolicyVersion", None),
        ("iam:AddUserToGroup", None),
        ("iam:AttachGroupPolicy", None),
        ("iam:PutGroupPolicy", None),
        ("iam:PutUserPermissionsBoundary", None),
        ("iam:UpdateAssumeRolePolicy", None),
        ("iam:SetDefaultPolicyVersion", None),
        ("iam:Create*", "iam:CreateAccessKey"),
        ("iam:*Role*", "iam:DeleteRolePermissionsBoundary"),
        ("iam:?pdateLoginProfile", "iam:UpdateLoginProfile"),
    ],
)
def test_fail_on_ways_to_more_rights(action: str, covered: str | None) -> None:
    statement = {"Effect": "Allow", "Action": [action], "Resource": "arn:aws:iam::123456789012:role/workshop"}
    problem = f"policy.Statement[0] allows {action}" + (f", which is {covered}" if covered else "")

    assert judge(LEAST_PRIVILEGE, policy(statement)) == [
        found(problem, f"remove {action}", "whoever holds it can give itself any right")
    ]


def test_fail_on_passing_a_role_to_any_service() -> None:
    passing = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/node"}
    assert judge(LEAST_PRIVILEGE, policy(passing)) == [
        found(
            "policy.Statement[0] allows iam:PassRole to any service",
            "add a condition StringEquals on iam:PassedToService",
            "whoever holds it can run code with the rights of that role",
        )
    ]
    to_ec2 = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    assert judge(LEAST_PRIVILEGE, policy({**passing, "Condition": to_ec2})) == []
    every_role = {**passing, "Resource": "arn:aws:iam::123456789012:role/*", "Condition": to_ec2}
    assert judge(LEAST_PRIVILEGE, policy(every_role)) == [
        found("policy.Statement[0] allows iam:PassRole on every resource", "name the resources' ARNs")
    ]


@pytest.mark.parametrize(
    ("principal", "account"),
    [
        ("210987654321", "account 210987654321"),
        ("arn:aws:iam::210987654321:root", "account 210987654321"),
        ("arn:aws:sts::210987654321:assumed-role/a/b", "account 210987654321"),
        ("AROAEXAMPLEID", "no account"),
    ],
)
def test_fail_on_trust_in_another_account(principal: str, account: str) -> None:
    trusted = trusting("system:serviceaccount:a:b", Principal={"AWS": ["123456789012", principal]})

    def problem(known: str) -> list[str]:
        return [
            found(
                f"assumeRolePolicy.Statement.Principal.AWS is '{principal}', which is {account}, not {known}",
                "remove it, or list the account in the option accounts of least-privilege",
                "another account could take the role",
            )
        ]

    assert judge(LEAST_PRIVILEGE, trusted, stack=sandbox) == problem("123456789012")
    assert judge(LEAST_PRIVILEGE, trusted, config={"accounts": ["123456789012"]}) == problem("123456789012")
    allowed = Resource(type="pulumi:providers:aws", inputs={"allowedAccountIds": '["123456789012"]'})
    assert judge(LEAST_PRIVILEGE, replace(trusted, provider=allowed)) == problem("123456789012")
    assert len(judge(LEAST_PRIVILEGE, trusted)) == 2
    if "2109" in principal:
        assert judge(LEAST_PRIVILEGE, trusted, config={"accounts": ["210987654321", "123456789012"]}) == []


@pytest.mark.parametrize("name", ["AmazonEKSAdminPolicy", "AmazonEKSEditPolicy", "AmazonEKSSecretReaderPolicy"])
def test_fail_on_access_to_every_namespace(name: str) -> None:
    arn = f"arn:aws:eks::aws:cluster-access-policy/{name}"
    kind = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
    problem = found(
        f"policyArn is {name} in every namespace",
        "set accessScope to type namespace, with the namespaces that are used",
    )

    for scope in ({}, {"accessScope": {"type": "cluster"}}):
        assert judge(LEAST_PRIVILEGE, Resource(type=kind, inputs={"policyArn": arn, **scope})) == [problem]
    one = {"policyArn": arn, "accessScope": {"type": "namespace", "namespaces": ["coder"]}}
    assert judge(LEAST_PRIVILEGE, Resource(type=kind, inputs=one)) == []
    entry = Resource(type="aws-native:eks:AccessEntry", inputs={"accessPolicies": [one, {"policyArn": arn}]})
    assert judge(LEAST_PRIVILEGE, entry) == [problem.replace("policyArn is", "accessPolicies[1].policyArn is")]
