"""What Kubernetes roles allow, and to whom bindings give them.

Source: Kubernetes documentation, Role Based Access Control Good Practices: privilege escalation risks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policies.framework.policy import Declared, Problem
from policies.framework.reading import Reading

ESCALATING = frozenset({"approve", "bind", "escalate", "impersonate", "sign"})
EVERYBODY = frozenset(
    {"system:anonymous", "system:authenticated", "system:masters", "system:serviceaccounts", "system:unauthenticated"}
)
SERVICE_ACCOUNTS = "system:serviceaccounts"
WRITING_ROLES = frozenset({"admin", "edit"})
"""Kubernetes' own roles that start pods and read Secrets in a namespace."""


RUNS_ANYTHING = "runs any image"
GETS_IN = "gets into running pods"
"""How meanings begin of which roles may be spared."""


@dataclass(frozen=True, kw_only=True)
class Danger:
    """Rights that give more than they seem to. verbs: empty for any."""

    group: str
    resources: frozenset[str]
    verbs: frozenset[str]
    meaning: str
    is_bounded_by_names: bool = True


READ = frozenset({"get", "list", "watch"})
WRITE = frozenset({"create", "patch", "update"})
DANGERS = (
    Danger(group="", resources=frozenset({"secrets"}), verbs=READ, meaning="reads every Secret"),
    Danger(
        group="",
        resources=frozenset({"pods", "replicationcontrollers", "podtemplates"}),
        verbs=WRITE,
        meaning=f"{RUNS_ANYTHING} as any ServiceAccount",
    ),
    Danger(
        group="apps",
        resources=frozenset({"daemonsets", "deployments", "replicasets", "statefulsets"}),
        verbs=WRITE,
        meaning=f"{RUNS_ANYTHING} as any ServiceAccount",
    ),
    Danger(
        group="batch",
        resources=frozenset({"cronjobs", "jobs"}),
        verbs=WRITE,
        meaning=f"{RUNS_ANYTHING} as any ServiceAccount",
    ),
    Danger(
        group="",
        resources=frozenset({"pods/attach", "pods/ephemeralcontainers", "pods/exec", "pods/portforward"}),
        verbs=frozenset(),
        meaning=GETS_IN,
    ),
    Danger(
        group="",
        resources=frozenset({"nodes/proxy"}),
        verbs=frozenset(),
        meaning="runs commands in every pod of a node",
        is_bounded_by_names=False,
    ),
    Danger(
        group="",
        resources=frozenset({"serviceaccounts/token"}),
        verbs=WRITE,
        meaning="issues tokens of any ServiceAccount",
    ),
    Danger(
        group="certificates.k8s.io",
        resources=frozenset({"certificatesigningrequests/approval"}),
        verbs=frozenset(),
        meaning="issues certificates of any user",
    ),
    Danger(
        group="admissionregistration.k8s.io",
        resources=frozenset({"mutatingwebhookconfigurations", "validatingwebhookconfigurations"}),
        verbs=WRITE,
        meaning="reads and changes every object",
    ),
)


def broad_rules(declared: Declared, bounded: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    """Kubernetes rules for everything, or by which a subject gets more rights than they name.

    bounded: by what rights give, how its meaning begins, the roles that may have them since something else bounds them.
    """
    if declared.props.optional("aggregationRule") is not None and declared.props.optional("rules") is None:
        return
    for rule in declared.props.member("rules").items():
        verbs = rule.member("verbs").texts()
        resources = rule.optional("resources")
        urls = rule.optional("nonResourceURLs")
        if "*" in verbs:
            yield Problem(problem=f"{rule.path}.verbs is '*'", fix="list the verbs that are used")
        if resources is not None and any(name in ("*", "*/*") for name in resources.texts()):
            yield Problem(problem=f"{rule.path}.resources is '*'", fix="list the resources that are used")
        if urls is not None and any(name in ("*", "/*") for name in urls.texts()):
            yield Problem(problem=f"{rule.path}.nonResourceURLs is '*'", fix="list the URLs that are used")
        for verb in sorted(ESCALATING & set(verbs)):
            yield Problem(problem=f"{rule.path}.verbs has '{verb}'", fix=f"remove {verb}")
        if resources is not None:
            spared = tuple(meaning for meaning, roles in bounded.items() if declared.object_name in roles)
            yield from dangerous(rule, resources.texts(), frozenset(verbs), spared)


def dangerous(
    rule: Reading, resources: tuple[str, ...], verbs: frozenset[str], spared: tuple[str, ...]
) -> Iterator[Problem]:
    """Rights of a rule that names no objects, or that no names bound. spared: how the meanings of others begin."""
    groups = rule.optional("apiGroups")
    in_groups = frozenset(str(group.value) for group in groups.items()) if groups else frozenset("*")
    names = rule.optional("resourceNames")
    is_named = bool(names and names.items_or_none() and names.texts())
    for danger in DANGERS:
        if danger.group not in in_groups and "*" not in in_groups:
            continue
        if (is_named and danger.is_bounded_by_names) or danger.meaning.startswith(spared):
            continue
        found_verbs = sorted(verbs & (danger.verbs or verbs) - {"*"})
        for name in resources:
            if found_verbs and any(_covers(name, one) for one in danger.resources):
                yield Problem(
                    problem=f"{rule.path} allows {', '.join(found_verbs)} on {name}, which {danger.meaning}",
                    fix=f"remove {name}" + (", or name objects in resourceNames" if danger.is_bounded_by_names else ""),
                )


def _covers(name: str, resource: str) -> bool:
    kind, slash, sub = resource.partition("/")
    return name in (resource, f"*/{sub}" if slash else resource, f"{kind}/*" if slash else resource)


def for_everybody(names: Iterable[Reading]) -> Iterator[Problem]:
    """Groups that hold everybody who can reach the cluster, or all who get every right."""
    for name in names:
        if name.text() in EVERYBODY:
            yield Problem(
                problem=f"{name.path} is {name.text()}", fix="name a group, user or service account of its own"
            )


def broad_binding(declared: Declared) -> Iterator[Problem]:
    """cluster-admin for anyone; admin or edit in every namespace, or for all ServiceAccounts of one."""
    role = declared.props.member("roleRef", "name").text()
    if role == "cluster-admin":
        yield Problem(problem="roleRef.name is cluster-admin", fix="bind a role with the rights that are used")
    elif role in WRITING_ROLES and "ClusterRoleBinding" in declared.type:
        yield Problem(problem=f"roleRef.name is {role}, in every namespace", fix="bind it by a RoleBinding")
    found = declared.props.optional("subjects")
    subjects = found.items_or_none() if found else ()
    yield from for_everybody(subject.member("name") for subject in subjects)
    for subject in subjects:
        name = subject.member("name")
        if role in WRITING_ROLES and name.text().startswith(f"{SERVICE_ACCOUNTS}:"):
            yield Problem(
                problem=f"{name.path} is {name.text()}, which gets {role}",
                fix="name the one ServiceAccount that uses it",
            )
