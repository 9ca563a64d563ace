"""How an event's plan and its bill look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from rich.console import Console
from rich.table import Table

from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.cli.render.times import with_offset
from workshop.cli.reports import MoneyReport
from workshop.model.counting import counted
from workshop.model.plan.cost import NOT_INCLUDED
from workshop.model.plan.event import EventPlan
from workshop.model.settings.event import Event
from workshop.model.settings.types import written
from workshop.model.settings.window import Window
from workshop.model.window.phases import moment

_NOT_INCLUDED = [part for part in NOT_INCLUDED if not part.startswith("model usage")]


def print_event_plan(event: Event, plan: EventPlan, window: Window | None, screen: Console) -> None:
    """Times, cost by kind, and what the budget means."""
    seats = f"{counted(plan.seats, 'seat')} of {event.template}"
    start, end, gone = (moment(when) for when in (plan.starts_at, plan.ends_at, plan.gone_at))
    print_message(screen, f"Event {event.name}: {seats}, {event.budget_usd} USD ({event.cap} cap).")
    print_message(screen, with_offset(f"Seats start {start}, end by {end}; nodes are gone {gone}.", window))
    if plan.early:
        early = f"In early access seats start {moment(plan.early.starts_at)} and run {written(event.early_hours)}."
        print_message(screen, with_offset(early, window))
    screen.print()
    screen.print(_costs(plan))
    screen.print()
    print_message(
        screen, f"A seat costs {plan.usd_per_seat:.2f} USD. One hour more for all costs {plan.usd_per_hour:.2f}."
    )
    around = plan.around_the_clock
    print_message(screen, f"The same nodes for the whole window, around the clock, would cost {around:.2f} USD.")
    print_message(screen, f"At worst, with all pools at their limits until the end, it costs {plan.most:.2f} USD.")
    if plan.early:
        print_message(screen, f"Restarts in early access come on top: {plan.usd_per_hour:.2f} an hour if all do so.")
    for percent, reached in plan.thresholds.items():
        when = "not reached" if reached is None else f"reached {moment(reached)}"
        print_message(screen, with_offset(f"{percent} % of the budget: {when} if all come.", window))
    print_message(screen, f"Not included: {', '.join(_NOT_INCLUDED)}.")


def plan_json(event: Event, plan: EventPlan) -> str:
    """The same as one JSON document; money in USD as text, moments in ISO 8601."""
    document = {
        "event": event.name,
        "template": event.template,
        "budget_usd": event.budget_usd,
        "cap": event.cap,
        **asdict(plan),
        "usd_per_seat": plan.usd_per_seat,
        "not_included": _NOT_INCLUDED,
    }
    return json.dumps(document, indent=2, default=_plain)


def print_money(report: MoneyReport, screen: Console) -> None:
    """Spent, due and projected, by region, and how old that is."""
    bill, event = report.bill, report.event
    table = plain_table("region", "nodes", "spent USD")
    for region, spent in bill.spent.items():
        table.add_row(region, str(bill.running.get(region, 0)), f"{spent:.2f}")
    screen.print(table)
    screen.print()
    for name, usd in (("Due if all ended now", bill.committed), ("By the planned end", bill.projected)):
        print_message(screen, f"{name}: {usd:.2f} of {event.budget_usd} USD, {usd / event.budget_usd * 100:.0f} %.")
    print_message(screen, f"Now {bill.usd_per_hour:.2f} USD an hour; {event.ai_usd} USD of both is for models.")
    for percent in report.reached_now:
        print_message(screen, f"Reached now: {percent} % of the budget.")
    for warning in _warnings(report):
        print_message(screen, f"Warning: {warning}")
    as_of = "some region was never seen" if bill.as_of is None else f"as of {moment(bill.as_of)}"
    said = f"Event {event.name}, {as_of}; list prices, without tax and discounts."
    print_message(screen, with_offset(said, report.window))


def _warnings(report: MoneyReport) -> Iterator[str]:
    if 100 in report.projected and 100 not in report.reached:
        yield "at this rate the budget does not last until the planned end: end seats, or raise it"
    for region, problem in report.problems.items():
        yield f"{region} was not seen: {problem}"
    if report.bill.is_stale:
        yield "regions not seen for 3 minutes are counted as if their pools were at their limits"
    if report.bill.unpriced:
        types = ", ".join(sorted(report.bill.unpriced))
        yield f"no price is known for {types}: counted as the dearest type that has one"


def money_json(report: MoneyReport) -> str:
    """The same as one JSON document; money in USD as text, moments in ISO 8601."""
    bill = report.bill
    document = {
        "event": report.event.name,
        "budget_usd": report.event.budget_usd,
        "cap": report.event.cap,
        "now": bill.now,
        "as_of": bill.as_of,
        "is_stale": bill.is_stale,
        "spent": dict(bill.spent),
        "running": dict(bill.running),
        "usd_per_hour": bill.usd_per_hour,
        "committed": bill.committed,
        "projected": bill.projected,
        "unpriced": sorted(bill.unpriced),
        "reached": report.reached,
        "reached_now": report.reached_now,
        "projected_reaches": report.projected,
        "problems": dict(report.problems),
    }
    return json.dumps(document, indent=2, default=_plain)


def _plain(value: Decimal | datetime) -> str:
    return f"{value:.2f}" if isinstance(value, Decimal) else value.isoformat()


def _costs(plan: EventPlan) -> Table:
    table = plain_table("USD", "if all come", "if half come")
    kinds = {"early_access": "early access"} if plan.early else {}
    kinds |= {name: name for name in ("provisioning", "running", "tail", "volumes")} | {"ai": "models"}
    for kind, name in kinds.items():
        table.add_row(name, *(f"{getattr(cost, kind):.2f}" for cost in (plan.all_come, plan.half_come)))
    table.add_row("total", *(f"{cost.total:.2f}" for cost in (plan.all_come, plan.half_come)))
    return table
