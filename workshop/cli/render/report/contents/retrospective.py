"""A retrospective of an event, with all that is known filled in; what only people know is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from workshop.cli.render.report.contents.lessons import incidents_section
from workshop.cli.render.report.contents.months import said
from workshop.cli.render.report.section import Code, Section, Table
from workshop.model.report.actions import Actions
from workshop.model.report.metric import NOT_MEASURED, Metric
from workshop.model.report.months import next_users, repeated
from workshop.model.report.report import Report
from workshop.model.window.phases import moment

_TO_FILL = "(to be filled in)"


def retrospective_sections(report: Report, last: Report | None, actions: Actions) -> tuple[Section, ...]:
    """Of one event. last: the event before it. actions: of all events."""
    return (
        _facts(report),
        _metrics(report, last),
        Section(
            title="What went well",
            points=(*(_met(one) for one in report.metrics if one.is_met), _TO_FILL),
        ),
        Section(
            title="What went wrong",
            points=(*(_missed(one) for one in report.metrics if one.is_met is False), _TO_FILL),
        ),
        incidents_section(report),
        *_again(report, last),
        Section(title="What people said", points=(_rating(report), _TO_FILL)),
        _left(actions),
        Section(title="New action items", points=(*_proposed(report), f"{_TO_FILL}, each with an owner")),
        _next(report),
        Section(title="What we will do differently", points=(_TO_FILL,)),
    )


def _facts(report: Report) -> Section:
    came = NOT_MEASURED if report.people.everybody.came is None else str(report.people.everybody.came)
    rows = (
        ("event", report.event),
        ("from", moment(report.start)),
        ("to", moment(report.end)),
        ("planned for", f"{report.users} people"),
        ("came", came),
        ("due", f"{report.money.due} of {report.money.budget_usd} USD"),
        ("facilitators", _TO_FILL),
        ("held on, with", _TO_FILL),
    )
    return Section(title="Event", table=Table(columns=("what", "value"), rows=rows))


def _metrics(report: Report, last: Report | None) -> Section:
    earlier = {} if last is None else {one.id: one.value for one in last.metrics}
    values = {} if last is None else {"repeated-issues": str(len(repeated(report, last)))}
    columns = ("metric", "target", "this event", *(() if last is None else (last.event,)), "met")
    rows = tuple(
        (
            one.name,
            one.target,
            values.get(one.id, one.value),
            *(() if last is None else (earlier.get(one.id, ""),)),
            _yes(one),
        )
        for one in report.metrics
    )
    return Section(title="Success metrics", table=Table(columns=columns, rows=rows))


def _again(report: Report, last: Report | None) -> Iterator[Section]:
    again = repeated(report, last)
    if last is not None:
        yield Section(
            title="Issues that came again",
            text=(f"That event {last.event} had too:" if again else f"None of event {last.event}'s came again.",),
            table=Table(columns=("issue",), rows=tuple((Code(said(one)),) for one in again)) if again else None,
        )


def _left(actions: Actions) -> Section:
    if not actions.open:
        return Section(title="Action items carried over", text=("None is open.",))
    rows = tuple(
        (str(one.id), Code(one.what), Code(one.owner or "nobody"), one.event, f"{one.made_at:%Y-%m-%d}")
        for one in actions.open
    )
    return Section(
        title="Action items carried over",
        table=Table(columns=("no.", "action", "owner", "event", "since"), rows=rows),
    )


def _proposed(report: Report) -> Iterator[str]:
    for change in report.changes:
        yield f"Set {change.setting} from {change.now} to {change.then}: {change.why}"
    for one in report.incidents:
        if one.is_blocker:
            yield f"Find out why: {one.kind}, {one.subject}"


def _next(report: Report) -> Section:
    if not report.is_settled:
        return Section(title="Next event", text=("This one has not settled: write this again once it has.",))
    found = next_users(report)
    return Section(title="Next event", text=(f"Try {found.users} people: {found.why}.",))


def _rating(report: Report) -> str:
    feedback = report.feedback
    if feedback is None:
        return "Nobody's feedback was read: workshop event feedback FILE.csv"
    rating = "" if feedback.rating is None else f", rated {feedback.rating:g} of 5"
    return f"{feedback.answers} answered{rating}"


def _met(one: Metric) -> str:
    return f"{one.name}: {one.value} (target {one.target})"


def _missed(one: Metric) -> str:
    return f"{_met(one)}: why?"


def _yes(one: Metric) -> str:
    return "" if one.is_met is None else "yes" if one.is_met else "no"
