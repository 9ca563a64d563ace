"""keeper-rights: whoever gets into pods is bound by admission, and whoever ends instances by their tags."""

from __future__ import annotations

from collections.abc import Iterator

from policies.framework.kinds import ADMISSION, any_of, kubernetes
from policies.framework.policy import Context, Declared, Policy, Problem
from policies.framework.reading import Reading
from policies.least_privilege import IAM_POLICY, IAM_ROLE, inline_statements
from policies.resources.iam_rights import either, ends_instances, statements

BINDING = kubernetes("rbac.authorization.k8s.io", "ClusterRoleBinding", "RoleBinding")
ROLE = kubernetes("rbac.authorization.k8s.io", "ClusterRole", "Role")
EXEC = "pods/exec"
_WAYS_IN = frozenset({EXEC, "pods/attach", "pods/portforward", "pods/*", "*/exec", "*"})


def judge(declared: Declared, _context: Context) -> Iterator[Problem]:
    """A role that gets into the pods of every namespace, or an IAM policy that ends instances whatever their tags."""
    if IAM_POLICY(declared.type):
        for statement in statements(either(declared.props, "policy", "policyDocument")):
            yield from ends_instances(statement)
    elif IAM_ROLE(declared.type):
        for statement in inline_statements(declared):
            yield from ends_instances(statement)
    elif ROLE(declared.type) and "ClusterRole" in declared.type and enters(declared):
        yield Problem(
            problem="it gets into pods of every namespace",
            fix="give the right in the workspace namespaces, by a Role in each",
        )


def enters(declared: Declared) -> bool:
    """Whether a role lets its subjects run commands in pods. Raises Unreadable."""
    rules = declared.props.optional("rules")
    return any(
        _WAYS_IN & set(resources.texts())
        for rule in (rules.items_or_none() if rules else ())
        if (resources := rule.optional("resources")) is not None
    )


def judge_stack(resources: tuple[Declared, ...], _context: Context) -> Iterator[Problem]:
    """Subjects of roles that get into pods and whom no admission policy of their cluster binds there."""
    roles = {_role_key(one): one for one in resources if ROLE(one.type) and enters(one)}
    for binding in (one for one in resources if BINDING(one.type)):
        role = roles.get((binding.place, binding.namespace, binding.props.member("roleRef", "name").text()))
        if role is None:
            continue
        bound = bound_users(resources, binding.place)
        subjects = binding.props.optional("subjects")
        for subject in subjects.items_or_none() if subjects else ():
            if user_of(subject) not in bound:
                yield Problem(
                    problem=f"{user_of(subject)} gets into pods of {binding.namespace}, and no admission policy on "
                    f"CONNECT to {EXEC} binds it",
                    fix="declare the component EventAdmission in this cluster, with this user",
                    about=binding,
                )


def _role_key(role: Declared) -> tuple[str, str, str]:
    return role.place, role.namespace, role.object_name


def user_of(subject: Reading) -> str:
    """The name by which the API server knows a subject, where that is one user."""
    name = subject.member("name").text()
    kind = subject.member("kind").text()
    if kind == "ServiceAccount":
        return f"system:serviceaccount:{subject.member('namespace').text()}:{name}"
    return name if kind == "User" else f"{kind} {name}"


def bound_users(resources: tuple[Declared, ...], place: str) -> frozenset[str]:
    """Users whose commands in pods some policy of this cluster refuses unless it knows them."""
    here = [one for one in resources if ADMISSION(one.type) and one.place == place]
    denying = {
        one.props.member("spec", "policyName").text()
        for one in here
        if "Binding" in one.type and "Deny" in one.props.member("spec", "validationActions").texts()
    }
    return frozenset(
        user
        for one in here
        if "Binding" not in one.type and one.object_name in denying and _judges_exec(one)
        for user in _users(one)
    )


def _judges_exec(policy: Declared) -> bool:
    spec = policy.props.member("spec")
    failing = spec.optional("failurePolicy")
    if failing is not None and failing.text() != "Fail":
        return False
    return any(
        EXEC in rule.member("resources").texts() and {"CONNECT", "*"} & set(rule.member("operations").texts())
        for rule in spec.member("matchConstraints", "resourceRules").items()
    )


def _users(policy: Declared) -> Iterator[str]:
    """Users that its one condition names: with another condition beside it some requests would pass unjudged."""
    conditions = policy.props.optional("spec", "matchConditions")
    found = conditions.items_or_none() if conditions else ()
    beginning, end = "request.userInfo.username in [", "]"
    if len(found) != 1:
        return
    expression = found[0].member("expression").text()
    if expression.startswith(beginning) and expression.endswith(end):
        yield from (name.strip().strip("'\"") for name in expression[len(beginning) : -len(end)].split(","))


KEEPER_RIGHTS = Policy(
    id="keeper-rights",
    title="Whoever gets into pods is bound by admission to those of workspaces.",
    why="its rights would reach provisioners, which hold the platform's credentials",
    fix="Give exec in namespaces only, and declare the component EventAdmission beside it.",
    source="Kubernetes documentation, RBAC good practices; admission on CONNECT; docs/event-parts.md",
    severity="critical",
    applies_to=any_of(ROLE, BINDING, IAM_POLICY, IAM_ROLE),
    judge=judge,
    judge_stack=judge_stack,
)
