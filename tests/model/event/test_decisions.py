"""When seats' keys of models go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.model.given import settings
from workshop.model.event.decisions import CAP, decide
from workshop.model.event.steps import Action
from workshop.model.event.world import Ending, EventState, Observed
from workshop.model.ledger import bill
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
EVENT = {"name": "october", "template": "coder/docker", "latest_end": "6h", "budget_usd": 200}
ASKED = settings(users="10", window={"start": "2026-12-01T09:00+00:00", "duration": "5h"}, event=EVENT)
ENDED = Ending(at=START, reason="ended by command")


def actions(kept: EventState, now: datetime = START) -> list[Action]:
    event, plan = given(ASKED.event), given(plan_event(ASKED))
    looks = {region.name: now for region in ASKED.regions}
    seen = Observed(
        now=now,
        workspaces=None,
        idle_provisioners=0,
        regions={},
        instances={},
        bill=bill(event, plan, (), looks, now),
    )
    return [step.action for step in decide(event, kept, seen)]


def test_at_the_cap_nobody_spends_on_models_any_more() -> None:
    keys = frozenset({"october-workshop-01"})
    assert Action.REVOKE in actions(EventState(seats=(), keys=keys, ending=Ending(at=START, reason=CAP)))
    assert Action.REVOKE not in actions(EventState(seats=(), ending=Ending(at=START, reason=CAP)))


def test_any_other_end_leaves_keys_until_all_is_settled() -> None:
    keys = frozenset({"october-workshop-01"})
    assert Action.REVOKE not in actions(EventState(seats=(), keys=keys, ending=ENDED))
    assert actions(EventState(seats=(), keys=keys, ending=ENDED, settled_at=START)) == [Action.REVOKE]
    later = START + timedelta(days=2)
    assert actions(EventState(seats=(), ending=ENDED, settled_at=START), later) == []
