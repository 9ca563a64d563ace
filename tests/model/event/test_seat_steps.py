"""Who is late, and what a seat needs for work to come back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.model.given import settings
from workshop.model.event.seat_steps import at_this_look, lateness, running_steps
from workshop.model.event.seats import MOST_FAILURES, Seat, Span
from workshop.model.event.steps import Action
from workshop.model.event.world import Ending, EventState, Observed, Pod, Region, Workspace
from workshop.model.ledger import bill
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given

EVENT = {"name": "october", "template": "coder/docker", "latest_end": "6h", "budget_usd": 200}
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
EARLY = Span(starts_at=START - 24 * HOUR, ends_at=START, hours=HOUR)
MAIN = Span(starts_at=START, ends_at=START + 5 * HOUR)
SEAT = Seat(number=7, owner="ada", spans=(EARLY, MAIN), region="us-east-2", workspace_id="w")


@pytest.mark.parametrize(
    ("state", "after", "said"),
    [
        ("planned", 15 * MINUTE, "not ready yet"),
        ("starting", HOUR, "not ready yet"),
        ("failed", HOUR, "not ready yet"),
        ("planned", 14 * MINUTE, ""),
        ("ready", HOUR, ""),
        ("stopped", HOUR, ""),
        ("planned", -HOUR, ""),
        ("planned", -25 * HOUR, ""),
        ("ready", 5 * HOUR + 9 * MINUTE, ""),
        ("stopping", 5 * HOUR + 10 * MINUTE, "still runs"),
        ("ready", 6 * HOUR, "still runs"),
        ("stopped", 6 * HOUR, ""),
        ("planned", 6 * HOUR, ""),
    ],
)
def test_a_seat_is_late_to_be_ready_and_late_to_be_gone(state: str, after: timedelta, said: str) -> None:
    assert lateness(SEAT, state, EventState(seats=(SEAT,)), START + after) == said


def test_nobody_waits_for_who_did_not_accept_or_was_given_up() -> None:
    for seat in (replace(SEAT, is_wanted=False), replace(SEAT, failures=MOST_FAILURES)):
        assert lateness(seat, "planned", EventState(seats=(seat,)), START + HOUR) == ""


def test_after_the_events_own_end_what_runs_is_late() -> None:
    kept = EventState(seats=(SEAT,), ending=Ending(at=START + HOUR, reason="ended by command"))
    assert lateness(SEAT, "planned", kept, START + 2 * HOUR) == ""
    assert lateness(SEAT, "ready", kept, START + 2 * HOUR) == "still runs"


def actions(
    seat: Seat, *, is_ready: bool = True, has_pod: bool = True, deadline: datetime | None = None
) -> list[Action]:
    """What is due for a seat that runs, two minutes after its start."""
    asked = settings(users="10", window={"start": "2026-12-01T09:00+00:00", "duration": "5h"}, event=EVENT)
    workspace = Workspace(
        id="w",
        owner="ada",
        name="workshop-07",
        status="running",
        transition="start",
        build=1,
        build_id="b",
        created_at=START,
        build_at=START,
        started_at=START,
        deadline=deadline,
        is_ready=is_ready,
    )
    pod = Pod(workspace_id="w", region="us-east-2", namespace="coder-ws", name="p", is_running=True)
    seen = Observed(
        now=START + 2 * MINUTE,
        workspaces={("ada", "workshop-07"): workspace},
        idle_provisioners=1,
        regions={"us-east-2": Region(pods={"w": pod} if has_pod else {})},
        instances={},
        bill=bill(given(asked.event), given(plan_event(asked)), (), {}, START),
    )
    kept = EventState(seats=(seat,))
    return [step.action for step in running_steps(at_this_look(seat, kept, seen), given(asked.event), kept, seen)]


def test_work_is_put_back_once_the_workspace_is_ready_and_only_when_it_is_asked_for() -> None:
    asked = replace(SEAT, restore_from=3)
    assert actions(asked) == [Action.RESTORE]
    assert actions(asked, is_ready=False) == []
    assert actions(asked, has_pod=False) == []
    assert actions(SEAT) == []


def test_coder_stops_nobody_before_the_keeper_has_had_its_time() -> None:
    second = MAIN.ends_at + 10 * MINUTE
    assert actions(SEAT, deadline=second + HOUR - MINUTE) == []  # as it is created
    assert actions(SEAT, deadline=second + 29 * MINUTE) == [Action.EXTEND]
    assert actions(SEAT, deadline=START + 30 * MINUTE) == [Action.EXTEND]  # its person may
    longer = replace(SEAT, spans=(EARLY, replace(MAIN, ends_at=MAIN.ends_at + HOUR)))
    assert actions(longer, deadline=second + HOUR) == [Action.EXTEND]
    assert actions(SEAT, deadline=None) == []
