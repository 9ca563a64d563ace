"""Which of a pool's budgets hold its nodes through the whole window, read as Karpenter reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from policies.framework.policy import Problem
from policies.framework.reading import Reading
from workshop.model.settings.window import Window
from workshop.model.window.disruption import hold_over
from workshop.model.window.phases import moment

REASONS = frozenset({"Underutilized", "Empty", "Drifted"})
_DATE = re.compile(r"(\d{1,2}) (\d{1,2}) (\d{1,2}) (\d{1,2}) \*")
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:0s)?")


def not_held(budgets: tuple[Reading, ...], window: Window) -> Iterator[Problem]:
    """A pool of which no budget keeps every node from the window's opening to its close."""
    held = frozenset[str]().union(*(held_reasons(budget, window) for budget in budgets))
    if not held >= REASONS:
        hold = hold_over(window)
        yield Problem(
            problem=f"no budget holds the pool from {moment(window.opens_at)} to {moment(window.closes_at)}",
            fix=f'add the budget {{nodes: "0", schedule: "{hold.schedule}", duration: {hold.duration}}}',
        )


def held_reasons(budget: Reading, window: Window) -> frozenset[str]:
    """The reasons for which it lets no node go at any moment of the window; all, where it names none.

    A schedule must name a date: of any other it isn't worked out when it hits.
    """
    reasons, nothing = budget.optional("reasons"), frozenset[str]()
    if budget.member("nodes").text() not in ("0", "0%"):
        return nothing
    held = frozenset(reasons.texts()) if reasons else REASONS
    schedule, duration = budget.optional("schedule"), budget.optional("duration")
    if schedule is None or duration is None:
        return held if schedule is duration else nothing
    begins, lasts = _last_hit(schedule.text(), window.opens_at), _lasting(duration.text())
    return held if begins is not None and lasts is not None and begins + lasts >= window.closes_at else nothing


def _last_hit(schedule: str, until: datetime) -> datetime | None:
    """When a schedule of a date hit last, or hits just now; UTC."""
    match = _DATE.fullmatch(schedule)
    if match is None:
        return None
    minute, hour, day, month = (int(field) for field in match.groups())
    until = until.astimezone(UTC)
    for year in (until.year, until.year - 1):
        try:
            hit = datetime(year, month, day, hour, minute, tzinfo=UTC)
        except ValueError:
            continue
        if hit <= until:
            return hit
    return None


def _lasting(duration: str) -> timedelta | None:
    match = _DURATION.fullmatch(duration)
    if match is None:
        return None
    hours, minutes = match.groups(default="0")
    return timedelta(hours=int(hours), minutes=int(minutes))
