"""A node pool's limits: the keys that Karpenter knows, and enough of each for the plan."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from policies.framework.policy import Context, Declared, Problem
from policies.framework.quantities import GIB, quantity

KEYS = frozenset({"cpu", "memory", "ephemeral-storage", "pods", "nodes", "nvidia.com/gpu", "amd.com/gpu"})
"""Resources that nodes report; a limit on any other is never reached. `nodes` is Karpenter's own."""


def pool_limits(declared: Declared, context: Context, region: str | None) -> Iterator[Problem]:
    """What is wrong with spec.limits. region: whose plan it has to hold, where that is known."""
    limits = declared.props.member("spec", "limits").entries()
    for key in sorted(set(limits) - KEYS):
        yield Problem(
            problem=f"spec.limits has '{key}', not a resource of a node",
            fix=f"write one of {', '.join(sorted(KEYS))}",
        )
    amounts = {key: quantity(limits[key]) for key in sorted(set(limits) & KEYS)}
    if "cpu" not in amounts:
        yield Problem(problem="spec.limits.cpu is missing", why="the pool could grow without end", fix="set it")
    stack = context.stack
    plan = stack.plan.regions.get(region) if stack and region else None
    if plan is None:
        return
    for key, needed, unit in (
        ("cpu", Decimal(plan.nodes.limit_vcpu), ""),
        ("memory", Decimal(plan.nodes.limit_memory_gib * GIB), "Gi"),
    ):
        if key in amounts and amounts[key] < needed:
            amount = int(needed / (GIB if unit else 1))
            yield Problem(
                problem=f"spec.limits.{key} is {limits[key].value}, the plan for {region} needs {amount}{unit}",
                fix=f"set it to {amount}{unit}",
            )
