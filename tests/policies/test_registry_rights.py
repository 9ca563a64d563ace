"""registry-rights: who pushes images pushes into named repositories, and deletes none."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from policies.pack.testing import UNKNOWN, Resource, judge
from policies.registry_rights import CHANGING, REGISTRY_RIGHTS
from tests.policies.event_parts import declared_by, part
from tests.policies.expecting import empty, exemption, missing, refused, unknown, wrong_type

PUSHER, PRUNER = part("ImageMirrorRoles", "mirror-policy"), part("ImageMirrorRoles", "prune-policy")
REPOSITORY = "arn:aws:ecr:us-east-2:123456789012:repository/coder-preview"


def statement(action: object, resource: object = REPOSITORY, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def allows(*statements: Mapping[str, object]) -> list[str]:
    return judge(REGISTRY_RIGHTS, PUSHER.with_input("policy", {"Statement": list(statements)}))


def broad(resource: str, index: int = 0) -> str:
    return refused(
        REGISTRY_RIGHTS,
        f"policy.Statement[{index}] pushes into '{resource}'",
        "name each repository and region by its ARN",
    )


def test_pass_with_what_the_component_declares() -> None:
    assert judge(REGISTRY_RIGHTS, *declared_by("ImageMirrorRoles")) == []


def test_pass_on_looking_and_on_refusals() -> None:
    assert allows(statement(["ecr:DescribeImages", "ecr:BatchGetImage"], "*")) == []
    assert allows(statement("ecr:*", "*", Effect="Deny")) == []
    assert judge(REGISTRY_RIGHTS, PRUNER) == []


def test_fail_on_deleting_and_pushing_in_one_policy() -> None:
    deletes = refused(
        REGISTRY_RIGHTS,
        "policy.Statement[1] deletes images, and the same policy pushes them",
        "give ecr:BatchDeleteImage to a role of its own",
        "one role could replace what is pinned",
    )
    assert allows(statement("ecr:PutImage"), statement("ecr:BatchDeleteImage")) == [deletes]


@pytest.mark.parametrize("action", CHANGING)
def test_fail_on_the_settings_of_registries(action: str) -> None:
    assert allows(statement(action)) == [
        refused(
            REGISTRY_RIGHTS,
            f"policy.Statement[0] allows {action}, which changes a registry's settings",
            "leave these to `up`",
        )
    ]


def test_fail_in_a_roles_own_policies() -> None:
    document = {"Statement": [statement("ecr:PutImage", "*")]}
    role = Resource(type="aws:iam/role:Role", inputs={"inlinePolicies": [{"policy": document}]})
    assert len(judge(REGISTRY_RIGHTS, role)) == 1


@pytest.mark.parametrize("resource", ["*", "arn:aws:ecr:*:123456789012:repository/coder-preview", f"{REPOSITORY}?"])
def test_boundary_of_named_repositories(resource: str) -> None:
    assert allows(statement("ecr:PutImage", resource)) == [broad(resource)]
    assert allows(statement("ecr:PutImage", [REPOSITORY, f"{REPOSITORY}-two"])) == []


@pytest.mark.parametrize("action", ["ecr:Put*", "ecr:putimage", "ecr:*", "*"])
def test_boundary_of_pushing(action: str) -> None:
    assert broad("*") in allows(statement(action, "*"))


def test_boundary_of_what_is_listed_by_its_opposite() -> None:
    everything_but = {"Effect": "Allow", "NotAction": "ecr:DeleteRepository", "NotResource": REPOSITORY}
    assert broad("*") in allows(everything_but)


def test_unknown_document() -> None:
    assert judge(REGISTRY_RIGHTS, PUSHER.with_input("policy", UNKNOWN)) == [unknown(REGISTRY_RIGHTS, "policy")]


def test_missing_action() -> None:
    (told,) = allows({"Effect": "Allow", "Resource": "*"})
    assert told == missing(REGISTRY_RIGHTS, "policy.Statement[0].Action")


def test_wrong_type_of_action() -> None:
    assert allows(statement(7)) == [wrong_type(REGISTRY_RIGHTS, "policy.Statement[0].Action", "the number 7", "text")]


def test_empty_statements() -> None:
    emptied = PUSHER.with_input("policy", {"Statement": []})
    assert judge(REGISTRY_RIGHTS, emptied) == [empty(REGISTRY_RIGHTS, "policy.Statement")]


def test_exempt() -> None:
    wide = PUSHER.with_input("policy", {"Statement": [statement("ecr:PutImage", "*")]})
    assert judge(REGISTRY_RIGHTS, wide, exemptions=[exemption(REGISTRY_RIGHTS, wide)]) == []
