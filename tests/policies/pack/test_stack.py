"""The policies' own reading of the stack: its config, and a clock that need not be the program's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from policies.pack import stack
from policies.pack.stack import stack_config
from policies.pack.testing import judge
from policies.replica_floor import planned
from policies.window_phase import WINDOW_PHASE
from tests.model.given import config
from tests.policies.declared import node_pool
from workshop.model.names import PHASE_ANNOTATION, WINDOW_ANNOTATION
from workshop.model.settings.window import Window
from workshop.model.window.phases import Phase, interval, phase_at

WINDOW = {"start": "2026-12-01T17:00+00:00", "duration": "4h"}
OPENS, STARTS, ENDS, CLOSES = (
    datetime(2026, *when, tzinfo=UTC) for when in ((11, 30, 17), (12, 1, 17), (12, 1, 21), (12, 1, 23))
)
TEN_MINUTES = timedelta(minutes=10)

Ask = Callable[[datetime, datetime], list[str]]


@pytest.fixture(autouse=True)
def _a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config(window=WINDOW)))
    stack._config.cache_clear()  # pyright: ignore[reportPrivateUsage]
    yield
    stack._config.cache_clear()  # pyright: ignore[reportPrivateUsage]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """What the pack says at one moment of what a program declared at another."""
    window = Window.model_validate(WINDOW)

    def asked(declared_at: datetime, judged_at: datetime) -> list[str]:
        monkeypatch.setattr(stack, "now", lambda: judged_at)
        annotations = {PHASE_ANNOTATION: str(phase_at(window, declared_at)), WINDOW_ANNOTATION: interval(window)}
        return judge(WINDOW_PHASE, node_pool().with_input("metadata.annotations", annotations), stack=stack_config)

    return asked


@pytest.mark.parametrize("boundary", [OPENS, STARTS, ENDS, CLOSES])
def test_a_phase_that_ends_between_program_and_pack_is_refused(ask: Ask, boundary: datetime) -> None:
    just_before = boundary - timedelta(microseconds=1)
    assert ask(just_before, just_before) == []
    assert len(ask(just_before, boundary)) == 1
    assert ask(boundary, boundary + timedelta(seconds=1)) == []


@pytest.mark.parametrize("boundary", [OPENS, STARTS, ENDS, CLOSES])
@pytest.mark.parametrize("apart", [TEN_MINUTES, -TEN_MINUTES])
def test_clocks_ten_minutes_apart_never_let_the_wrong_phase_pass(
    ask: Ask, boundary: datetime, apart: timedelta
) -> None:
    for minutes in (-25, -5, 5, 25):
        judged_at = boundary + timedelta(minutes=minutes)
        annotations = ask(judged_at + apart, judged_at)
        is_across = (judged_at + apart < boundary) is not (judged_at < boundary)
        assert len(annotations) == (1 if is_across else 0)


def test_what_many_resources_ask_for_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = stack_config()
    monkeypatch.setattr(json, "loads", None)
    assert first
    assert stack_config() is first
    assert planned(first) is planned(first)


def test_the_clock_is_read_at_every_question(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter((OPENS - TEN_MINUTES, OPENS, CLOSES))
    monkeypatch.setattr(stack, "now", lambda: next(moments))

    plans = [found.plan for found in (stack_config(), stack_config(), stack_config()) if found]
    assert [(plan.phase, plan.users) for plan in plans] == [
        (Phase.BEFORE, 0),
        (Phase.PREPARATION, 20),
        (Phase.AFTER, 0),
    ]
