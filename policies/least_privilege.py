"""least-privilege: no wildcard permissions, no trust in every service account, no cluster-admin."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import cast

from policies.kinds import any_of, exactly, kubernetes
from policies.policy import Context, Declared, Policy, Problem
from policies.reading import Reading, Unreadable

IAM_POLICY = exactly(
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
)
IAM_ROLE = exactly("aws:iam/role:Role")
ATTACHMENT = exactly(
    "aws:iam/policyAttachment:PolicyAttachment",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
)
BINDING = kubernetes("rbac.authorization.k8s.io", "ClusterRoleBinding", "RoleBinding")
CLUSTER_ROLE = kubernetes("rbac.authorization.k8s.io", "ClusterRole", "Role")

TOO_BROAD = re.compile(
    r".*(?:FullAccess|AdministratorAccess|PowerUserAccess|SecretsManagerReadWrite|AmazonEKSClusterAdminPolicy)"
)
READING = re.compile(r"[a-z0-9-]+:(?:Get|List|Describe|BatchGet|BatchCheck)\w*\*?", re.IGNORECASE)
ESCALATING = frozenset({"escalate", "bind", "impersonate"})


def judge(declared: Declared, _context: Context) -> Iterator[Problem]:
    """One grant of rights, by its kind."""
    if IAM_POLICY(declared.type):
        for statement in statements(declared.props.member("policy")):
            yield from broad_rights(statement)
    elif IAM_ROLE(declared.type):
        yield from role(declared)
    elif ATTACHMENT(declared.type):
        yield from broad_policy(declared.props.member("policyArn"))
    elif BINDING(declared.type):
        if declared.props.member("roleRef", "name").text() == "cluster-admin":
            yield Problem(problem="roleRef.name is cluster-admin", fix="bind a role with the rights that are used")
    else:
        yield from broad_rules(declared)


def statements(document: Reading) -> Iterator[Reading]:
    """The statements of a policy document, JSON or plain, that allow something. Raises Unreadable."""
    if not document.is_mapping:
        try:
            document = Reading(cast("object", json.loads(document.text())), document.path)
        except ValueError:
            raise Unreadable("wrong type", document.path, f"{document.path} is no JSON document") from None
    found = document.member("Statement")
    for statement in (found,) if found.is_mapping else found.items():
        if statement.member("Effect").text() == "Allow":
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
        if action == "*" or action.endswith(":*"):
            yield Problem(problem=f"{statement.path}.Action is '{action}'", fix="list the actions that are used")
    changing = [action for action in actions if not READING.fullmatch(action)]
    if changing and "*" in one_or_more(statement.member("Resource")):
        yield Problem(
            problem=f"{statement.path} allows {', '.join(changing)} on every resource", fix="name the resources' ARNs"
        )


def role(declared: Declared) -> Iterator[Problem]:
    """Who may take a role, and what is attached to it in place."""
    for statement in statements(declared.props.member("assumeRolePolicy")):
        yield from broad_trust(statement)
    attached = declared.props.optional("managedPolicyArns")
    for arn in attached.items_or_none() if attached else ():
        yield from broad_policy(arn)
    inline = declared.props.optional("inlinePolicies")
    for policy in inline.items_or_none() if inline else ():
        for statement in statements(policy.member("policy")):
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
        if re.search(r"system:serviceaccount:(?:\*|[^:]*:\*)|^\*$", subject):
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
    """Values of the conditions on a federated identity's subject."""
    condition = statement.optional("Condition")
    for test in condition.entries_or_none().values() if condition else ():
        for key, value in test.entries_or_none().items():
            if key.endswith(":sub"):
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
        if resources is not None and "*" in resources.texts():
            yield Problem(problem=f"{rule.path}.resources is '*'", fix="list the resources that are used")
        for verb in sorted(ESCALATING & set(verbs)):
            yield Problem(problem=f"{rule.path}.verbs has '{verb}'", fix=f"take {verb} out")


def one_or_more(reading: Reading) -> tuple[str, ...]:
    """A text, or a list of texts: IAM takes both."""
    return reading.texts() if isinstance(reading.value, list) else (reading.text(),)


LEAST_PRIVILEGE = Policy(
    id="least-privilege",
    title="Nobody gets rights on everything.",
    why="whoever gets hold of it gets hold of the platform",
    fix="List actions, resources, subjects and verbs that are used.",
    source="facts of the real repository: IRSA trust system:serviceaccount:*:*, AmazonEKSClusterAdminPolicy",
    applies_to=any_of(IAM_POLICY, IAM_ROLE, ATTACHMENT, BINDING, CLUSTER_ROLE),
    judge=judge,
)
