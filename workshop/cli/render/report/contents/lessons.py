"""What went wrong, what was reached, and what to change."""

from __future__ import annotations

from collections.abc import Iterator

from workshop.cli.render.report.section import Code, Section, Table
from workshop.model.counting import counted
from workshop.model.report.feedback import Feedback
from workshop.model.report.metric import Metric
from workshop.model.report.report import Report
from workshop.model.window.phases import moment


def states_section(report: Report) -> Section:
    """How many seats were in which state."""
    last = report.states[-1].counts if report.states else dict[str, int]()
    counts = ", ".join(f"{number} {state}" for state, number in last.items())
    text = f"At the end: {counts}." if counts else "Nothing is known of it: no state of a seat is kept."
    return Section(title="Seats over time", text=(text,), picture="states")


def incidents_section(report: Report) -> Section:
    """What went wrong, the oldest first."""
    if not report.incidents:
        return Section(title="Incidents", text=("None.",))
    return Section(
        title="Incidents",
        table=Table(
            columns=("since", "what", "times", "minutes", "blocker", "first said"),
            rows=tuple(
                (
                    moment(one.since),
                    f"{one.kind}: {one.subject}",
                    str(one.count),
                    "" if one.minutes is None else f"{one.minutes:g}",
                    "yes" if one.is_blocker else "",
                    Code(one.what),
                )
                for one in report.incidents
            ),
        ),
        note="A blocker kept somebody from working for more than five minutes. Unseen: the keeper had no "
        "answer. Kept: others worked on a node, which is charged to the event. A step that failed is tried again.",
    )


def metrics_section(report: Report) -> Section:
    """Every success metric, measured or not."""
    return Section(
        title="Success metrics",
        table=Table(
            columns=("metric", "target", "actual", "met", "source"),
            rows=tuple((one.name, one.target, one.value, _met(one), one.source) for one in report.metrics),
        ),
    )


def _met(one: Metric) -> str:
    return "" if one.is_met is None else "yes" if one.is_met else "no"


def changes_section(report: Report) -> Section:
    """What another event should have set otherwise."""
    if not report.changes:
        return Section(title="Settings to change", text=("None: what was planned fitted.",))
    return Section(
        title="Settings to change",
        table=Table(
            columns=("setting", "now", "then", "why"),
            rows=tuple((one.setting, one.now, one.then, one.why) for one in report.changes),
        ),
        commands=tuple(one.command for one in report.changes),
    )


def feedback_section(feedback: Feedback | None) -> Iterator[Section]:
    """What people answered, and with names what they wrote."""
    if feedback is None:
        return
    rating = "" if feedback.rating is None else f" The whole was rated {feedback.rating:g} of 5."
    yield Section(
        title="Feedback",
        text=(f"{counted(feedback.answers, 'person', 'people')} answered.{rating}",),
        table=Table(
            columns=("question", "answers", "mean", "counts"),
            rows=tuple(
                (
                    Code(one.text),
                    str(one.answers),
                    "" if one.mean is None else f"{one.mean:g} of {one.scale}",
                    Code(", ".join(f"{answer}: {count}" for answer, count in one.counts.items()) or "written"),
                )
                for one in feedback.questions
            ),
        ),
    )
    said = tuple((Code(one.text), Code(comment)) for one in feedback.questions for comment in one.comments)
    if said:
        yield Section(title="Comments", table=Table(columns=("question", "comment"), rows=said))
