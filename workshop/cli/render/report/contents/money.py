"""What it cost, and what is kept of people's work."""

from __future__ import annotations

from typing import Final

from workshop.cli.render.report.section import Code, Section, Table
from workshop.model.counting import counted
from workshop.model.event.preservation import MIB
from workshop.model.report.report import Report
from workshop.model.window.phases import moment


def money_section(report: Report) -> Section:
    """What it cost, by kind."""
    money = report.money
    kinds = dict.fromkeys([*money.planned, *money.actual])
    freed = (
        f"Early ends emptied {counted(len(money.freed), 'node')}, which saved {money.saved} USD; a seat that ends "
        "early saves nothing while others are on its node."
        if money.freed
        else "No node was emptied before the last seat's end, so early ends saved nothing."
    )
    others = (
        (f"Others worked on, on {counted(money.left_to_others, 'node')}, after all had settled; that is not counted.",)
        if money.left_to_others
        else ()
    )
    rate = (
        ()
        if money.usd_per_seat_hour is None
        else (f"An hour of one workspace that could be worked in cost {money.usd_per_seat_hour} USD.",)
    )
    return Section(
        title="Money",
        text=(
            f"Nodes and volumes cost {money.spent} USD; {money.actual['ai']} are set aside for models: what "
            f"was used of it is in LiteLLM. Of the budget ({money.budget_usd}, {money.cap} cap) {money.left} are left.",
            f"Scheduled, if all came: {money.scheduled} USD. The same nodes for the whole window: "
            f"{money.around_the_clock}. Actual: {money.due}.",
            freed,
            *others,
            *rate,
        ),
        table=Table(
            columns=("USD", "planned", "actual"),
            rows=(
                *(
                    (_KINDS.get(kind, kind), str(money.planned.get(kind, "")), str(money.actual.get(kind, "")))
                    for kind in kinds
                ),
                ("total", str(money.scheduled), str(money.due)),
            ),
        ),
        note="List prices on demand, by the second; the platform itself, traffic, taxes and discounts are not counted. "
        "Cents are rounded.",
    )


_KINDS: Final = {"early_access": "early access", "ai": "models, set aside", "not seen": "not seen, at the limits"}


def over_time_section(report: Report) -> Section:
    """When what was due reached which share of the budget."""
    reached = tuple(f"{one.percent} % of {one.budget_usd} USD: {moment(one.at)}" for one in report.money.reached) or (
        "No threshold of the budget was reached.",
    )
    return Section(title="Spending over time", picture="spending", points=reached)


def work_section(report: Report) -> Section:
    """What is kept of people's work."""
    work = report.work
    counts = ", ".join(f"{count} {kind}" for kind, count in work.counts.items() if count) or "no seat had a workspace"
    price = f"{work.usd_per_month} USD" if work.usd_per_month else "less than a cent" if work.bytes else "nothing"
    return Section(
        title="Work",
        text=(
            f"Seats by what is kept: {counts}.",
            f"{counted(work.archives, 'archive')}, {work.bytes / MIB:,.1f} MiB: {price} a month while they are kept, "
            f"{work.retention_days} days after the event.",
            f"{counted(work.downloads, 'person', 'people')} downloaded their own work.",
        ),
        table=Table(
            columns=("seat", "kept", "why"),
            rows=tuple((one.seat, one.keeping, Code(one.reason)) for one in work.unkept),
        )
        if work.unkept
        else None,
    )
