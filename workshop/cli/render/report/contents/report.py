"""The whole report: its sections in order."""

from __future__ import annotations

from workshop.cli.render.report.contents.lessons import (
    changes_section,
    feedback_section,
    incidents_section,
    metrics_section,
    states_section,
)
from workshop.cli.render.report.contents.money import money_section, over_time_section, work_section
from workshop.cli.render.report.contents.people import engagement_section, people_section, seats_section, starts_section
from workshop.cli.render.report.section import Section
from workshop.model.counting import counted
from workshop.model.event.preservation import Keeping
from workshop.model.report.report import Report
from workshop.model.window.phases import moment


def title(report: Report) -> str:
    """Of the whole."""
    return f"Event {report.event}: report"


def sections(report: Report) -> tuple[Section, ...]:
    """All of them, in order."""
    return (
        _summary(report),
        people_section(report),
        engagement_section(report),
        starts_section(report),
        states_section(report),
        money_section(report),
        over_time_section(report),
        work_section(report),
        incidents_section(report),
        metrics_section(report),
        changes_section(report),
        *feedback_section(report.feedback),
        *seats_section(report),
    )


def _work(lost: int) -> tuple[str]:
    return (f"Work of {counted(lost, 'seat')} is not all kept." if lost else "Nobody's work was lost.",)


def _summary(report: Report) -> Section:
    people, money, work = report.people, report.money, report.work
    came = "nobody knows how many came" if people.everybody.came is None else f"{people.everybody.came} came"
    began = report.end > report.start
    measured = [one for one in report.metrics if one.is_met is not None]
    missed = [one.name for one in measured if not one.is_met]
    lost = sum(work.counts[one] for one in (Keeping.LOST, Keeping.OLDER, Keeping.UNSEEN))
    budget = f"{money.due} of {money.budget_usd} USD are due, {money.left} are left"
    text = [
        f"{moment(report.start)} to {moment(report.end)}, {counted(report.users, 'user')} planned, template "
        f"{report.template}."
        if began
        else f"It was to begin {moment(report.start)}, and ended {moment(report.end)}.",
        f"{people.everybody.invited} had a seat, {people.everybody.accepted} accepted, {came}; {budget}.",
        *(_work(lost) if report.is_settled else ()),
        f"{len(measured) - len(missed)} of {len(measured)} measured targets were met"
        + (f", not: {', '.join(missed)}." if missed else "."),
    ]
    if report.ended_early:
        text.append(f"It was ended before its time: {report.ended_early}.")
    if not report.is_settled:
        text.append("The event has not settled: what runs, costs and is saved may change.")
    names = "" if report.seats else " Nobody is named; seats are."
    return Section(title="In short", text=(*text, f"As of {moment(report.as_of)}.{names}"))
