"""The rights that the docs give to whoever runs `up`: exact, bounded, and enough for what is declared."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import pytest

from policies.least_privilege import LEAST_PRIVILEGE
from policies.pack.testing import Resource, judge
from tests.components.declared import children_of, declared
from tests.components.examples import EXAMPLES
from tests.components.variants import VARIANTS
from tests.model.given import ROOT

Statement = Mapping[str, Any]
BOUNDED: Final = {"iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy"}
NEEDED: Final = {
    "aws:iam/role:Role": {
        *("iam:CreateRole", "iam:GetRole", "iam:DeleteRole", "iam:TagRole"),
        *("iam:ListRolePolicies", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole"),
    },
    "aws:iam/rolePolicy:RolePolicy": {"iam:PutRolePolicy", "iam:GetRolePolicy", "iam:DeleteRolePolicy"},
    "aws:secretsmanager/secret:Secret": {
        *("secretsmanager:CreateSecret", "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"),
        *("secretsmanager:DeleteSecret", "secretsmanager:TagResource"),
    },
}
"""What the AWS provider calls to create, read and delete each (terraform-provider-aws, internal/service)."""


def documented(page: str = "rotation.md") -> list[list[Statement]]:
    """Statements of every whole policy on the page, in order."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    blocks = re.findall(r"\n\n((?:    .*\n)*)", text)
    return [json.loads(block)["Statement"] for block in blocks if '"Version"' in block]


def deployer() -> list[Statement]:
    return documented()[0]


def actions(statements: list[Statement]) -> set[str]:
    return {action for statement in statements for action in statement["Action"]}


def test_every_action_is_named_and_none_is_given_twice() -> None:
    named = [action for statement in deployer() for action in statement["Action"]]
    assert not [action for action in named if "*" in action or "?" in action]
    assert len(set(named)) == len(named)


def test_a_role_is_written_only_under_the_boundary() -> None:
    conditional = [statement for statement in deployer() if "Condition" in statement]
    assert actions(conditional) == BOUNDED
    assert not {action for action in actions(deployer()) if action.endswith("PermissionsBoundary")}
    assert not {"iam:AttachRolePolicy", "iam:PassRole", "iam:CreatePolicyVersion"} & actions(deployer())
    for statement in conditional:
        ((operator, keys),) = statement["Condition"].items()
        assert (operator, keys) == (
            "StringEquals",
            {"iam:PermissionsBoundary": "arn:aws:iam::ACCOUNT:policy/ai-coder-workshop-boundary"},
        )


def test_what_is_declared_can_be_made_read_and_deleted() -> None:
    (bounded,) = (example for example in VARIANTS if example.id == "RotationKey-bounded")
    kinds = {one.type for one in declared(bounded).resources if one.type.startswith("aws:")}
    assert kinds == NEEDED.keys()
    assert set[str]().union(*NEEDED.values()) <= actions(deployer())


def test_the_boundary_holds_what_the_roles_say() -> None:
    (boundary,) = documented()[1]
    assert set(boundary["Action"]) == {"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"}
    assert boundary["Resource"].endswith(":secret:ai-coder-workshop/litellm-key-??????")


NEEDED_FOR_AN_EVENT: Final = {
    "aws:s3/bucket:Bucket": {"s3:CreateBucket", "s3:ListBucket", "s3:GetBucketTagging", "s3:PutBucketTagging"},
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
        *("s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    },
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
        *("s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration"),
    },
    "aws:s3/bucketVersioning:BucketVersioning": {"s3:GetBucketVersioning", "s3:PutBucketVersioning"},
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
        *("s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
    },
    "aws:s3/bucketPolicy:BucketPolicy": {"s3:GetBucketPolicy", "s3:PutBucketPolicy"},
    "aws:eks/accessEntry:AccessEntry": {
        *("eks:CreateAccessEntry", "eks:DescribeAccessEntry", "eks:UpdateAccessEntry", "eks:DeleteAccessEntry"),
        "eks:TagResource",
    },
}


def test_what_an_event_declares_can_be_made_and_read_but_no_work_is_read_or_deleted() -> None:
    kinds = {
        one.type
        for example in EXAMPLES
        if example.id in ("SavedWork", "KeeperAccess")
        for one in children_of(declared(example))
    }
    (statements,) = documented("event-parts.md")
    assert kinds == NEEDED_FOR_AN_EVENT.keys()
    assert set[str]().union(*NEEDED_FOR_AN_EVENT.values()) <= actions(statements)
    assert not {one for one in actions(statements) if "Object" in one} - {"s3:GetBucketObjectLockConfiguration"}
    assert not {"s3:DeleteBucket", "s3:DeleteBucketPolicy"} & actions(statements)


@pytest.mark.parametrize(("page", "index"), [("rotation.md", 0), ("rotation.md", 1), ("event-parts.md", 0)])
def test_our_own_policy_finds_nothing_too_broad(page: str, index: int) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": documented(page)[index]})
    policy = Resource(type="aws:iam/policy:Policy", name="documented", inputs={"policy": document})
    assert judge(LEAST_PRIVILEGE, policy) == []
