"""least-privilege: no wildcard permissions, no trust in every service account, no cluster-admin."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import cast

from policies.framework.kinds import any_of, exactly, kubernetes
from policies.framework.policy import Context, Declared, Policy, Problem
from policies.framework.reading import Reading, Unreadable

IAM_POLICY = exactly(
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
    "aws-native:iam:ManagedPolicy",
    "aws-native:iam:RolePolicy",
    "aws-native:iam:UserPolicy",
    "aws-native:iam:GroupPolicy",
)
IAM_ROLE = exactly("aws:iam/role:Role", "aws-native:iam:Role")
ATTACHMENT = exactly(
    "aws:iam/policyAttachment:PolicyAttachment",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
)
ACCESS_ENTRY = exactly("aws:eks/accessEntry:AccessEntry", "aws-native:eks:AccessEntry")
BINDING = kubernetes("rbac.authorization.k8s.io", "ClusterRoleBinding", "RoleBinding")
CLUSTER_ROLE = kubernetes("rbac.authorization.k8s.io", "ClusterRole", "Role")

TOO_BROAD = re.compile(
    r".*(?:FullAccess|AdministratorAccess|PowerUserAccess|SecretsManagerReadWrite|AmazonEKSClusterAdminPolicy)"
)
EVERY_ACTION = re.compile(r"[*?]+|[^:]*:[*?]+")
EVERY_RESOURCE = re.compile(r"[*?]+|arn:[*?]+|arn(?::[^:]*){4}:[*?/]+")
READING = re.compile(
    r"(?!secretsmanager:|ssm:)[a-z0-9-]+:(?:Get|List|Describe|BatchGet|BatchCheck)\w*\*?", re.IGNORECASE
)
"""Actions that may be allowed on every resource; not those that read what is kept secret."""
FIXED_SUBJECT = re.compile(r"[^*?]+|repo:[^*?/]+/[^*?/:]+:.+")
"""One service account, or what runs in one repository on GitHub."""
HOLDS_ALWAYS = re.compile(r"(?:ForAnyValue:)?String(?:Equals|Like)", re.IGNORECASE)
"""Conditions that fail where the token has another subject or none."""
ESCALATING = frozenset({"escalate", "bind", "impersonate"})
EVERYBODY = frozenset(
    {"system:anonymous", "system:authenticated", "system:masters", "system:serviceaccounts", "system:unauthenticated"}
)


def judge(declared: Declared, _context: Context) -> Iterator[Problem]:
    """One grant of rights, by its kind."""
    if IAM_POLICY(declared.type):
        for statement in statements(either(declared.props, "policy", "policyDocument")):
            yield from broad_rights(statement)
    elif IAM_ROLE(declared.type):
        yield from role(declared)
    elif ATTACHMENT(declared.type):
        yield from broad_policy(declared.props.member("policyArn"))
    elif ACCESS_ENTRY(declared.type):
        groups = declared.props.optional("kubernetesGroups")
        yield from for_everybody(groups.items_or_none() if groups else ())
    elif BINDING(declared.type):
        if declared.props.member("roleRef", "name").text() == "cluster-admin":
            yield Problem(problem="roleRef.name is cluster-admin", fix="bind a role with the rights that are used")
        subjects = declared.props.optional("subjects")
        yield from for_everybody(subject.member("name") for subject in (subjects.items_or_none() if subjects else ()))
    else:
        yield from broad_rules(declared)


def either(props: Reading, *names: str) -> Reading:
    """The first of several names under which providers know the same input. Raises Unreadable."""
    found = (props.optional(name) for name in names)
    return next((reading for reading in found if reading is not None), None) or props.member(names[0])


def for_everybody(names: Iterable[Reading]) -> Iterator[Problem]:
    """Groups that hold everybody who can reach the cluster, or all who get every right."""
    for name in names:
        if name.text() in EVERYBODY:
            yield Problem(
                problem=f"{name.path} is {name.text()}", fix="name a group, user or service account of its own"
            )


def statements(document: Reading) -> Iterator[Reading]:
    """The statements of a policy document, JSON or plain, that allow something. Raises Unreadable."""
    if not document.is_mapping:
        try:
            document = Reading(cast("object", json.loads(document.text())), document.path)
        except ValueError:
            raise Unreadable("wrong type", document.path, f"{document.path} is not a JSON document") from None
    found = document.member("Statement")
    for statement in (found,) if found.is_mapping else found.items():
        effect = statement.member("Effect")
        if effect.text() not in ("Allow", "Deny"):
            raise Unreadable("wrong type", effect.path, f"{effect.path} is '{effect.text()}', must be Allow or Deny")
        if effect.text() == "Allow":
            yield statement


def broad_rights(statement: Reading) -> Iterator[Problem]:
    """Every action of a service, everything but some, or changes of every resource."""
    for name in ("NotAction", "NotResource", "NotPrincipal"):
        if statement.optional(name) is not None:
            yield Problem(problem=f"{statement.path} allows by {name}", fix=f"list what is allowed instead of {name}")
    if statement.optional("NotAction") is not None or statement.optional("NotResource") is not None:
        return
    actions = one_or_more(statement.member("Action"))
    for action in actions:
        if EVERY_ACTION.fullmatch(action):
            yield Problem(problem=f"{statement.path}.Action is '{action}'", fix="list the actions that are used")
    changing = [action for action in actions if not READING.fullmatch(action)]
    if changing and any(EVERY_RESOURCE.fullmatch(name) for name in one_or_more(statement.member("Resource"))):
        yield Problem(
            problem=f"{statement.path} allows {', '.join(changing)} on every resource", fix="name the resources' ARNs"
        )


def role(declared: Declared) -> Iterator[Problem]:
    """Who may take a role, and what is attached to it in place."""
    for statement in statements(either(declared.props, "assumeRolePolicy", "assumeRolePolicyDocument")):
        yield from broad_trust(statement)
    attached = declared.props.optional("managedPolicyArns")
    for arn in attached.items_or_none() if attached else ():
        yield from broad_policy(arn)
    for name in ("inlinePolicies", "policies"):
        inline = declared.props.optional(name)
        for policy in inline.items_or_none() if inline else ():
            for statement in statements(either(policy, "policy", "policyDocument")):
                yield from broad_rights(statement)


def broad_trust(statement: Reading) -> Iterator[Problem]:
    """Everybody, every service account, or a federated identity without a subject."""
    principal = statement.member("Principal")
    named = principal.entries() if principal.is_mapping else {}
    if not named and principal.text() == "*":
        yield Problem(problem=f"{statement.path}.Principal is '*'", fix="name who may take the role")
    for kind, who in named.items():
        if "*" in one_or_more(who):
            yield Problem(problem=f"{statement.path}.Principal.{kind} is '*'", fix="name who may take the role")
    subjects = list(federated_subjects(statement))
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


def federated_subjects(statement: Reading) -> Iterator[str]:
    """Values of the conditions that demand a federated identity's subject."""
    condition = statement.optional("Condition")
    for test, keys in condition.entries_or_none().items() if condition else ():
        for key, value in keys.entries_or_none().items():
            if key.endswith(":sub") and HOLDS_ALWAYS.fullmatch(test):
                yield from one_or_more(value)


