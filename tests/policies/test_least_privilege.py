"""least-privilege: no wildcard permissions, no trust in every service account, no cluster-admin."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policies.least_privilege import LEAST_PRIVILEGE
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.declared import cluster_role
from tests.policies.expecting import empty, exemption, missing, refused, unknown, wrong_type

PULL = {"Effect": "Allow", "Action": "ecr:BatchGetImage", "Resource": "*"}
PUSH = {"Effect": "Allow", "Action": ["ecr:PutImage"], "Resource": "arn:aws:ecr:us-east-2:123456789012:repository/a"}
OIDC = "oidc.eks.us-east-2.amazonaws.com/id/1"


def policy(*statements: dict[str, Any]) -> Resource:
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return Resource(type="aws:iam/policy:Policy", inputs={"policy": document})


def trusting(subject: object, test: str = "StringLike", **statement: object) -> Resource:
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{OIDC}"},
        "Condition": {test: {f"{OIDC}:sub": subject}},
        **statement,
    }
    return Resource(type="aws:iam/role:Role", inputs={"assumeRolePolicy": json.dumps({"Statement": trust})})


def found(problem: str, fix: str, why: str | None = None) -> str:
    return refused(LEAST_PRIVILEGE, problem, fix, why)


def test_pass_with_what_is_used() -> None:
    trusted = trusting("system:serviceaccount:coder-ws:coder", "StringEquals")
    reader = cluster_role(apiGroups=[""], resources=["pods"], verbs=["get", "list"])

    assert judge(LEAST_PRIVILEGE, policy(PULL, PUSH), trusted, reader) == []
    assert judge(LEAST_PRIVILEGE, policy({"Effect": "Deny", "Action": "*", "Resource": "*"})) == []


def test_fail_on_every_action() -> None:
    assert judge(LEAST_PRIVILEGE, policy({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::a"})) == [
        found("policy.Statement[0].Action is '*'", "list the actions that are used")
    ]
    assert judge(LEAST_PRIVILEGE, policy({"Effect": "Allow", "Action": ["s3:*"], "Resource": "*"})) == [
        found("policy.Statement[0].Action is 's3:*'", "list the actions that are used"),
        found("policy.Statement[0] allows s3:* on every resource", "name the resources' ARNs"),
    ]


@pytest.mark.parametrize("action", ["s3:**", "*:*", "*:?*", "**"])
def test_fail_on_every_action_in_other_words(action: str) -> None:
    assert judge(LEAST_PRIVILEGE, policy({**PUSH, "Action": action})) == [
        found(f"policy.Statement[0].Action is '{action}'", "list the actions that are used")
    ]


@pytest.mark.parametrize("resource", ["*", "**", "arn:*", "arn:aws:s3:::*", "arn:aws:s3:::*/*", "arn:aws:s3:*:*:**"])
def test_fail_on_every_resource_in_other_words(resource: str) -> None:
    statement = {"Effect": "Allow", "Action": ["s3:PutObject", "s3:DeleteObject"], "Resource": resource}

    assert judge(LEAST_PRIVILEGE, policy(statement)) == [
        found("policy.Statement[0] allows s3:PutObject, s3:DeleteObject on every resource", "name the resources' ARNs")
    ]


@pytest.mark.parametrize("by", ["NotAction", "NotResource"])
def test_fail_on_everything_but(by: str) -> None:
    assert judge(LEAST_PRIVILEGE, policy({"Effect": "Allow", by: "iam:CreateUser"})) == [
        found(f"policy.Statement[0] allows by {by}", f"list what is allowed instead of {by}")
    ]


def test_fail_on_everybody_but() -> None:
    assert judge(LEAST_PRIVILEGE, policy({**PUSH, "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:root"}})) == [
        found("policy.Statement[0] allows by NotPrincipal", "list what is allowed instead of NotPrincipal")
    ]


@pytest.mark.parametrize(
    "kind",
    [
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/userPolicy:UserPolicy",
        "aws:iam/groupPolicy:GroupPolicy",
        "aws-native:iam:ManagedPolicy",
        "aws-native:iam:RolePolicy",
        "aws-native:iam:UserPolicy",
        "aws-native:iam:GroupPolicy",
    ],
)
def test_fail_on_every_kind_of_policy(kind: str) -> None:
    name = "policyDocument" if kind.startswith("aws-native:") else "policy"
    document = {"Statement": {**PUSH, "Action": "*"}}

    assert judge(LEAST_PRIVILEGE, Resource(type=kind, inputs={name: document})) == [
        found(f"{name}.Statement.Action is '*'", "list the actions that are used")
    ]
    assert judge(LEAST_PRIVILEGE, Resource(type=kind)) == [missing(LEAST_PRIVILEGE, "policy")]


def test_fail_on_a_role_of_the_other_aws_provider() -> None:
    trust = json.loads(trusting("system:serviceaccount:*:*").inputs["assumeRolePolicy"])
    inputs = {
        "assumeRolePolicyDocument": trust,
        "policies": [{"policyName": "a", "policyDocument": {"Statement": [{**PUSH, "Action": "ecr:*"}]}}],
    }

    assert judge(LEAST_PRIVILEGE, Resource(type="aws-native:iam:Role", inputs=inputs)) == [
        found(
            "assumeRolePolicyDocument.Statement trusts 'system:serviceaccount:*:*'",
            "write system:serviceaccount:NAMESPACE:NAME",
            "any pod of the cluster could take the role",
        ),
        found("policies[0].policyDocument.Statement[0].Action is 'ecr:*'", "list the actions that are used"),
    ]


@pytest.mark.parametrize(
    "subject",
    [
        "system:serviceaccount:*:*",
        "system:serviceaccount:coder:*",
        "system:serviceaccount:coder*:coder",
        "system:serviceaccount:coder:?",
        "system:*",
        "*",
        "*:coder",
        "repo:coder/*",
        "repo:*/ai.coder.com:ref:refs/heads/main",
    ],
)
def test_fail_on_trust_in_every_service_account(subject: str) -> None:
    assert judge(LEAST_PRIVILEGE, trusting(subject)) == [
        found(
            f"assumeRolePolicy.Statement trusts '{subject}'",
            "write system:serviceaccount:NAMESPACE:NAME",
            "any pod of the cluster could take the role",
        )
    ]


@pytest.mark.parametrize(
    "test", ["StringNotEquals", "StringNotLike", "StringEqualsIfExists", "ForAllValues:StringEquals", "Null"]
)
def test_fail_on_a_condition_that_another_subject_meets(test: str) -> None:
    assert judge(LEAST_PRIVILEGE, trusting("system:serviceaccount:a:b", test)) == [
        found(
            "assumeRolePolicy.Statement trusts a federated identity whatever its subject",
            "add a condition StringEquals on PROVIDER:sub",
            "any pod of the cluster could take the role",
        )
    ]


@pytest.mark.parametrize("subject", ["repo:coder/ai.coder.com:*", ["system:serviceaccount:a:b"]])
def test_pass_on_trust_in_one_repository_or_account(subject: object) -> None:
    assert judge(LEAST_PRIVILEGE, trusting(subject), trusting(subject, "ForAnyValue:StringEquals")) == []


def test_fail_on_trust_in_everybody() -> None:
    assert judge(LEAST_PRIVILEGE, trusting("system:serviceaccount:a:b", Principal="*")) == [
        found("assumeRolePolicy.Statement.Principal is '*'", "name who may take the role")
    ]
    assert judge(LEAST_PRIVILEGE, trusting("system:serviceaccount:a:b", Principal={"AWS": ["*"]})) == [
        found("assumeRolePolicy.Statement.Principal.AWS is '*'", "name who may take the role")
    ]


@pytest.mark.parametrize(
    ("kind", "arn", "name"),
    [
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "arn:aws:iam::aws:policy/AdministratorAccess", ""),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "arn:aws:iam::aws:policy/SecretsManagerReadWrite", ""),
        ("aws:iam/policyAttachment:PolicyAttachment", "arn:aws:iam::aws:policy/IAMFullAccess", ""),
        ("aws:iam/userPolicyAttachment:UserPolicyAttachment", "arn:aws:iam::aws:policy/IAMFullAccess", ""),
        ("aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "arn:aws:iam::aws:policy/IAMFullAccess", ""),
        (
            "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
            "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
            "",
        ),
    ],
)
def test_fail_on_ready_made_policies_that_allow_nearly_everything(kind: str, arn: str, name: str) -> None:
    problem = found(f"policyArn is {arn.rpartition('/')[2]}", "attach a policy with the rights that are used")

    assert judge(LEAST_PRIVILEGE, Resource(type=kind, inputs={"policyArn": arn})) == [problem]


def test_unknown_document() -> None:
    assert judge(LEAST_PRIVILEGE, policy().with_input("policy", UNKNOWN)) == [unknown(LEAST_PRIVILEGE, "policy")]


def test_missing_subject_of_a_federated_identity() -> None:
    assert judge(LEAST_PRIVILEGE, trusting("x", Condition={})) == [
        found(
            "assumeRolePolicy.Statement trusts a federated identity whatever its subject",
            "add a condition StringEquals on PROVIDER:sub",
            "any pod of the cluster could take the role",
        )
    ]


def test_missing_resource_and_rules() -> None:
    assert judge(LEAST_PRIVILEGE, policy({"Effect": "Allow", "Action": "s3:PutObject"})) == [
        missing(LEAST_PRIVILEGE, "policy.Statement[0].Resource")
    ]
    assert judge(LEAST_PRIVILEGE, cluster_role().without_input("rules")) == [missing(LEAST_PRIVILEGE, "rules")]


def test_wrong_type_of_document() -> None:
    assert judge(LEAST_PRIVILEGE, policy().with_input("policy", "{")) == [
        refused(LEAST_PRIVILEGE, "policy is not a JSON document", "write a JSON document")
    ]
    assert judge(LEAST_PRIVILEGE, policy({**PULL, "Effect": "allow"})) == [
        wrong_type(LEAST_PRIVILEGE, "policy.Statement[0].Effect", "'allow'", "Allow or Deny")
    ]
    assert judge(LEAST_PRIVILEGE, policy({**PULL, "Action": 1})) == [
        wrong_type(LEAST_PRIVILEGE, "policy.Statement[0].Action", "the number 1", "text")
    ]


def test_empty_statements() -> None:
    assert judge(LEAST_PRIVILEGE, policy()) == [empty(LEAST_PRIVILEGE, "policy.Statement")]


def test_exempt() -> None:
    broad = trusting("*")

    assert judge(LEAST_PRIVILEGE, broad, exemptions=[exemption(LEAST_PRIVILEGE, broad)]) == []


@pytest.mark.parametrize(
    ("action", "is_reading"),
    [
        ("secretsmanager:GetSecretValue", False),
        ("ssm:GetParameters", False),
        ("ec2:DescribeInstances", True),
        ("s3:Get*", False),
        ("s3:GetObject", False),
        ("s3:ListAllMyBuckets", True),
        ("dynamodb:BatchGetItem", False),
        ("kms:DescribeKey", False),
        ("ec2:GetPasswordData", False),
        ("ecr:GetAuthorizationToken", True),
        ("s3:PutObject", False),
        ("s3:GetObject,s3:PutObject", False),
    ],
)
def test_boundary_of_reading_every_resource(action: str, is_reading: bool) -> None:
    problem = found(f"policy.Statement[0] allows {action} on every resource", "name the resources' ARNs")
    statement = {"Effect": "Allow", "Action": [action], "Resource": ["*"]}

    assert judge(LEAST_PRIVILEGE, policy(statement)) == ([] if is_reading else [problem])
