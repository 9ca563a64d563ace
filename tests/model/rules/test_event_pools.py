"""Rules about what pools say of events: one that is kept stays, and one that was stopped is not given room again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.model.given import ABSENT, NO_ANSWER, NOON, found, in_region, observe, settings, shown
from workshop.model.names import EVENT_ANNOTATION, MARK, STOPPED_ANNOTATION, WINDOW_ANNOTATION
from workshop.model.observations import ExistingObject, Observation
from workshop.model.plan.plan import make_plan
from workshop.model.rules.judgement import judge_observations
from workshop.model.rules.observations.event_kept import event_annotation, read_event
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import Phase, interval

WINDOW = {"start": "2026-10-02T11:00+00:00", "duration": "5h"}
EVENT = {"name": "october", "template": "coder/docker", "latest_end": "5h", "budget_usd": 200}


def pool(**annotations: str) -> Observation[ExistingObject]:
    names = {"event": EVENT_ANNOTATION, "stopped": STOPPED_ANNOTATION, "window": WINDOW_ANNOTATION}
    written = {names[name]: value for name, value in annotations.items()}
    return found(ExistingObject(is_ours=True, spec={}, owner=MARK, annotations=written))


def told(given: Settings, node_pool: object, rule: str, phase: Phase = Phase.RUNNING) -> list[str]:
    plan = make_plan(given, phase=phase if given.window else None)
    seen = observe(given, in_region("us-west-2", node_pool=node_pool))
    return [shown(one) for one in judge_observations(given, plan, seen).findings if one.rule == rule]


class TestEventKept:
    @pytest.mark.parametrize("until", [NOON + timedelta(minutes=1), NOON + timedelta(days=300)])
    def test_an_event_that_is_kept_can_not_be_taken_out(self, until: datetime) -> None:
        kept = pool(event=event_annotation("october", until))

        assert told(settings(event=EVENT, window=WINDOW), kept, "event-kept") == []
        (finding,) = told(settings(), kept, "event-kept")
        assert finding == (
            f"[event-kept] event october in us-west-2: it is kept until {until:%Y-%m-%d %H:%M} UTC, and the settings "
            "have none; its people could no longer fetch their work, and nothing would watch what still runs: set "
            "workshop:event back, or give it up: kubectl --context coder-oregon annotate nodepool workshop-workspaces "
            "ai-coder-workshop/event-"
        )
        (other,) = told(settings(event={**EVENT, "name": "november"}, window=WINDOW), kept, "event-kept")
        assert "and the settings have event november;" in other

    @pytest.mark.parametrize(
        "node_pool",
        [
            pool(),
            pool(event="october"),
            pool(event="october 2026-10-32T00:00+00:00"),
            pool(event="october 2026-11-01T00:00"),
            pool(event=event_annotation("october", NOON)),
            ABSENT,
            NO_ANSWER,
        ],
    )
    def test_what_is_over_or_was_never_written_is_not_kept(self, node_pool: object) -> None:
        assert told(settings(), node_pool, "event-kept") == []

    def test_another_scope_does_not_ask(self) -> None:
        kept = pool(event=event_annotation("october", NOON + timedelta(days=1)))
        assert told(settings(scope="dns"), kept, "event-kept") == []

    def test_what_is_written_is_read(self) -> None:
        assert read_event(event_annotation("october", NOON)) == ("october", NOON.astimezone(UTC))


class TestEventStopped:
    STOPPED = "october 2026-10-02T13:00:00+00:00"

    @pytest.mark.parametrize("phase", [Phase.BEFORE, Phase.PREPARATION, Phase.RUNNING, Phase.COOL_DOWN])
    def test_a_stopped_pool_gets_no_room_again(self, phase: Phase) -> None:
        assert told(settings(event=EVENT, window=WINDOW), pool(stopped=self.STOPPED), "event-stopped", phase) == [
            "[event-stopped] NodePool workshop-workspaces in us-west-2: it was stopped for event october "
            "(2026-10-02T13:00:00+00:00), and this would start its nodes again; it was at its cap, or over: what runs "
            "on is paid for beyond what was agreed: if it is to go on, raise workshop:event.budget_usd or "
            "event.latest_end, then: kubectl --context coder-oregon annotate nodepool workshop-workspaces "
            "ai-coder-workshop/stopped-"
        ]

    def test_after_the_window_its_hold_is_taken_back(self) -> None:
        given = settings(event=EVENT, window=WINDOW)
        assert given.window is not None
        stopped = pool(stopped=self.STOPPED, window=interval(given.window))
        assert told(given, stopped, "event-stopped", Phase.AFTER) == []

    def test_another_events_mark_and_no_answer_stop_nothing(self) -> None:
        for node_pool in (pool(stopped="september 2026-09-02T13:00:00+00:00"), pool(), ABSENT, NO_ANSWER):
            assert told(settings(event=EVENT, window=WINDOW), node_pool, "event-stopped") == []
        assert told(settings(window=WINDOW), pool(stopped=self.STOPPED), "event-stopped") == []
        stopped = pool(stopped=self.STOPPED)
        assert told(settings(event=EVENT, window=WINDOW, scope="dns"), stopped, "event-stopped") == []
