"""A node pool's limits, and a static pool's number of nodes: the keys that Karpenter knows, and enough for the plan."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from policies.framework.policy import Context, Declared, Problem
from policies.framework.quantities import GIB, quantity
from policies.framework.reading import Reading
from workshop.model.plan.nodes import NodePlan

KEYS = frozenset({"cpu", "memory", "ephemeral-storage", "pods", "nodes", "nvidia.com/gpu", "amd.com/gpu"})
"""Resources that nodes report; a limit on any other is never reached. `nodes` is Karpenter's own."""


def static_nodes(declared: Declared) -> Reading | None:
    """spec.replicas: how many nodes a static pool always has. None of a pool that grows with its pods."""
    return declared.props.optional("spec", "replicas")


def pool_limits(declared: Declared, context: Context, region: str | None) -> Iterator[Problem]:
    """What is wrong with spec.limits. region: whose plan it has to hold, where that is known."""
    planned = context.stack.plan.regions.get(region) if context.stack and region else None
    replicas = static_nodes(declared)
    if replicas is not None:
        yield from static_pool(declared, replicas, planned.nodes if planned else None, region)
        return
    limits = declared.props.member("spec", "limits").entries()
    for key in sorted(set(limits) - KEYS):
        yield Problem(
            problem=f"spec.limits has '{key}', not a resource of a node",
            fix=f"remove {key}, or write one of {', '.join(sorted(KEYS))}",
        )
    amounts = {key: quantity(limits[key]) for key in sorted(set(limits) & KEYS)}
    if "cpu" not in amounts:
        yield Problem(
            problem="spec.limits.cpu is missing", why="the pool could grow without end", fix="set spec.limits.cpu"
        )
    if planned is not None:
        yield from below_plan(limits, amounts, planned.nodes, f"the plan for {region}")


def below_plan(
    limits: dict[str, Reading], amounts: dict[str, Decimal], plan: NodePlan, whose: str
) -> Iterator[Problem]:
    """Limits that the planned nodes, and one more, do not fit in."""
    nodes = plan.nodes + 1
    for key, needed, unit in (
        ("cpu", plan.limit_vcpu, ""),
        ("memory", plan.limit_memory_gib, "Gi"),
        ("ephemeral-storage", plan.volume_gib * nodes, "Gi"),
        ("nodes", nodes, ""),
        ("pods", plan.max_pods * nodes, ""),
    ):
        if key in amounts and amounts[key] < Decimal(needed) * (GIB if unit else 1):
            yield Problem(
                problem=f"spec.limits.{key} is {limits[key].value}, {whose} needs {needed}{unit}",
                fix=f"set spec.limits.{key} to {needed}{unit}",
            )


def static_pool(declared: Declared, replicas: Reading, plan: NodePlan | None, region: str | None) -> Iterator[Problem]:
    """A static pool with what only a growing one may have, or with too few nodes."""
    count, spec = replicas.integer(), declared.props.member("spec")
    limits = spec.optional("limits")
    for key in sorted(set(limits.entries_or_none()) - {"nodes"}) if limits else ():
        yield Problem(
            problem=f"spec.limits has '{key}', a static pool takes nodes only",
            why="the API server refuses it",
            fix=f"remove spec.limits.{key}",
        )
    if spec.optional("weight"):
        yield Problem(
            problem="spec.weight is declared, a static pool has none",
            why="the API server refuses it",
            fix="remove spec.weight",
        )
    most = limits.optional("nodes") if limits else None
    if most is not None and quantity(most) < count:
        yield Problem(
            problem=f"spec.limits.nodes is {most.value}, spec.replicas is {count}",
            fix=f"set spec.limits.nodes to {count}",
        )
    if plan is not None and count < plan.nodes:
        yield Problem(
            problem=f"spec.replicas is {count}, the plan for {region} needs {plan.nodes} nodes",
            why="a static pool does not grow: workspaces stay pending",
            fix=f"set spec.replicas to {plan.nodes}",
        )
