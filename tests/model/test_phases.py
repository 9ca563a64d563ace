"""Phases: each begins at its first instant."""

from datetime import UTC, datetime, timedelta

import pytest

from workshop.model.phases import Phase, phase_at
from workshop.model.settings_window import Window

WINDOW = Window.model_validate(
    {"start": "2026-10-01T09:00-07:00", "duration": "4h", "preparation": "24h", "cool_down": "2h"}
)
START = datetime(2026, 10, 1, 16, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("first", "phase", "earlier"),
    [
        (START - timedelta(hours=24), Phase.PREPARATION, Phase.BEFORE),
        (START, Phase.RUNNING, Phase.PREPARATION),
        (START + timedelta(hours=4), Phase.COOL_DOWN, Phase.RUNNING),
        (START + timedelta(hours=6), Phase.AFTER, Phase.COOL_DOWN),
    ],
)
def test_a_phase_begins_at_its_first_instant(first: datetime, phase: Phase, earlier: Phase) -> None:
    assert phase_at(WINDOW, first) is phase
    assert phase_at(WINDOW, first - INSTANT) is earlier


def test_the_window_is_preparation_event_and_cool_down() -> None:
    assert [phase for phase in Phase if phase.is_in_window] == [Phase.PREPARATION, Phase.RUNNING, Phase.COOL_DOWN]
