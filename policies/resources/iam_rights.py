"""What IAM policy documents allow, and whom roles trust.

Source: AWS IAM documentation: policy elements, PassRole, permissions boundaries; Service Authorization Reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import cast

from policies.framework.policy import Problem
from policies.framework.reading import Reading, Unreadable, wrong

TOO_BROAD = re.compile(
    r".*(?:FullAccess|AdministratorAccess|PowerUserAccess|SecretsManagerReadWrite|AmazonEKSClusterAdminPolicy)"
)
EVERY_ACTION = re.compile(r"[*?]+|[^:]*:[*?]+")
EVERY_RESOURCE = re.compile(
    r"[*?]+|arn:[*?]+|arn(?::[^:]*){4}:(?:(?:role|user|group|policy|instance-profile|secret|key|parameter)[/:])?[*?/]+"
)
READING = re.compile(
    r"(?!(?:secretsmanager|ssm|s3|dynamodb|lambda|kms|sts|rds-data|redshift-data|athena|cognito-idp):)"
    r"(?!ec2:GetPasswordData)[a-z0-9-]+:(?:Get|List|Describe|BatchGet|BatchCheck)\w*\*?|s3:ListAllMyBuckets|"
    r"s3:GetBucketLocation|sts:GetCallerIdentity|lambda:List\w*|ssm:Describe\w*|secretsmanager:ListSecrets",
    re.IGNORECASE,
)
"""Actions that may be allowed on every resource; not those that read what is kept secret, or stored data."""
BOUNDED = tuple(
    f"iam:{action}"
    for action in ("AttachRolePolicy", "AttachUserPolicy", "CreateRole", "CreateUser", "PutRolePolicy", "PutUserPolicy")
)
"""Actions by which a principal gets more rights, unless a permissions boundary holds the one that it changes."""
ESCALATING = tuple(
    f"iam:{action}"
    for action in (
        "AddUserToGroup",
        "AttachGroupPolicy",
        "CreateAccessKey",
        "CreateLoginProfile",
        "CreatePolicyVersion",
        "DeleteRolePermissionsBoundary",
        "DeleteUserPermissionsBoundary",
        "PutGroupPolicy",
        "PutRolePermissionsBoundary",
        "PutUserPermissionsBoundary",
        "SetDefaultPolicyVersion",
        "UpdateAssumeRolePolicy",
        "UpdateLoginProfile",
    )
)
"""Actions by which a principal gets more rights, whatever holds it."""
ENDING = tuple(f"ec2:{action}" for action in ("RebootInstances", "StopInstances", "TerminateInstances"))
"""Actions that take instances from under what runs on them."""
RESOURCE_TAG = re.compile(r"(?:aws|ec2):ResourceTag/.+", re.IGNORECASE)
FIXED_SUBJECT = re.compile(r"[^*?]+|repo:[^*?/]+/[^*?/:]+:.+")
"""One service account, or what runs in one repository on GitHub."""
HOLDS_ALWAYS = re.compile(r"(?:ForAnyValue:)?String(?:Equals|Like)", re.IGNORECASE)
"""Conditions that fail where the token has another subject or none."""
_ACCOUNT = re.compile(r"(\d{12})|arn:[\w-]+:(?:iam|sts)::(\d{12}):.+")


def either(props: Reading, *names: str) -> Reading:
    """The first of several names under which providers know the same input. Raises Unreadable."""
    found = (props.optional(name) for name in names)
    return next((reading for reading in found if reading is not None), None) or props.member(names[0])


def one_or_more(reading: Reading) -> tuple[str, ...]:
    """A text, or a list of texts: IAM takes both."""
    return reading.texts() if isinstance(reading.value, list) else (reading.text(),)


def statements(document: Reading) -> Iterator[Reading]:
    """The statements of a policy document, JSON or plain, that allow something. Raises Unreadable."""
    return (one for one in document_statements(document) if one.member("Effect").text() == "Allow")


def document_statements(document: Reading) -> Iterator[Reading]:
    """All statements of a policy document, JSON or plain. Raises Unreadable."""
    if not document.is_mapping:
        try:
            document = Reading(cast("object", json.loads(document.text())), document.path, document.collected)
        except (ValueError, RecursionError):
            problem = f"{document.path} is not a JSON document"
            document.give_up(Unreadable("wrong type", document.path, problem, "write a JSON document"))
            return
    found = document.member("Statement")
    for statement in (found,) if found.is_mapping else found.items():
        effect = statement.member("Effect")
        if effect.text() not in ("Allow", "Deny"):
            effect.give_up(wrong(effect.path, f"'{effect.text()}'", "Allow or Deny"))
        yield statement


def broad_rights(statement: Reading) -> Iterator[Problem]:
    """Every action of a service, everything but some, changes of every resource, or ways to more rights."""
    for name in ("NotAction", "NotResource", "NotPrincipal"):
        if statement.optional(name) is not None:
            yield Problem(problem=f"{statement.path} allows by {name}", fix=f"list what is allowed instead of {name}")
    if statement.optional("NotAction") is not None or statement.optional("NotResource") is not None:
        return
    actions, resources = one_or_more(statement.member("Action")), one_or_more(statement.member("Resource"))
    for action in actions:
        if EVERY_ACTION.fullmatch(action):
            yield Problem(problem=f"{statement.path}.Action is '{action}'", fix="list the actions that are used")
    changing = [action for action in actions if not READING.fullmatch(action)]
    if changing and any(EVERY_RESOURCE.fullmatch(name) for name in resources):
        yield Problem(
            problem=f"{statement.path} allows {', '.join(changing)} on every resource", fix="name the resources' ARNs"
        )
    yield from escalation(statement, actions)


def escalation(statement: Reading, actions: tuple[str, ...]) -> Iterator[Problem]:
    """Actions, by wildcard too, with which whoever holds them gets rights that they were not given."""
    why = "whoever holds it can give itself any right"
    for action in (one for one in actions if not EVERY_ACTION.fullmatch(one)):
        if found := _covered(action, ESCALATING):
            yield Problem(
                problem=f"{statement.path} allows {action}, which is {found}"
                if action != found
                else f"{statement.path} allows {action}",
                why=why,
                fix=f"remove {action}",
            )
        elif _covered(action, BOUNDED) and not demands(statement, "iam:PermissionsBoundary"):
            yield Problem(
                problem=f"{statement.path} allows {action} without a permissions boundary",
                why=why,
                fix="add a condition StringEquals on iam:PermissionsBoundary",
            )
        elif _covered(action, ("iam:PassRole",)) and not demands(statement, "iam:PassedToService"):
            yield Problem(
                problem=f"{statement.path} allows {action} to any service",
                why="whoever holds it can run code with the rights of that role",
                fix="add a condition StringEquals on iam:PassedToService",
            )


def ends_instances(statement: Reading) -> Iterator[Problem]:
    """Ending instances, by wildcard too, whatever their tags: an account has others' beside one's own."""
    if statement.optional("NotAction") is not None:
        return  # refused as such
    for action in one_or_more(statement.member("Action")):
        found = _covered(action, ENDING)
        if found and not any(_values(statement, lambda key: bool(RESOURCE_TAG.match(key)))):
            yield Problem(
                problem=f"{statement.path} allows {action} on instances whatever their tags",
                why="instances of others in the account could be ended",
                fix="add a condition StringEquals on aws:ResourceTag/KEY",
            )


def _covered(action: str, known: tuple[str, ...]) -> str | None:
    return next((one for one in known if fnmatchcase(one.lower(), action.lower().replace("[", "[[]"))), None)


def demands(statement: Reading, key: str) -> bool:
    """Whether the statement holds only where a key has one of some values."""
    return any(_values(statement, lambda found: found.lower() == key.lower()))


def _values(statement: Reading, is_wanted: Callable[[str], bool]) -> Iterator[str]:
    condition = statement.optional("Condition")
    for test, keys in condition.entries_or_none().items() if condition else ():
        for key, value in keys.entries_or_none().items():
            if HOLDS_ALWAYS.fullmatch(test) and is_wanted(key):
                yield from one_or_more(value)


def broad_trust(statement: Reading, accounts: frozenset[str]) -> Iterator[Problem]:
    """Everybody, another account, every service account, or a federated identity without a subject."""
    principal = statement.member("Principal")
    named = principal.entries() if principal.is_mapping else {}
    if not named and principal.text() == "*":
        yield Problem(problem=f"{statement.path}.Principal is '*'", fix="name who may take the role")
    for kind, who in named.items():
        if "*" in one_or_more(who):
            yield Problem(problem=f"{statement.path}.Principal.{kind} is '*'", fix="name who may take the role")
        elif kind == "AWS":
            yield from foreign_accounts(who, accounts)
    subjects = list(_values(statement, lambda key: key.endswith(":sub")))
    for subject in subjects:
        if not FIXED_SUBJECT.fullmatch(subject):
            yield Problem(
                problem=f"{statement.path} trusts '{subject}'",
                why="any pod of the cluster could take the role",
                fix="write system:serviceaccount:NAMESPACE:NAME",
            )
    if "Federated" in named and not subjects:
        yield Problem(
            problem=f"{statement.path} trusts a federated identity whatever its subject",
            why="any pod of the cluster could take the role",
            fix="add a condition StringEquals on PROVIDER:sub",
        )


def foreign_accounts(who: Reading, accounts: frozenset[str]) -> Iterator[Problem]:
    """Principals of accounts that are not this stack's and not listed."""
    for name in one_or_more(who):
        match = _ACCOUNT.fullmatch(name)
        account = match and (match[1] or match[2])
        if account not in accounts:
            yield Problem(
                problem=f"{who.path} is '{name}', which is {f'account {account}' if account else 'no account'}, "
                f"not {' or '.join(sorted(accounts)) or 'one that is listed'}",
                why="another account could take the role",
                fix="remove it, or list the account in the option accounts of least-privilege",
            )


def broad_policy(arn: Reading) -> Iterator[Problem]:
    """A ready-made policy that allows nearly everything."""
    if TOO_BROAD.fullmatch(arn.text()):
        yield Problem(
            problem=f"{arn.path} is {arn.text().rpartition('/')[2]}",
            fix="attach a policy with the rights that are used",
        )


CLUSTER_WIDE = re.compile(r".*/(?:AmazonEKS(?:Admin|Edit|SecretReader)Policy)")


def broad_association(association: Reading) -> Iterator[Problem]:
    """An EKS access policy that changes, or reads the Secrets of, every namespace."""
    arn = association.member("policyArn")
    yield from broad_policy(arn)
    scope = association.optional("accessScope", "type")
    if CLUSTER_WIDE.fullmatch(arn.text()) and (scope is None or scope.text() != "namespace"):
        yield Problem(
            problem=f"{arn.path} is {arn.text().rpartition('/')[2]} in every namespace",
            fix="set accessScope to type namespace, with the namespaces that are used",
        )
