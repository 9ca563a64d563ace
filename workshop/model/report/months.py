"""Events side by side, month over month, and how many people the next one should try."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from pydantic import AwareDatetime

from workshop.model.report.incidents import Incident, Kind
from workshop.model.report.report import Report
from workshop.model.report.section import Part, Usd

BANDS: Final = (10, 15, 20, 30)
"""People at which the Monthly Workshop Guide scales; after the last it is ten more each time, which is ours."""

COMPARED: Final = (
    "failure-rate",
    "visible-incidents",
    "work-lost",
    "start-time",
    "satisfaction",
    "completion",
    "blockers",
    "help-time",
    "interventions",
    "resolution-time",
)
"""Metrics that are compared, by id."""

_STABLE: Final = frozenset({"failure-rate", "visible-incidents", "work-lost"})
_FAR_TOO_MANY: Final = 10
"""Percent of starts that failed from which fewer people are the better next step; ours."""

_GENERAL: Final = frozenset({Kind.LATE, Kind.GIVEN_UP, Kind.HAND})
"""Of which it does not matter whose seat it was."""


class Repeated(Part):
    """A kind of incident that the event before had too."""

    kind: Kind
    subject: str


class Month(Part):
    """One event. numbers: of COMPARED, None where not measured. met, measured: of all its metrics with a target."""

    event: str
    start: AwareDatetime
    users: int
    came: int | None
    due_usd: Usd
    numbers: Mapping[str, float | None]
    met: int
    measured: int
    repeated: tuple[Repeated, ...]


class NextUsers(Part):
    """How many people to try next, and why."""

    users: int
    why: str


class Months(Part):
    """Every event, the oldest first. next: None where there is none yet, or the last one has not settled."""

    schema_version: Literal[1] = 1
    months: tuple[Month, ...]
    next: NextUsers | None


def months(reports: Iterable[Report]) -> Months:
    """Of these events, in any order."""
    ordered = sorted(reports, key=lambda one: (one.start, one.event))
    return Months(
        months=tuple(_month(report, last) for last, report in zip([None, *ordered], ordered, strict=False)),
        next=next_users(ordered[-1]) if ordered and ordered[-1].is_settled else None,
    )


def next_users(last: Report) -> NextUsers:
    """By the last event: more people only once what there were went well, and fewer where it went badly."""
    number = last.people.everybody.came
    if number is None:
        return NextUsers(users=last.users, why="nobody knows how many came: as many again")
    metrics = {one.id: one for one in last.metrics}
    rate = metrics["failure-rate"].number or 0
    lost = metrics["work-lost"].number or 0
    missed = [one.name for one in last.metrics if one.id in _STABLE | {"blockers"} and one.is_met is False]
    if lost or rate >= _FAR_TOO_MANY:
        why = "work was lost" if lost else f"{rate:g} % of the starts failed"
        return NextUsers(users=_below(number), why=f"{number} came and {why}: fewer until that is fixed")
    if missed:
        return NextUsers(users=max(number, BANDS[0]), why=f"{number} came; missed: {', '.join(missed)}: as many again")
    return NextUsers(
        users=_above(number), why=f"{number} came, and stability and blockers met their targets: the next step up"
    )


def repeated(report: Report, before: Report | None) -> tuple[Repeated, ...]:
    """What came again."""
    known = set[tuple[Kind, str]]() if before is None else {_what(one) for one in before.incidents}
    again = sorted({_what(one) for one in report.incidents} & known)
    return tuple(Repeated(kind=kind, subject=subject) for kind, subject in again)


def before(report: Report, others: Iterable[Report]) -> Report | None:
    """The last event before this one."""
    earlier = [one for one in others if one.start < report.start and one.event != report.event]
    return max(earlier, key=lambda one: one.start, default=None)


def _month(report: Report, last: Report | None) -> Month:
    numbers = {one.id: one.number for one in report.metrics}
    measured = [one for one in report.metrics if one.is_met is not None]
    return Month(
        event=report.event,
        start=report.start,
        users=report.users,
        came=report.people.everybody.came,
        due_usd=report.money.due,
        numbers={id_: numbers.get(id_) for id_ in COMPARED},
        met=sum(bool(one.is_met) for one in measured),
        measured=len(measured),
        repeated=repeated(report, last),
    )


def _what(one: Incident) -> tuple[Kind, str]:
    return one.kind, "" if one.kind in _GENERAL else one.subject


def _above(number: int) -> int:
    return next((band for band in BANDS if band > number), (number // 10 + 1) * 10)


def _below(number: int) -> int:
    steps = [*BANDS, *range(BANDS[-1] + 10, number + 1, 10)]
    return max((band for band in steps if band < number), default=BANDS[0])
