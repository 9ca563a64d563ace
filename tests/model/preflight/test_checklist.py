"""The runbook: due by the event's clock, done by checks or by people."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.model.given import NOON, settings
from workshop.model.preflight.checklist import State, Tick, Ticks, checklist, lines_of, ticked
from workshop.model.preflight.record import Record, Result, Stage, Verdict, make_record
from workshop.model.preflight.runbook import ITEMS, Day
from workshop.model.settings.window import Window

GIVEN = settings()
WINDOW = Window.model_validate({"start": NOON.isoformat(), "duration": "4h"})
CLOSES = NOON + timedelta(hours=6)


def record(*verdicts: tuple[str, Verdict]) -> Record:
    results = [
        Result(check=check, stage=Stage.BEFORE_UP, verdict=verdict, found="", needed="") for check, verdict in verdicts
    ]
    return make_record("sandbox", GIVEN, [check for check, _ in verdicts], results, NOON)


def states(now: datetime, kept: Record | None = None, ticks: Ticks | None = None) -> dict[str, State]:
    return {line.item.id: line.state for line in checklist(WINDOW, kept, ticks or Ticks(), now)}


@pytest.mark.parametrize(
    ("before", "due"),
    [
        (timedelta(days=7, seconds=1), set[str]()),
        (timedelta(days=7), {"users-known", "quota", "hosts", "window-set", "jobs-image", "actions", "announced"}),
        (timedelta(days=2), {"invited", "prepared", "identity", "image", "litellm", "gate"}),
        (timedelta(days=1), {"reminded", "previous-nodes", "up", "room", "templates", "seats", "smoke", "alert-seen"}),
        (timedelta(hours=2), {"doors", "on-call"}),
    ],
)
def test_items_fall_due(before: timedelta, due: set[str]) -> None:
    def not_later(now: datetime) -> set[str]:
        return {item for item, state in states(now).items() if state is not State.LATER}

    assert not_later(NOON - before) - not_later(NOON - before - timedelta(seconds=1)) == due


def test_what_comes_after_is_due_when_the_window_has_closed() -> None:
    assert states(CLOSES - timedelta(seconds=1))["scaled-down"] is State.LATER
    assert states(CLOSES)["scaled-down"] is State.BY_HAND


def test_without_a_window_everything_is_due_but_what_comes_after() -> None:
    lines = checklist(None, None, Ticks(), NOON)
    assert {line.item.day for line in lines if line.state is State.LATER} == {"after"}


def test_checks_answer_for_an_item_only_when_all_of_them_say_go() -> None:
    both = (("litellm-ready", Verdict.GO), ("litellm-key", Verdict.WARNING))
    assert states(NOON, record(*both))["litellm"] is State.DONE
    assert states(NOON, record(both[0]))["litellm"] is State.DUE
    assert states(NOON, record(both[0], ("litellm-key", Verdict.NO_GO)))["litellm"] is State.DUE
    assert states(NOON, record(both[0], ("litellm-key", Verdict.INCONCLUSIVE)))["litellm"] is State.DUE
    assert states(NOON)["litellm"] is State.DUE


def test_people_tick_what_is_theirs_for_one_event() -> None:
    tick = Tick(by="Ada", at=NOON)
    ticks = ticked(Ticks(), WINDOW.start, "on-call", tick)
    (line,) = [one for one in checklist(WINDOW, None, ticks, NOON) if one.item.id == "on-call"]
    assert (line.state, line.summary) == (State.DONE, "Ada, 2026-10-01 12:00 UTC")
    another = ticks.model_copy(update={"start": NOON + timedelta(days=30)})
    assert states(NOON, ticks=another)["on-call"] is State.BY_HAND
    assert set(ticked(another, WINDOW.start, "alert-seen", tick).ticks) == {"alert-seen"}
    for item in ("quota", "nonsense"):
        with pytest.raises(KeyError):
            ticked(Ticks(), None, item, tick)


def test_every_line_in_full(snapshot: SnapshotAssertion) -> None:
    kept = record(*((check, Verdict.GO) for item in ITEMS for check in item.checks if item.id != "quota"))
    ticks = ticked(Ticks(), WINDOW.start, "on-call", Tick(by="Ada", at=NOON))
    lines = checklist(WINDOW, kept, ticks, NOON)
    assert [" | ".join(map(str, (*vars(line.item).values(), line.state, line.summary))) for line in lines] == snapshot
    assert [line.item.id for line in lines_of(lines, Day.AFTER)] == [
        *("scaled-down", "thanked", "reported", "looked-back")
    ]
