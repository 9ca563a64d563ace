"""door-rights: what serves people's page from the internet has no right in any cluster, and one Secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from policies.framework.kinds import any_of, kubernetes
from policies.framework.policy import Context, Declared, Policy, Problem
from policies.framework.reading import Reading
from workshop.model.names import DOOR, EVENT_NAMESPACE

DEPLOYMENT: Final = kubernetes("apps", "Deployment")
ACCOUNT: Final = kubernetes("core", "ServiceAccount")
BINDING: Final = kubernetes("rbac.authorization.k8s.io", "ClusterRoleBinding", "RoleBinding")

_ROLE_ANNOTATION: Final = "eks.amazonaws.com/role-arn"
_GROUPS: Final = frozenset({f"system:serviceaccounts:{EVENT_NAMESPACE}", "system:serviceaccounts"})
_USER: Final = f"system:serviceaccount:{EVENT_NAMESPACE}:{DOOR}"


def judge(declared: Declared, _context: Context) -> Iterator[Problem]:
    """A Pod of the door with a token, rights on its node or more than one Secret, or a role for its account."""
    if BINDING(declared.type):
        yield from _binding(declared)
    elif declared.object_name != DOOR or declared.namespace != EVENT_NAMESPACE:
        return
    elif declared.is_patch:
        yield Problem(problem="a patch changes the door", fix="change the component Door instead")
    elif ACCOUNT(declared.type):
        annotations = declared.props.optional("metadata", "annotations")
        if annotations is not None and _ROLE_ANNOTATION in annotations.entries_or_none():
            yield Problem(problem="its account takes on an IAM role", fix=f"remove the annotation {_ROLE_ANNOTATION}")
    else:
        yield from _pod(declared.props.member("spec", "template", "spec"))


def _pod(pod: Reading) -> Iterator[Problem]:
    yield from _fields(pod, {"automountServiceAccountToken": False, "securityContext.runAsNonRoot": True})
    containers = [*pod.member("containers").items(), *_optional(pod, "initContainers")]
    for one in containers:
        hardened = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True}
        yield from _fields(one.member("securityContext"), hardened)
    secrets = {
        reference.member("name").text()
        for one in containers
        for variable in _optional(one, "env")
        if (reference := variable.optional("valueFrom", "secretKeyRef")) is not None
    }
    others = [*_optional(pod, "volumes"), *(each for one in containers for each in _optional(one, "envFrom"))]
    if len(secrets) > 1 or others:
        yield Problem(
            problem=f"it reads {', '.join(sorted(secrets)) or 'no Secret'}"
            f"{' and more by volumes or envFrom' if others else ''}",
            fix="give it the Secret of its database, as a variable, and nothing else",
        )


def _fields(of: Reading, wanted: Mapping[str, bool]) -> Iterator[Problem]:
    for path, value in wanted.items():
        found = of.member(*path.split("."))
        if found.boolean() is not value:
            says = str(value).lower()
            yield Problem(problem=f"{found.path} must be {says}", fix=f"set {found.path} to {says}")


def _optional(of: Reading, key: str) -> tuple[Reading, ...]:
    found = of.optional(key)
    return found.items_or_none() if found else ()


def _binding(binding: Declared) -> Iterator[Problem]:
    for subject in _optional(binding.props, "subjects"):
        name, kind = subject.member("name").text(), subject.member("kind").text()
        namespace = subject.optional("namespace")
        is_account = kind == "ServiceAccount" and (name, namespace.text() if namespace else "") == (
            DOOR,
            EVENT_NAMESPACE,
        )
        if is_account or (kind == "User" and name == _USER) or (kind == "Group" and name in _GROUPS):
            yield Problem(problem=f"it gives the door's account the role {_role(binding)}", fix="remove this subject")


def _role(binding: Declared) -> str:
    return binding.props.member("roleRef", "name").text()


DOOR_RIGHTS = Policy(
    id="door-rights",
    title="The page for people has no right in a cluster or at AWS, and one Secret.",
    why="whoever broke into the page would have its rights",
    fix="Declare the door by the component Door, and grant its account nothing.",
    source="Kubernetes documentation, Pod Security Standards and ServiceAccounts; docs/door.md",
    severity="critical",
    applies_to=any_of(DEPLOYMENT, ACCOUNT, BINDING),
    judge=judge,
)