def broad_policy(arn: Reading) -> Iterator[Problem]:
    """A ready-made policy that allows nearly everything."""
    if TOO_BROAD.fullmatch(arn.text()):
        yield Problem(
            problem=f"{arn.path} is {arn.text().rpartition('/')[2]}",
            fix="attach a policy with the rights that are used",
        )


def broad_rules(declared: Declared) -> Iterator[Problem]:
    """Kubernetes rules for everything, or by which a subject gives itself more rights."""
    if declared.props.optional("aggregationRule") is not None and declared.props.optional("rules") is None:
        return
    for rule in declared.props.member("rules").items():
        verbs = rule.member("verbs").texts()
        resources = rule.optional("resources")
        if "*" in verbs:
            yield Problem(problem=f"{rule.path}.verbs is '*'", fix="list the verbs that are used")
        if resources is not None and any(name in ("*", "*/*") for name in resources.texts()):
            yield Problem(problem=f"{rule.path}.resources is '*'", fix="list the resources that are used")
        for verb in sorted(ESCALATING & set(verbs)):
            yield Problem(problem=f"{rule.path}.verbs has '{verb}'", fix=f"remove {verb}")


def one_or_more(reading: Reading) -> tuple[str, ...]:
    """A text, or a list of texts: IAM takes both."""
    return reading.texts() if isinstance(reading.value, list) else (reading.text(),)


LEAST_PRIVILEGE = Policy(
    id="least-privilege",
    title="Nobody gets rights on everything.",
    why="whoever gets hold of it gets hold of the platform",
    fix="List actions, resources, subjects and verbs that are used.",
    source="facts of the real repository: IRSA trust system:serviceaccount:*:*, AmazonEKSClusterAdminPolicy",
    applies_to=any_of(IAM_POLICY, IAM_ROLE, ATTACHMENT, ACCESS_ENTRY, BINDING, CLUSTER_ROLE),
    judge=judge,
)
