"""The success metrics of the Monthly Workshop Guide, the postmortem and the instructor, each with target and source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Final

from workshop.model.event.preservation import Keeping
from workshop.model.event.requests import Ask
from workshop.model.report.history import History
from workshop.model.report.incidents import Incident, Kind
from workshop.model.report.metric import Group, Metric, metric
from workshop.model.report.money import Money
from workshop.model.report.people import People
from workshop.model.report.section import percentile
from workshop.model.report.starts import Starts
from workshop.model.report.times import Times
from workshop.model.report.work import Work

ASK: Final = "ask"
"""The journal's action of what somebody asked of the keeper by a command."""

_UNSETTLED: Final = "the event has not settled"
_EVERYDAY: Final = frozenset({Ask.DOWNLOAD, Ask.MESSAGE, Ask.LOGS, Ask.LOOK_IN, Ask.ADMIT, Ask.BIND, Ask.LOWER_HAND})
"""What whoever helps does anyway; no intervention."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What metrics are made of. rating: of five, from feedback; None without."""

    history: History
    times: Times
    people: People
    starts: Starts
    money: Money
    incidents: tuple[Incident, ...]
    work: Work
    rating: float | None

    @property
    def is_settled(self) -> bool:
        """Whether nothing of it goes on, so that what is not there will not come."""
        return self.history.settled_at is not None


def metrics(found: Measured) -> tuple[Metric, ...]:
    """Every metric of an event."""
    return (*_stability(found), *_quality(found), *_operations(found), *_instructors(found))


def _stability(found: Measured) -> Iterator[Metric]:
    group, starts = Group.STABILITY, found.starts
    rate, mean = starts.failure_percent, starts.actual.mean
    yield metric(
        group,
        "failure-rate",
        "workspaces that failed or were restarted",
        "< 2 %",
        rate,
        " %",
        is_met=rate is not None and rate < 2,
        source=f"journal: {starts.failed} failed and {starts.restarted} restarted, of {starts.begun} starts",
    )
    visible = [one for one in found.incidents if one.is_blocker and one.kind is not Kind.HAND]
    yield metric(
        group,
        "visible-incidents",
        "incidents that people noticed",
        "0",
        len(visible),
        is_met=not visible,
        source="journal: seats late or given up, and Coder away, for more than 5 minutes",
    )
    lost = sum(found.work.counts[one] for one in (Keeping.LOST, Keeping.OLDER, Keeping.UNSEEN))
    yield metric(
        group,
        "work-lost",
        "seats whose work is not all kept",
        "0",
        lost if found.is_settled else None,
        is_met=not lost,
        source="receipts of saves" if found.is_settled else _UNSETTLED,
    )
    yield metric(
        group,
        "start-time",
        "average start of a workspace",
        "< 120 s",
        mean,
        " s",
        is_met=mean is not None and mean < 120,
        source="journal: from a build's beginning to ready, seen every 15 s",
    )
    unkept = "kept by the platform's monitoring, not by the event"
    yield metric(group, "storage-contention", "storage contention", "0", None, source=unkept)
    yield metric(group, "routing-errors", "errors of subdomain routing", "0", None, source=unkept)
    yield metric(group, "authentication-failures", "failed authentication", "0", None, source=unkept)


