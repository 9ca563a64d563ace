"""The rights that docs/rotation.md gives to whoever runs `up`: exact, bounded, and enough for what is declared."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import pytest

from policies.least_privilege import LEAST_PRIVILEGE
from policies.pack.testing import Resource, judge
from tests.components.declared import declared
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


def documented() -> list[list[Statement]]:
    """Statements of every whole policy on the page, in order."""
    text = (ROOT / "docs" / "rotation.md").read_text("utf-8")
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


@pytest.mark.parametrize("index", [0, 1])
def test_our_own_policy_finds_nothing_too_broad(index: int) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": documented()[index]})
    policy = Resource(type="aws:iam/policy:Policy", name="documented", inputs={"policy": document})
    assert judge(LEAST_PRIVILEGE, policy) == []
