"""spend-ceiling: node pools filled to their limits cost no more than was agreed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from policies.framework.kinds import NODE_POOL
from policies.framework.policy import Context, Declared, Option, Policy, Problem
from policies.resources.pool_cost import usd_per_hour_at_limit
from workshop.model.plan.cost import hours
from workshop.model.plan.event import plan_event
from workshop.model.settings.stack import Settings

USD_PER_WORKSHOP = Option(
    schema={"type": "integer", "minimum": 0, "description": "USD that one workshop's nodes may cost; 0: any"},
    default=0,
)


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """What a workshop may cost, and for how long it is paid, by a setting. usd: None where nothing was agreed."""

    usd: int | None
    hours: Decimal
    setting: str = "spend_ceiling_usd"


def ceiling(context: Context) -> Ceiling:
    """What was agreed, and for how long: an event's hard cap and hours, else the window's hours where there is one."""
    event = event_ceiling(context.stack.settings) if context.stack else None
    if event is not None:
        return event
    known = context.stack.plan.cost.hours if context.stack else None
    return Ceiling(usd=agreed_usd(context), hours=known or Decimal(context.options.member("hours").integer()))


def event_ceiling(settings: Settings) -> Ceiling | None:
    """An event's hard cap, less what is set aside for models, and its hours; None where there is none."""
    event, planned = settings.event, plan_event(settings)
    if event is None or planned is None or event.cap != "hard":
        return None
    usd, paid = event.budget_usd - event.ai_usd, hours(planned.paid)
    return Ceiling(usd=usd, hours=paid, setting="event.budget_usd")


def agreed_usd(context: Context) -> int | None:
    """The stack's own ceiling or, where it has none, the option's; None where nothing was agreed."""
    usd = context.options.member("usdPerWorkshop").integer()
    if context.stack is not None:
        usd = context.stack.settings.spend_ceiling_usd or usd
    return usd or None


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """One pool by itself, before it is touched."""
    agreed = ceiling(context)
    if agreed.usd is not None and not declared.is_patch:
        yield from above([declared], agreed)


def judge_stack(resources: tuple[Declared, ...], context: Context) -> Iterator[Problem]:
    """All pools together, where there are several."""
    pools = [resource for resource in resources if NODE_POOL(resource.type) and not resource.is_patch]
    agreed = ceiling(context)
    if agreed.usd is not None and len(pools) > 1:
        yield from above(pools, agreed)


def above(pools: Sequence[Declared], agreed: Ceiling) -> Iterator[Problem]:
    """Pools whose nodes, at their limits, cost more than the ceiling."""
    usd = sum((usd_per_hour_at_limit(pool) for pool in pools), Decimal(0)) * agreed.hours
    if agreed.usd is not None and usd > agreed.usd:
        yield Problem(
            problem=(
                f"at their limits the nodes of {len(pools)} pool{'s' * (len(pools) > 1)} cost {usd:.2f} USD in "
                f"{agreed.hours:g} hours, the ceiling is {agreed.usd} USD"
            ),
            fix=f"lower spec.limits.cpu, or raise workshop:{agreed.setting} in a reviewed change",
        )


SPEND_CEILING = Policy(
    id="spend-ceiling",
    title="Node pools filled to their limits cost no more than was agreed.",
    why="Karpenter buys nodes up to the limit without asking again",
    fix="Lower the pools' limits, or agree on a higher ceiling.",
    source="workshop/model/data/instances.json: prices with source and date; nodes only, volumes are not in it",
    severity="medium",
    applies_to=NODE_POOL,
    judge=judge,
    judge_stack=judge_stack,
    options={
        "usdPerWorkshop": USD_PER_WORKSHOP,
        "hours": Option(
            schema={"type": "integer", "minimum": 1, "description": "hours of a workshop, where no window is set"},
            default=34,
        ),
    },
)
