"""registry-rights: who pushes images pushes into named repositories, and deletes none."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.framework.kinds import any_of
from policies.framework.policy import Context, Declared, Policy, Problem
from policies.framework.reading import Reading
from policies.least_privilege import IAM_POLICY, IAM_ROLE, inline_statements
from policies.resources.iam_rights import either, one_or_more, statements

PUSHING = tuple(f"ecr:{action}" for action in ("CompleteLayerUpload", "InitiateLayerUpload", "PutImage"))
DELETING = ("ecr:BatchDeleteImage",)
CHANGING = tuple(
    f"ecr:{action}"
    for action in (
        "DeleteLifecyclePolicy",
        "DeleteRepository",
        "DeleteRepositoryPolicy",
        "PutImageTagMutability",
        "PutLifecyclePolicy",
        "PutReplicationConfiguration",
        "SetRepositoryPolicy",
    )
)
"""Actions by which tags could move, images expire or go, or replication end: `up` alone does these."""


def judge(declared: Declared, _context: Context) -> Iterator[Problem]:
    """The rights in one policy, or in one role's own policies, taken together."""
    allowed = list(
        statements(either(declared.props, "policy", "policyDocument"))
        if IAM_POLICY(declared.type)
        else inline_statements(declared)
    )
    pushing = [one for one in allowed if _grants(one, PUSHING)]
    for one in pushing:
        for resource in _values(one, "Resource"):
            if any(sign in resource for sign in "*?"):
                yield Problem(
                    problem=f"{one.path} pushes into '{resource}'", fix="name each repository and region by its ARN"
                )
    for one in allowed:
        if pushing and _grants(one, DELETING):
            yield Problem(
                problem=f"{one.path} deletes images, and the same policy pushes them",
                why="one role could replace what is pinned",
                fix="give ecr:BatchDeleteImage to a role of its own",
            )
        for action in _grants(one, CHANGING):
            yield Problem(
                problem=f"{one.path} allows {action}, which changes a registry's settings",
                fix="leave these to `up`",
            )


def _grants(statement: Reading, actions: tuple[str, ...]) -> list[str]:
    """Which of these actions it allows, by wildcard too; all but ECR's where it lists what it does not allow."""
    if statement.optional("NotAction") is not None:
        return list(actions)
    patterns = [pattern.lower() for pattern in _values(statement, "Action")]
    return [action for action in actions if any(fnmatchcase(action.lower(), pattern) for pattern in patterns)]


def _values(statement: Reading, name: str) -> tuple[str, ...]:
    if statement.optional(f"Not{name}") is not None:
        return ("*",)
    return one_or_more(statement.member(name))


REGISTRY_RIGHTS = Policy(
    id="registry-rights",
    title="Who pushes images pushes into named repositories, and deletes none.",
    why="nodes would pull what nobody reviewed, or nothing",
    fix="List the repositories, and keep pushing, deleting and settings apart.",
    source="Amazon ECR User Guide, IAM permissions for pushing an image; Service Authorization Reference, Amazon ECR",
    applies_to=any_of(IAM_POLICY, IAM_ROLE),
    judge=judge,
)
