"""Phases: each begins at its first instant."""

from datetime import UTC, datetime, timedelta

import pytest

from workshop.model.settings.window import Window
from workshop.model.window.phases import Phase, closes, interval, meaning, phase_at, read_interval

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


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (
            Phase.BEFORE,
            "Before the window: the baseline is declared, without room for the event's 20 users. Preparation begins "
            "2026-09-30 16:00 UTC; run `up` again then (event: 2026-10-01 16:00 UTC to 2026-10-01 20:00 UTC).",
        ),
        (
            Phase.COOL_DOWN,
            "In the window (cool-down): room for 20 users, nodes and LiteLLM's key are held, and what would disturb "
            "them is refused until it closes 2026-10-01 22:00 UTC (event: 2026-10-01 16:00 UTC to 2026-10-01 20:00 "
            "UTC); run `up` again then.",
        ),
        (
            Phase.AFTER,
            "After the window, which closed 2026-10-01 22:00 UTC: the baseline is declared; nodes with workspaces stay "
            "until they are empty. Key rotation goes on; the first `up` rotates LiteLLM's key once to check that, "
            "which restarts workspaces.",
        ),
    ],
)
def test_each_phase_says_what_it_means(phase: Phase, words: str) -> None:
    assert meaning(phase, WINDOW, 20) == words


def test_without_a_window_nothing_is_held_and_it_says_so() -> None:
    assert meaning(None, None, 20) == (
        "No window is set: room for 20 users at once; key rotation goes on and no node is held."
    )


def test_what_an_interval_says_of_its_close_is_read_back() -> None:
    assert interval(WINDOW) == "2026-09-30T16:00:00+00:00/2026-10-01T22:00:00+00:00"
    assert read_interval(interval(WINDOW)) == (WINDOW.opens_at, WINDOW.closes_at)
    half = ("2026-10-01T22:00:00/2026-10-02T22:00:00Z", "2026-10-01T22:00:00Z/2026-10-02T22:00:00")
    for written in ("", "2026-10-01T22:00:00+00:00", "a/b", "a/2026-10-01T22:00:00", *half):
        assert read_interval(written) is None


def test_phases_have_names() -> None:
    """They are in annotations of what is live and in stacks' outputs."""
    assert [*Phase] == ["before", "preparation", "running", "cool-down", "after"]


def test_a_phase_goes_with_a_window() -> None:
    without = meaning(None, None, 20)
    assert meaning(None, WINDOW, 20) == meaning(Phase.RUNNING, None, 20) == without
    assert phase_at(None, START) is None


def test_an_open_window_says_until_when() -> None:
    assert closes(WINDOW) == "the window is open until 2026-10-01 22:00 UTC"
    assert closes(None) == ""
