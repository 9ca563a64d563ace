"""replica-bounds: autoscalers, quotas and disruption budgets leave room for the replicas that the plan asks for.

Source of defaults: Kubernetes API reference, autoscaling/v2; KEDA documentation, ScaledObject.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from policies.framework.kinds import any_of, kubernetes
from policies.framework.policy import Context, Declared, Policy, Problem
from policies.framework.quantities import GIB, quantity
from policies.framework.reading import Reading
from policies.replica_floor import FLOORS_OPTION, SCALED_OBJECT, floor_of, known_keys
from policies.resources.clusters import region_of_cluster

AUTOSCALER = kubernetes("autoscaling", "HorizontalPodAutoscaler")
QUOTA = kubernetes("core", "ResourceQuota")
BUDGET = kubernetes("policy", "PodDisruptionBudget")

KEEPING = "currentReplicasIfHigher"
"""A fallback that takes nothing away, and that minReplicaCount keeps from going lower."""

PAUSED_REPLICAS = "autoscaling.keda.sh/paused-replicas"


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """One autoscaler, quota or budget against the plan's replicas of what it is for.

    Quotas also against the planned workspaces of the default organization's namespace.
    """
    if QUOTA(declared.type):
        yield from quota(declared, context)
    elif BUDGET(declared.type):
        yield from budget(declared, context)
    else:
        yield from autoscaler(declared, context)


def autoscaler(declared: Declared, context: Context) -> Iterator[Problem]:
    """Fewest and most replicas, also those of a pause, a fallback and an idle time."""
    key = f"{declared.namespace}/{declared.props.member('spec', 'scaleTargetRef', 'name').text()}"
    floor = floor_of(key, context)
    if floor is None:
        return
    is_keda, spec = SCALED_OBJECT(declared.type), declared.props.member("spec")
    fewest, most = ("minReplicaCount", "maxReplicaCount") if is_keda else ("minReplicas", "maxReplicas")
    defaults = {fewest: 0 if is_keda else 1, most: 100 if is_keda else None}
    for name, default in defaults.items():
        reading = spec.optional(name)
        count = default if reading is None and default is not None else spec.member(name).integer()
        if count < floor:
            yield below(f"spec.{name}", f"{count}{' by default' if reading is None else ''}", key, floor)
    behavior = spec.optional("fallback", "behavior") if is_keda else None
    keeps = behavior is not None and behavior.text() == KEEPING
    for path in (("idleReplicaCount",), *(() if keeps else (("fallback", "replicas"),))) if is_keda else ():
        reading = spec.optional(*path)
        if reading is not None and reading.integer() < floor:
            yield below(reading.path, str(reading.integer()), key, floor)
    paused = declared.props.optional("metadata", "annotations", PAUSED_REPLICAS) if is_keda else None
    if paused is not None and not (paused.text().isdecimal() and int(paused.text()) >= floor):
        yield below(f"metadata.annotations.{PAUSED_REPLICAS}", f"'{paused.text()}'", key, floor)


def below(path: str, found: str, key: str, floor: int) -> Problem:
    """Fewer replicas than the plan has."""
    return Problem(problem=f"{path} is {found}, the plan has {floor} of {key}", fix=f"set {path} to {floor}")


def quota(declared: Declared, context: Context) -> Iterator[Problem]:
    """Limits of a namespace that the plan's pods and workspaces do not fit in."""
    hard = declared.props.optional("spec", "hard")
    limits = hard.entries_or_none() if hard else {}
    for name, (needed, unit) in needs(declared, context).items():
        for key in (name, f"requests.{name}", f"limits.{name}", f"count/{name}"):
            if key in limits and needed and quantity(limits[key]) < Decimal(needed) * (GIB if unit else 1):
                yield Problem(
                    problem=f"{limits[key].path} is {limits[key].value}, the plan needs {needed}{unit} in "
                    f"{declared.namespace}",
                    fix=f"set {limits[key].path} to {needed}{unit}",
                )


def needs(declared: Declared, context: Context) -> dict[str, tuple[int, str]]:
    """What the plan runs in the namespace: pods, and what workspaces ask for."""
    keys = [key for key in known_keys(context) if key.partition("/")[0] == declared.namespace]
    pods = sum(floor_of(key, context) or 0 for key in keys)
    stack, users = context.stack, 0
    found: dict[str, tuple[int, str]] = {}
    if stack is not None and any(
        organization.is_default and organization.namespace == declared.namespace
        for organization in stack.settings.organizations
    ):
        region = region_of_cluster(declared, stack)
        plans = [stack.plan.regions[region.name]] if region else list(stack.plan.regions.values())
        users = max(plan.nodes.users for plan in plans)
        shapes = stack.settings.workspaces.shapes
        found = {
            "cpu": (users * max(shape.vcpu for shape in shapes), ""),
            "memory": (users * max(shape.memory_gib for shape in shapes), "Gi"),
            "ephemeral-storage": (users * stack.settings.workspaces.storage_gib, "Gi"),
        }
    return {"pods": (pods + users, ""), **found}


def budget(declared: Declared, context: Context) -> Iterator[Problem]:
    """A number of pods that must stay up and that the plan does not have."""
    least = declared.props.optional("spec", "minAvailable")
    if least is None or isinstance(least.value, str):  # a share of the pods is never more than there are
        return
    key = covered(declared, context)
    floor = floor_of(key, context) if key else None
    if floor is not None and least.integer() > floor:
        yield Problem(
            problem=f"{least.path} is {least.integer()}, the plan has {floor} of {key}",
            fix=f"set {least.path} to {max(floor - 1, 1)}",
        )


def covered(declared: Declared, context: Context) -> str | None:
    """namespace/name of the one Deployment of the plan that a budget's labels select, as far as they tell."""
    keys = [key for key in known_keys(context) if key.partition("/")[0] == declared.namespace]
    labels: Reading | None = declared.props.optional("spec", "selector", "matchLabels")
    values = {label.text() for label in labels.entries_or_none().values()} if labels else set[str]()
    named = [key for key in keys if key.partition("/")[2] in values]
    return next(iter(named or (keys if len(keys) == 1 else [])), None)


REPLICA_BOUNDS = Policy(
    id="replica-bounds",
    title="Autoscalers, quotas and disruption budgets leave room for the plan's replicas.",
    why="the cluster would take back, or never start, what the plan counts on",
    fix="Set the least number to the plan's, or remove the autoscaler, quota or budget for the workshop.",
    source="Kubernetes API reference: autoscaling/v2, ResourceQuota, policy/v1; KEDA documentation, ScaledObject",
    severity="critical",
    applies_to=any_of(AUTOSCALER, SCALED_OBJECT, QUOTA, BUDGET),
    judge=judge,
    options=dict(FLOORS_OPTION),
)
