"""least-privilege: no wildcard permissions, no trust in every service account or account, no way to more rights."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.framework.kinds import any_of, exactly, kubernetes
from policies.framework.policy import Context, Declared, Option, Policy, Problem
from policies.framework.reading import Reading
from policies.resources.cluster_rights import GETS_IN, RUNS_ANYTHING, broad_binding, broad_rules, for_everybody
from policies.resources.iam_rights import (
    broad_association,
    broad_policy,
    broad_rights,
    broad_trust,
    either,
    statements,
)
from workshop.model.names import KEEPER, MARK, WARM_KEEPER

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
)
ASSOCIATION = exactly("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
ACCESS_ENTRY = exactly("aws:eks/accessEntry:AccessEntry", "aws-native:eks:AccessEntry")
BINDING = kubernetes("rbac.authorization.k8s.io", "ClusterRoleBinding", "RoleBinding")
CLUSTER_ROLE = kubernetes("rbac.authorization.k8s.io", "ClusterRole", "Role")

_ACCOUNT = re.compile(r"\b\d{12}\b")


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """One grant of rights, by its kind.

    Kubernetes: rules for everything, reading every Secret, creating what runs pods, getting into pods, nodes/proxy,
    tokens and certificates. IAM: wildcards, stored data everywhere, actions that give more rights without a permissions
    boundary, and trust in other accounts.
    """
    if IAM_POLICY(declared.type):
        for statement in statements(either(declared.props, "policy", "policyDocument")):
            yield from broad_rights(statement)
    elif IAM_ROLE(declared.type):
        yield from role(declared, own_accounts(declared, context))
    elif ATTACHMENT(declared.type):
        yield from broad_policy(declared.props.member("policyArn"))
    elif ASSOCIATION(declared.type):
        yield from broad_association(declared.props)
    elif ACCESS_ENTRY(declared.type):
        groups = declared.props.optional("kubernetesGroups")
        yield from for_everybody(groups.items_or_none() if groups else ())
        policies = declared.props.optional("accessPolicies")
        for association in policies.items_or_none() if policies else ():
            yield from broad_association(association)
    elif BINDING(declared.type):
        yield from broad_binding(declared)
    else:
        spared = {RUNS_ANYTHING: "workloadCreators", GETS_IN: "podEntrants"}
        roles = {meaning: context.options.member(option).items_or_none() for meaning, option in spared.items()}
        yield from broad_rules(
            declared, {meaning: frozenset(name.text() for name in names) for meaning, names in roles.items()}
        )


def own_accounts(declared: Declared, context: Context) -> frozenset[str]:
    """Accounts that a role may trust: the stack's, its provider's, and those that are listed."""
    listed = {account.text() for account in context.options.member("accounts").items_or_none()}
    allowed = declared.provider.optional("allowedAccountIds") if declared.provider else None
    if allowed is not None:  # a provider's lists travel as JSON
        listed |= set(_ACCOUNT.findall(str(allowed.value)))
    if context.stack is not None and context.stack.settings.account:
        listed.add(context.stack.settings.account)
    return frozenset(listed)


def role(declared: Declared, accounts: frozenset[str]) -> Iterator[Problem]:
    """Who may take a role, and what is attached to it in place."""
    for statement in statements(either(declared.props, "assumeRolePolicy", "assumeRolePolicyDocument")):
        yield from broad_trust(statement, accounts)
    attached = declared.props.optional("managedPolicyArns")
    for arn in attached.items_or_none() if attached else ():
        yield from broad_policy(arn)
    for statement in inline_statements(declared):
        yield from broad_rights(statement)


def inline_statements(role: Declared) -> Iterator[Reading]:
    """What the policies that a role has in itself allow. Raises Unreadable."""
    for name in ("inlinePolicies", "policies"):
        inline = role.props.optional(name)
        for policy in inline.items_or_none() if inline else ():
            yield from statements(either(policy, "policy", "policyDocument"))


LEAST_PRIVILEGE = Policy(
    id="least-privilege",
    title="Nobody gets rights on everything, or a way to them.",
    why="whoever gets hold of it gets hold of the platform",
    fix="List actions, resources, subjects and verbs that are used.",
    source=(
        "facts of the real repository: IRSA trust system:serviceaccount:*:*, AmazonEKSClusterAdminPolicy; Kubernetes "
        "documentation, RBAC good practices; AWS documentation, IAM"
    ),
    applies_to=any_of(IAM_POLICY, IAM_ROLE, ATTACHMENT, ASSOCIATION, ACCESS_ENTRY, BINDING, CLUSTER_ROLE),
    judge=judge,
    options={
        "accounts": Option(
            schema={
                "type": "array",
                "items": {"type": "string"},
                "description": "AWS accounts that roles may trust, beside the stack's own",
            },
            default=[],
        ),
        "workloadCreators": Option(
            schema={
                "type": "array",
                "items": {"type": "string"},
                "description": "roles that may create or change what runs pods, since admission bounds what of it",
            },
            default=[f"{MARK}-{name}" for name in ("rotation-check", "generator-check", WARM_KEEPER)],
        ),
        "podEntrants": Option(
            schema={
                "type": "array",
                "items": {"type": "string"},
                "description": "roles that may get into pods, since admission bounds into which (keeper-rights)",
            },
            default=[KEEPER],
        ),
    },
)
