"""How long workspaces took to start: as planned, and as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import fmean
from typing import Final

from workshop.model.event.requests import Ask
from workshop.model.plan.arrival import SEEDS, crowds, simulate
from workshop.model.report.history import History
from workshop.model.report.section import Part, percent_of, percentile
from workshop.model.report.timeline import SeatStart, SeatTimeline
from workshop.model.report.times import Times
from workshop.model.settings.stack import Settings

RESTARTS: Final = (Ask.RESTART, Ask.MOVE)

LOOK_SECONDS: Final = 15
"""The keeper sees that a workspace is ready so much later at most."""


class Waits(Part):
    """Seconds, None of no start. mean, p50, p95, slowest: of one, from its build's beginning on.

    all_ready: from the first beginning until the last seat that was started before the event was ready.
    """

    mean: float | None
    p50: float | None
    p95: float | None
    slowest: float | None
    all_ready: float | None


class Starts(Part):
    """Starts by the keeper for the event itself; early: those of early access.

    failed: builds that failed or whose agent never came, early access included; restarted: workspaces that somebody had
    begun again; failure_percent: both, of all begun.
    never_ready: seats that were started and never could be worked in.
    """

    predicted: Waits
    actual: Waits
    early: Waits
    begun: int
    failed: int
    restarted: int
    failure_percent: float | None
    never_ready: int


def starts(settings: Settings, history: History, lines: Mapping[int, SeatTimeline], times: Times) -> Starts:
    """Of one event."""
    every = [start for line in lines.values() for start in line.starts]
    main = [start for start in every if times.starts_at <= start.begun_at < times.last_end]
    failed = sum(line.action == "replace" and line.phase == "done" for line in history.lines)
    restarted = sum(one.action in RESTARTS and one.answered_at is not None and not one.problem for one in history.asked)
    tried = [line for line in lines.values() if any(start in main for start in line.starts)]
    return Starts(
        predicted=_predicted(settings),
        actual=_actual(main, times.opens_at),
        early=_actual((start for start in every if start.begun_at < times.starts_at), times.starts_at),
        begun=len(every),
        failed=failed,
        restarted=restarted,
        failure_percent=percent_of(failed + restarted, len(every)),
        never_ready=sum(line.time_ready(times.starts_at, times.last_end) == timedelta(0) for line in tried),
    )


def _predicted(settings: Settings) -> Waits:
    """Of the runs that the plan is made of; all at once, as the keeper starts them."""
    arrival = settings.arrival.model_copy(update={"within": timedelta(0), "per_minute": ()})
    found = [start for crowd in crowds(settings).values() for seed in SEEDS for start in simulate(arrival, crowd, seed)]
    alone = [start.total - start.queue for start in found]
    return _waits(alone, max((start.total for start in found), default=None))


def _actual(found: Iterable[SeatStart], opens_at: datetime) -> Waits:
    """opens_at: who is started later comes late, or starts again."""
    times = [(one.seat, one.begun_at, one.ready_at) for one in found if one.ready_at is not None]
    first_ready: dict[int, datetime] = {}
    for seat, begun_at, ready_at in times:
        if begun_at < opens_at:
            first_ready.setdefault(seat, ready_at)
    whole = None
    if first_ready:
        whole = (max(first_ready.values()) - min(begun_at for _, begun_at, _ in times)).total_seconds()
    return _waits([(ready_at - begun_at).total_seconds() for _, begun_at, ready_at in times], whole)


def _waits(seconds: Sequence[float], all_ready: float | None) -> Waits:
    found = {
        "mean": fmean(seconds) if seconds else None,
        "p50": percentile(seconds, 50),
        "p95": percentile(seconds, 95),
        "slowest": max(seconds, default=None),
        "all_ready": all_ready,
    }
    return Waits.model_validate({name: None if one is None else round(one, 1) for name, one in found.items()})
