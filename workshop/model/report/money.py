"""What an event cost, by kind, beside what was planned and what the same nodes would have cost around the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from pydantic import AwareDatetime

from workshop.model.ledger import LEAST_BILLED, NodeRun, bill, machine_usd_per_hour, volume_usd_per_hour
from workshop.model.plan.cost import hours
from workshop.model.plan.event import EventPlan
from workshop.model.report.history import History, Threshold
from workshop.model.report.section import Part, Usd, moments
from workshop.model.report.times import Times
from workshop.model.settings.event import Event

UNSEEN: Final = "not seen"
"""Kind of what is counted at the pools' limits because nobody could look."""

_POINTS: Final = 120
"""Of the line of spending over time, at most: it bends where a node begins or ends."""


class Reached(Part):
    """A share of the budget that what was due reached, with its first moment."""

    percent: int
    budget_usd: int
    at: AwareDatetime


class Spending(Part):
    """What was spent by a moment, models left out."""

    at: AwareDatetime
    usd: Usd


class Freed(Part):
    """A node that the keeper ended before its time because nobody was on it. usd: until then it would have cost so
    much more."""

    region: str
    ended_at: AwareDatetime
    usd: Usd


class Money(Part):
    """USD at list prices. actual, planned: by kind; models are what was set aside, since what was used is in LiteLLM.

    spent: actual in all, models left out. due: with them. scheduled: planned in all, if everybody came.
    around_the_clock: the planned nodes for the whole window. left: of the budget; what is negative was overspent.
    usd_per_seat_hour: spent for an hour of one workspace that could be worked in; None without any. saved: by freed.
    left_to_others: nodes on which others worked on after all had settled; from then on they are not counted.
    """

    budget_usd: int
    cap: str
    actual: Mapping[str, Usd]
    planned: Mapping[str, Usd]
    spent: Usd
    due: Usd
    scheduled: Usd
    around_the_clock: Usd
    left: Usd
    usd_per_seat_hour: Usd | None
    freed: tuple[Freed, ...]
    saved: Usd
    reached: tuple[Reached, ...]
    over_time: tuple[Spending, ...]
    is_final: bool
    running: int
    left_to_others: int


def money(event: Event, plan: EventPlan, history: History, times: Times, as_of: datetime, seat_hours: float) -> Money:
    """Of one event. seat_hours: for which workspaces could be worked in."""
    runs = history.own_runs
    regions = {*plan.usd_per_hour_at_limits, *(run.region for run in runs)}
    billed = bill(event, plan, runs, {name: history.looks.get(name) for name in sorted(regions)}, as_of)
    actual = _by_kind(plan, runs, times, as_of)
    spent = sum(billed.spent.values(), Decimal(0))
    unseen = spent - sum(actual.values(), Decimal(0))
    if unseen > Decimal("0.005"):
        actual[UNSEEN] = unseen
    ai = Decimal(event.ai_usd)
    freed = tuple(_freed(plan, history, times))
    planned = asdict(plan.all_come)
    return Money(
        budget_usd=event.budget_usd,
        cap=event.cap,
        actual={**actual, "ai": ai},
        planned=planned,
        spent=spent,
        due=spent + ai,
        scheduled=plan.all_come.total,
        around_the_clock=plan.around_the_clock,
        left=event.budget_usd - spent - ai,
        usd_per_seat_hour=spent / Decimal(str(seat_hours)) if seat_hours else None,
        freed=freed,
        saved=sum((one.usd for one in freed), Decimal(0)),
        reached=tuple(_reached(one) for one in history.thresholds),
        over_time=tuple(_over_time(plan, runs, as_of)),
        is_final=history.settled_at is not None and not any(billed.running.values()),
        running=sum(billed.running.values()),
        left_to_others=history.left_to_others,
    )


def _by_kind(plan: EventPlan, runs: Iterable[NodeRun], times: Times, as_of: datetime) -> dict[str, Decimal]:
    """Nodes by when they ran, as in the plan; a minute that EC2 bills at least counts where the node ended."""
    last = times.last_end
    parts = {
        "early_access": (datetime.min.replace(tzinfo=as_of.tzinfo), plan.warm_at),
        "provisioning": (plan.warm_at, times.opens_at),
        "running": (times.opens_at, max(last, times.opens_at)),
        "tail": (max(last, times.opens_at), datetime.max.replace(tzinfo=as_of.tzinfo)),
    }
    found = dict.fromkeys([*parts, "volumes"], Decimal(0))
    for run in runs:
        since, until = run.launched_at, _billed_until(run, as_of)
        if since > as_of:
            continue
        for kind, (begins_at, ends_at) in parts.items():
            time = min(until, ends_at) - max(since, begins_at)
            found[kind] += machine_usd_per_hour(run) * hours(max(time, timedelta(0)))
        found["volumes"] += volume_usd_per_hour(run, plan.volume_gib) * hours(until - since)
    return found


def _billed_until(run: NodeRun, as_of: datetime) -> datetime:
    return max(run.ended_at or as_of, run.launched_at + LEAST_BILLED)


def _freed(plan: EventPlan, history: History, times: Times) -> Iterator[Freed]:
    """Only nodes on which nobody was any more save money, and only until the last seat's end."""
    for run in history.own_runs:
        if run.instance in history.ended_claims and run.ended_at is not None and run.ended_at >= times.starts_at:
            left = hours(max(times.last_end - run.ended_at, timedelta(0)))
            if left:
                rate = machine_usd_per_hour(run) + volume_usd_per_hour(run, plan.volume_gib)
                yield Freed(region=run.region, ended_at=run.ended_at, usd=rate * left)


def _over_time(plan: EventPlan, runs: tuple[NodeRun, ...], as_of: datetime) -> Iterator[Spending]:
    bends = {run.launched_at for run in runs} | {run.ended_at for run in runs if run.ended_at is not None}
    for at in moments(sorted({one for one in bends if one < as_of} | {as_of}), _POINTS):
        usd = sum((_usd_by(run, plan.volume_gib, at) for run in runs if run.launched_at <= at), Decimal(0))
        yield Spending(at=at, usd=usd)


def _usd_by(run: NodeRun, volume_gib: int, at: datetime) -> Decimal:
    until = at if run.ended_at is None else min(at, run.ended_at)
    rate = machine_usd_per_hour(run) + volume_usd_per_hour(run, volume_gib)
    return rate * hours(max(until - run.launched_at, LEAST_BILLED))


def _reached(one: Threshold) -> Reached:
    return Reached(percent=one.percent, budget_usd=one.budget_usd, at=one.reached_at)
