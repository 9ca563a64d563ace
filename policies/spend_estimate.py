"""spend-estimate: what node pools can cost is said, where nobody has agreed on a ceiling."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from policies.framework.kinds import NODE_POOL
from policies.framework.policy import Context, Declared, Policy, Problem
from policies.resources.pool_cost import usd_per_hour_at_limit
from policies.spend_ceiling import USD_PER_WORKSHOP, agreed_usd, event_ceiling


def judge_stack(resources: tuple[Declared, ...], context: Context) -> Iterator[Problem]:
    """The number, for all pools together: an hour, and a workshop where a window says how long it is."""
    pools = [resource for resource in resources if NODE_POOL(resource.type) and not resource.is_patch]
    is_capped = context.stack is not None and event_ceiling(context.stack.settings) is not None
    if agreed_usd(context) is None and not is_capped and pools:
        usd = sum((usd_per_hour_at_limit(pool) for pool in pools), Decimal(0))
        plan = context.stack.plan if context.stack else None
        hours = plan.cost.hours if plan and plan.phase and plan.phase.is_in_window else None
        workshop = "" if hours is None else f", {usd * hours:.2f} in the window's {hours:g} hours"
        yield Problem(
            problem=f"at their limits the nodes of the stack's pools cost {usd:.2f} USD an hour{workshop}",
            fix="to make this number a limit: pulumi config set spend_ceiling_usd N",
        )


SPEND_ESTIMATE = Policy(
    id="spend-estimate",
    title="What node pools can cost is known before they are bought.",
    why="no ceiling is agreed",
    fix="Set workshop:spend_ceiling_usd.",
    source="workshop/model/data/instances.json: prices with source and date; nodes only, volumes are not in it",
    severity="low",
    is_mandatory=False,
    judge_stack=judge_stack,
    options={"usdPerWorkshop": USD_PER_WORKSHOP},
)
