"""Settings that another event like this one should have changed, each with the command that does so."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from workshop.model.counting import counted
from workshop.model.event.receipts import Result
from workshop.model.plan.arrival import crowds, organization_of_seats
from workshop.model.plan.event import EventPlan
from workshop.model.report.history import History
from workshop.model.report.metrics import Measured
from workshop.model.report.section import Part
from workshop.model.settings.commands import key_of, set_command
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings
from workshop.model.settings.types import written

_MUCH: Final = 1.2
"""How far apart what was planned and what was has to be."""

_LEAST_BUILD_SECONDS: Final = 10
"""Where less would be needed, it is not the builds that were faster."""


class Change(Part):
    """setting: its key. now, then: its value, and the one to try; command: how it is set."""

    setting: str
    now: str
    then: str
    why: str
    command: str


def advice(settings: Settings, plan: EventPlan, found: Measured) -> tuple[Change, ...]:
    """Nothing where all fitted. Raises ValueError where the settings have no event."""
    return (
        *_users(settings, found),
        *_arrival(settings, found),
        *_provisioners(settings, found),
        *_early_access(settings, found),
        *_budget(settings, plan, found),
        *_saving(settings, found.history),
    )


def _users(settings: Settings, found: Measured) -> Iterator[Change]:
    """Room for who came and a tenth more, where that is a fifth less than there was; of more, months have the rule."""
    came = found.people.everybody.came
    if not came:
        return
    event = given(settings.event)
    then = math.ceil(came * 1.1) + event.reserve
    if then <= settings.users * 0.8:
        yield Change(
            setting="workshop:users",
            now=str(settings.users),
            then=str(then),
            why=f"{came} came: that is room for a tenth more, and the reserve",
            command=set_command(("users",), str(then)),
        )


def _arrival(settings: Settings, found: Measured) -> Iterator[Change]:
    """What was measured takes the place of what was assumed, where they are a fifth apart."""
    actual, predicted = found.starts.actual, found.starts.predicted
    if actual.p50 is None or predicted.p50 is None or found.people.seats_used < 3:
        return
    build = settings.arrival.build_seconds
    then = round(build + actual.p50 - predicted.p50)
    if abs(actual.p50 - predicted.p50) > predicted.p50 * (_MUCH - 1) and then >= _LEAST_BUILD_SECONDS:
        yield Change(
            setting="workshop:arrival.build_seconds",
            now=str(build),
            then=str(then),
            why=f"half of the starts took {actual.p50:g} s or less, {predicted.p50:g} were predicted",
            command=set_command(("arrival", "build_seconds"), str(then)),
        )


def _provisioners(settings: Settings, found: Measured) -> Iterator[Change]:
    """More of them where all together took a fifth longer than planned, although each start did not."""
    actual, predicted = found.starts.actual, found.starts.predicted
    if None in (actual.all_ready, actual.p50, predicted.all_ready, predicted.p50) or found.people.seats_used < 3:
        return
    longer = (actual.all_ready or 0) / (predicted.all_ready or 1)
    if longer <= _MUCH or (actual.p50 or 0) > (predicted.p50 or 0) * _MUCH:
        return
    seats, crowd = organization_of_seats(settings), crowds(settings)
    index = [one.name for one in settings.organizations].index(seats.name)
    now = max(one.provisioners for one in crowd.values())
    then = min(math.ceil(now * longer), max(one.users for one in crowd.values()))
    if then > now:
        path = ("organizations", index, "minimum_provisioners")
        yield Change(
            setting=key_of(path),
            now=str(seats.minimum_provisioners),
            then=str(then),
            why=f"{now} had all ready after {actual.all_ready:g} s, {predicted.all_ready:g} were predicted",
            command=set_command(path, str(then)),
        )


def _early_access(settings: Settings, found: Measured) -> Iterator[Change]:
    event, path = given(settings.event), ("event", "early_access")
    tested, came = found.people.everybody.tested, found.people.everybody.came
    rate = found.starts.failure_percent
    if not event.early_access and rate is not None and rate >= 2:
        yield Change(
            setting=key_of(path),
            now="0m",
            then="24h",
            why=f"{rate:g} % of the starts failed: with early access that is seen a day before",
            command=set_command(path, "24h"),
        )
    elif event.early_access and tested == 0 and came:
        yield Change(
            setting=key_of(path),
            now=written(event.early_access),
            then="0m",
            why="nobody's workspace was ready in early access, which was paid for",
            command=set_command(path, "0m"),
        )


def _budget(settings: Settings, plan: EventPlan, found: Measured) -> Iterator[Change]:
    """A fifth above what was due, and at a hard cap never below what limits allow at worst."""
    event, money = given(settings.event), found.money
    least = plan.most if event.cap == "hard" else plan.all_come.total
    then = math.ceil(max(money.due * Decimal("1.2"), least) / 10) * 10
    is_tight, is_wide = money.due * 10 >= event.budget_usd * 9, then <= event.budget_usd * 0.75
    if (is_tight and then > event.budget_usd) or (is_wide and money.is_final):
        yield Change(
            setting="workshop:event.budget_usd",
            now=str(event.budget_usd),
            then=str(then),
            why=f"{money.due} USD were due; at worst the plan allows {plan.most:.2f}",
            command=set_command(("event", "budget_usd"), str(then)),
        )


def _saving(settings: Settings, history: History) -> Iterator[Change]:
    refused = {one.seat for one in history.receipts if one.result is Result.REFUSED}
    if refused:
        now = given(settings.event).saving.cap_mib
        yield Change(
            setting="workshop:event.saving.cap_mib",
            now=str(now),
            then=str(now * 2),
            why=f"work of {counted(len(refused), 'seat')} was more than may be saved",
            command=set_command(("event", "saving", "cap_mib"), str(now * 2)),
        )
