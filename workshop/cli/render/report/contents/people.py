"""Who came, how they worked, and how long they waited."""

from __future__ import annotations

from collections.abc import Iterator

from workshop.cli.render.report.section import Code, Section, Table
from workshop.model.counting import counted
from workshop.model.report.metric import NOT_MEASURED
from workshop.model.report.people import DEFINITIONS, Attendance, Engagement
from workshop.model.report.report import Report
from workshop.model.report.starts import LOOK_SECONDS, Waits


def people_section(report: Report) -> Section:
    """Who was invited, and who came."""
    kinds = (
        ("everybody", report.people.everybody),
        ("internal", report.people.internal),
        ("external", report.people.external),
    )
    return Section(
        title="People",
        table=Table(
            columns=("who", "invited", "accepted", "tested", "came"),
            rows=tuple(_attendance(name, one) for name, one in kinds if one is not None),
        ),
        points=tuple(f"{word}: {meaning}" for word, meaning in DEFINITIONS.items() if word in ("tested", "came")),
        note="" if report.people.internal else "Who is internal or external is known of invitations only.",
    )


def _attendance(name: str, one: Attendance) -> tuple[str, ...]:
    came = NOT_MEASURED if one.came is None else str(one.came)
    return (name, str(one.invited), str(one.accepted), str(one.tested), came)


def engagement_section(report: Report) -> Section:
    """How they worked."""
    people = report.people
    came = sum(people.engagement.values())
    completed = (
        "Completion was not measured: nothing says who came."
        if people.completed is None
        else f"{people.completed} of {came} who came completed it"
        + (f" ({people.completion_percent:g} %)." if people.completion_percent is not None else ".")
    )
    hours = f"{counted(people.seats_used, 'workspace')} could be worked in for {people.seat_hours:g} hours in all."
    return Section(
        title="Engagement and completion",
        text=(completed, hours),
        picture="engagement",
        table=Table(
            columns=("engagement", "people", "%"),
            rows=tuple(
                (kind.value, str(count), f"{count * 100 / came:.0f}" if came else "")
                for kind, count in people.engagement.items()
                if count or kind is not Engagement.UNKNOWN
            ),
        )
        if came
        else None,
        points=tuple(f"{word}: {DEFINITIONS[word]}" for word in ("engagement", "completed")),
    )


def starts_section(report: Report) -> Section:
    """How long workspaces took to start."""
    found = report.starts
    rate = "" if found.failure_percent is None else f", {found.failure_percent:g} % (target: below 2)"
    never = f" {counted(found.never_ready, 'seat')} never could be worked in." if found.never_ready else ""
    rows = [("predicted", found.predicted), ("actual", found.actual)]
    if found.early.p50 is not None:
        rows.append(("early access", found.early))
    return Section(
        title="Starts",
        text=(f"{counted(found.begun, 'start')}: {found.failed} failed, {found.restarted} restarted{rate}.{never}",),
        picture="starts",
        table=Table(
            columns=("seconds", "mean", "half within", "95 % within", "slowest", "all ready"),
            rows=tuple((name, *_waits(one)) for name, one in rows),
        ),
        note="From the beginning of a build until its workspace was ready; all ready: from the first beginning until "
        f"the last. Readiness is seen up to {LOOK_SECONDS} s late. The slowest that is predicted is that of 20 runs.",
    )


def _waits(one: Waits) -> tuple[str, ...]:
    times = (one.mean, one.p50, one.p95, one.slowest, one.all_ready)
    return tuple(NOT_MEASURED if each is None else f"{each:.0f}" for each in times)


def seats_section(report: Report) -> Iterator[Section]:
    """Each seat with its person, with names only."""
    if report.seats:
        yield Section(
            title="Seats",
            table=Table(
                columns=("seat", "person", "came", "completed", "engagement", "hours"),
                rows=tuple(
                    (
                        one.seat,
                        Code(one.person or "erased"),
                        NOT_MEASURED if one.came is None else "yes" if one.came else "no",
                        "yes" if one.completed else "no",
                        one.engagement,
                        f"{one.hours:g}",
                    )
                    for one in report.seats
                ),
            ),
            note="With names: not to be passed on.",
        )
