"""replica-floor: as many provisioners, servers, proxies and LiteLLM pods as the users need, in every region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from policies.framework.kinds import DEPLOYMENT, any_of, kubernetes
from policies.framework.policy import Context, Declared, Option, Policy, Problem, StackConfig
from workshop.model.plan.workloads import PROVISIONER, region_workloads
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Scope

FLOORS: Mapping[str, int] = {
    "coder-ws/coder-provisioner": 6,
    "coder-ws-experiment/coder-provisioner": 2,
    "coder-ws-demo/coder-provisioner": 2,
    "litellm/litellm": 4,
    "coder/coder": 2,
    "coder-proxy/coder": 2,
}
"""What the platform runs for fewer than ten users, by namespace/name of the Deployment (the guide's first row)."""

FLOORS_OPTION = {
    "floors": Option(
        schema={
            "type": "object",
            "additionalProperties": {"type": "integer", "minimum": 1},
            "description": "least replicas by namespace/name of the Deployment",
        },
        default=dict(FLOORS),
    )
}


SCALED = any_of(DEPLOYMENT, kubernetes("apps", "StatefulSet"), kubernetes("argoproj.io", "Rollout"))
"""What has a number of replicas and may stand in for a Deployment."""

SCALED_OBJECT = kubernetes("keda.sh", "ScaledObject")
"""What has KEDA scale one of these."""


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """One Deployment's replicas against the floor for it."""
    key = deployment_key(declared)
    floor = floor_of(key, context)
    if floor is None:
        return
    reading = declared.props.optional("spec", "replicas")
    if reading is None and declared.is_patch:
        return
    replicas = declared.props.member("spec", "replicas").integer()
    if replicas < floor:
        stack = context.stack
        users = f" for {stack.plan.users} users" if stack else ""
        yield Problem(
            problem=f"spec.replicas of {key} is {replicas}, must be {floor} or more{users}",
            fix=f"set spec.replicas to {floor}",
        )


def judge_stack(resources: tuple[Declared, ...], context: Context) -> Iterator[Problem]:
    """Deployments of the plan whose number of pods nothing in the stack declares, nor scales (replica-bounds)."""
    stack = context.stack
    if stack is None or stack.settings.scope is not Scope.ALL:
        return
    present = {
        (declared.cluster, deployment_key(declared))
        for declared in resources
        if SCALED(declared.type) and declared.props.optional("spec", "replicas")
    } | {
        (declared.cluster, f"{declared.namespace}/{declared.props.member('spec', 'scaleTargetRef', 'name').text()}")
        for declared in resources
        if SCALED_OBJECT(declared.type)
    }
    for region in stack.settings.regions:
        for deployment in region_workloads(stack.settings, region).deployments:
            if not _declares(present, region, deployment.key):
                yield Problem(
                    problem=f"nothing declares how many pods {deployment.key} has in {region.name}",
                    fix=f"declare replicas for it on the provider of the cluster of {region.name}",
                )


def floor_of(key: str, context: Context) -> int | None:
    """Least replicas of namespace/name: the option's, raised by the plan; None where neither has any."""
    stack = context.stack
    known = (configured(context).get(key), planned(stack).get(key) if stack else None)
    return max((floor for floor in known if floor is not None), default=None)


def configured(context: Context) -> Mapping[str, int]:
    """The option's floors."""
    return {name: value.integer() for name, value in context.options.member("floors").entries_or_none().items()}


def known_keys(context: Context) -> tuple[str, ...]:
    """namespace/name of everything that has a floor."""
    return tuple(sorted({*configured(context), *(planned(context.stack) if context.stack else ())}))


@lru_cache(maxsize=2)
def planned(stack: StackConfig) -> Mapping[str, int]:
    """Replicas that the plan gives each Deployment, the most of any region."""
    settings, plan = stack.settings, stack.plan
    found = {
        f"{settings.server.namespace}/{settings.server.deployment}": plan.server,
        f"{settings.proxy.namespace}/{settings.proxy.deployment}": plan.proxy,
        f"{settings.litellm.namespace}/{settings.litellm.deployment}": plan.litellm,
    }
    for organization in settings.organizations:
        hosted = [region.provisioners.get(organization.name, 0) for region in plan.regions.values()]
        found[f"{organization.namespace}/{PROVISIONER}"] = max(hosted)
    return found


def deployment_key(declared: Declared) -> str:
    """namespace/name of a Deployment. Raises Unreadable where they are not plain."""
    metadata = declared.props.member("metadata")
    namespace = metadata.optional("namespace")
    return f"{namespace.text() if namespace else 'default'}/{metadata.member('name').text()}"


def _declares(present: set[tuple[str | None, str]], region: Region, key: str) -> bool:
    return (region.cluster.context, key) in present


REPLICA_FLOOR = Policy(
    id="replica-floor",
    title="Provisioners, servers, proxies and LiteLLM have the pods that the users need.",
    why="builds and requests queue while participants wait",
    fix="Declare at least the number of replicas that the plan for these users gives.",
    source="Monthly Workshop Guide, scaling table; the 30 September incident: six provisioners, ten builds at once",
    severity="critical",
    applies_to=SCALED,
    judge=judge,
    judge_stack=judge_stack,
    options=dict(FLOORS_OPTION),
)