def _quality(found: Measured) -> Iterator[Metric]:
    group, people, rating = Group.QUALITY, found.people, found.rating
    yield metric(
        group,
        "satisfaction",
        "participants' rating",
        ">= 4.5 of 5",
        rating,
        " of 5",
        is_met=rating is not None and rating >= 4.5,
        source="feedback" if rating is not None else "no feedback was given: workshop event report --feedback FILE.csv",
    )
    percent = people.completion_percent if people.completed is not None else None
    yield metric(
        group,
        "completion",
        "people who completed it",
        "> 90 %",
        percent,
        " %",
        is_met=percent is not None and percent > 90,
        source="journal, receipts and door, as defined above",
    )
    blockers = sum(one.is_blocker for one in found.incidents)
    yield metric(
        group,
        "blockers",
        "blockers",
        "< 3",
        blockers,
        is_met=blockers < 3,
        source="what kept somebody from working for more than 5 minutes: see incidents",
    )
    waits = [(one.closed_at - one.raised_at) / timedelta(minutes=1) for one in found.history.hands if one.closed_at]
    wait = median(waits) if waits else None
    yield metric(
        group,
        "help-time",
        "from hand raised to closed, median",
        "< 5 min",
        wait,
        " min",
        is_met=wait is not None and wait < 5,
        source=f"door: {len(waits)} of {len(found.history.hands)} hands" if waits else "no hand was raised and closed",
    )
    came = people.everybody.came
    yield metric(
        group,
        "concurrent-users",
        "people who came",
        ">= 10",
        came,
        is_met=came is not None and came >= 10,
        source="journal, receipts and door, as defined above",
    )


def _operations(found: Measured) -> Iterator[Metric]:
    group, since, until = Group.OPERATIONS, found.times.starts_at, found.history.as_of or found.times.last_end
    asked = [line for line in found.history.lines if line.action == ASK and since <= line.at <= until]
    staff = [
        one
        for one in found.history.asked
        if not one.person.startswith("workshop-") and one.action not in _EVERYDAY and since <= one.at <= until
    ]
    steps = len(asked) + len(staff)
    yield metric(
        group,
        "interventions",
        "manual interventions",
        "< 2",
        steps,
        is_met=steps < 2,
        source=f"journal: {len(asked)} by command, {len(staff)} on dashboard and pages, from the seats' start on",
    )
    times = [one.minutes for one in found.incidents if one.minutes is not None and one.kind is not Kind.HAND]
    time = median(times) if times else None
    yield metric(
        group,
        "resolution-time",
        "time until an incident was over, median",
        "< 5 min",
        time,
        " min",
        is_met=time is not None and time < 5,
        source=f"journal: {len(times)} incidents" if times else "no incident had a length",
    )
    yield metric(
        group,
        "checklist-time",
        "time for the checklist",
        "< 30 min",
        None,
        source="the checklist keeps when an item was ticked, not how long somebody worked on it",
    )
    yield metric(
        group,
        "repeated-issues",
        "issues of the event before that came again",
        "0",
        None,
        source="needs the report of the event before: workshop event months",
    )


def _instructors(found: Measured) -> Iterator[Metric]:
    group, money = Group.INSTRUCTOR, found.money
    yield metric(
        group,
        "within-budget",
        "money due, of the budget",
        "<= 100 %",
        round(float(money.due * 100 / money.budget_usd), 1),
        " %",
        is_met=money.due <= money.budget_usd,
        source="ledger, with what is set aside for models",
    )
    yield metric(
        group,
        "left-running",
        "nodes left running",
        "0",
        money.running if found.is_settled else None,
        is_met=money.running == 0,
        source="EC2, as seen last" if found.is_settled else _UNSETTLED,
    )
    took = _onboarding(found)
    yield metric(
        group,
        "onboarding",
        "time until 95 % of who came were in",
        "< 15 min",
        took,
        " min",
        is_met=took is not None and took < 15,
        source="door: first visits on the day" if took is not None else "nobody came through the door",
    )
    yield metric(
        group, "setup-time", "time to set the event up", "< 30 min", None, source="nobody kept when work on it began"
    )


def _onboarding(found: Measured) -> float | None:
    since = found.times.opens_at - timedelta(minutes=30)
    first: dict[str, float] = {}
    for visit in found.history.visits:
        if since <= visit.made_at <= found.times.last_end and visit.person.startswith("workshop-"):
            at = (visit.made_at - since) / timedelta(minutes=1)
            first[visit.person] = min(at, first.get(visit.person, at))
    last = percentile(first.values(), 95)
    return None if last is None else last - min(first.values())
