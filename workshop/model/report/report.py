"""The report of an event: one document, the same for the same contents of the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Literal

from pydantic import AwareDatetime

from workshop.model.event.seats import workspace_name
from workshop.model.plan.event import plan_event
from workshop.model.report.advice import Change, advice
from workshop.model.report.feedback import Feedback
from workshop.model.report.history import History, SeatHistory
from workshop.model.report.incidents import Incident, incidents
from workshop.model.report.metric import Metric
from workshop.model.report.metrics import Measured, metrics
from workshop.model.report.money import Money, money
from workshop.model.report.names import without_names
from workshop.model.report.people import Participant, People, participants_of, people
from workshop.model.report.section import Part
from workshop.model.report.starts import Starts, starts
from workshop.model.report.states import StateCount, states
from workshop.model.report.timeline import timelines
from workshop.model.report.times import times_of
from workshop.model.report.work import Work, work
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings


class SeatReport(Part):
    """One seat, where names were asked for. person: name or address, None once erased."""

    seat: str
    person: str | None
    came: bool | None
    completed: bool
    engagement: str
    hours: float


class Report(Part):
    """Everything that is known of an event. as_of: the moment of which it is. seats_from: when seats were started.

    ended_early: why, where it did. states: from seats_from on. seats: empty without names.

    Nothing in it names a person unless names were asked for.
    """

    schema_version: Literal[1] = 1
    event: str
    template: str
    seats_from: AwareDatetime
    start: AwareDatetime
    end: AwareDatetime
    as_of: AwareDatetime
    is_settled: bool
    ended_early: str
    users: int
    people: People
    starts: Starts
    money: Money
    states: tuple[StateCount, ...]
    incidents: tuple[Incident, ...]
    work: Work
    changes: tuple[Change, ...]
    metrics: tuple[Metric, ...]
    feedback: Feedback | None
    seats: tuple[SeatReport, ...] = ()


class NothingKept(Exception):
    """There is nothing of the event yet that a report could be made of."""


def make_report(
    settings: Settings, history: History, *, feedback: Feedback | None = None, with_names: bool = False
) -> Report:
    """Of one event. Raises NothingKept, and ValueError where the settings have no event or window."""
    event, window, plan, as_of = (
        given(settings.event),
        given(settings.window),
        given(plan_event(settings)),
        history.as_of,
    )
    if as_of is None:
        raise NothingKept(f"nothing of event {event.name} is kept yet: its keeper has not looked")
    history = history if with_names else without_names(history)
    times, lines = times_of(settings, plan, history), timelines(history, as_of)
    participants = participants_of(history, lines, times)
    them = people(participants)
    found = Measured(
        history=history,
        times=times,
        people=them,
        starts=starts(settings, history, lines, times),
        money=money(event, plan, history, times, as_of, them.seat_hours),
        incidents=incidents(history, lines, times, as_of),
        work=work(event.name, event.saving.retention_days, history),
        rating=None if feedback is None else feedback.rating,
    )
    return Report(
        event=event.name,
        template=event.template,
        seats_from=times.starts_at.astimezone(UTC),
        start=window.start.astimezone(UTC),
        end=times.last_end.astimezone(UTC),
        as_of=as_of.astimezone(UTC),
        is_settled=history.settled_at is not None,
        ended_early=history.reason if history.ended_at is not None else "",
        users=settings.users,
        people=them,
        starts=found.starts,
        money=found.money,
        states=states(lines, times.starts_at, as_of),
        incidents=found.incidents,
        work=found.work,
        changes=advice(settings, plan, found),
        metrics=metrics(found),
        feedback=feedback if with_names or feedback is None else feedback.without_comments(),
        seats=_seats(history, participants) if with_names else (),
    )


def _seats(history: History, participants: tuple[Participant, ...]) -> tuple[SeatReport, ...]:
    persons: Mapping[int, SeatHistory] = {one.seat: one for one in history.seats}
    return tuple(
        SeatReport(
            seat=workspace_name(one.seat),
            person=persons[one.seat].name or persons[one.seat].email,
            came=one.came,
            completed=one.has_completed,
            engagement=one.engagement,
            hours=round(one.time_ready.total_seconds() / 3600, 1),
        )
        for one in participants
    )
