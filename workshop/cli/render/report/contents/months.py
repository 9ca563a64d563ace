"""Events side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.cli.render.report.section import Code, Section, Table
from workshop.model.report.months import Month, Months, Repeated

_NAMES: Final = {
    "failure-rate": "failed starts %",
    "visible-incidents": "noticed incidents",
    "work-lost": "seats with lost work",
    "start-time": "average start s",
    "satisfaction": "rating of 5",
    "completion": "completed %",
    "blockers": "blockers",
    "help-time": "hand to help min",
    "interventions": "interventions",
    "resolution-time": "incident over min",
}


def months_sections(found: Months) -> tuple[Section, ...]:
    """A column an event, the last four; what came again; and how many people next."""
    last = found.months[-4:]
    rows = [
        ("start", *(f"{one.start:%Y-%m-%d}" for one in last)),
        ("people who came", *(_number(one.came) for one in last)),
        ("planned for", *(str(one.users) for one in last)),
        ("USD due", *(str(one.due_usd) for one in last)),
        *((name, *(_number(one.numbers.get(id_)) for one in last)) for id_, name in _NAMES.items()),
        ("targets met", *(f"{one.met} of {one.measured}" for one in last)),
    ]
    return (
        Section(
            title="Month over month",
            picture="months",
            table=Table(columns=("event", *(one.event for one in last)), rows=tuple(rows)),
            note="" if len(last) == len(found.months) else f"The last 4 of {len(found.months)} events.",
        ),
        *_again(found.months[-1]),
        _next(found),
    )


def _again(last: Month) -> Iterator[Section]:
    if last.repeated:
        rows = tuple((one.kind.value, Code(one.subject)) for one in last.repeated)
        yield Section(
            title="What came again",
            text=(f"Incidents of event {last.event} that the event before it had too:",),
            table=Table(columns=("incident", "of"), rows=rows),
        )


def said(one: Repeated) -> str:
    """A repeated incident in a few words."""
    return f"{one.kind}: {one.subject}" if one.subject else one.kind.value


def _next(found: Months) -> Section:
    if found.next is None:
        return Section(title="Next", text=("The last event has not settled: make its report again once it has.",))
    return Section(
        title="Next",
        text=(f"Try {found.next.users} people: {found.next.why}.",),
        commands=(f"workshop event plan --users {found.next.users}",),
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
