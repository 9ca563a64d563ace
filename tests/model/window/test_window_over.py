"""A window that is over is refused unless it was deployed; `up` after an event takes its hold back and must work."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.model.given import ABSENT, NO_ANSWER, NOON, found, judged, observe, settings
from workshop.model.findings import line
from workshop.model.names import WINDOW_ANNOTATION
from workshop.model.observations import ExistingObject, Observation, Observations
from workshop.model.plan.plan import make_plan
from workshop.model.rules.observations import window_over
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import Phase, interval

START = "2025-10-02T11:00+02:00"
"""Of the event; it is 1 October 2026 at noon."""


def stack(start: str = START, scope: str = "all", **window: object) -> Settings:
    return settings(window={"start": start, "duration": "4h", **window}, scope=scope)


def pool(written: str | None) -> Observation[ExistingObject]:
    annotations = {} if written is None else {WINDOW_ANNOTATION: written}
    return found(ExistingObject(is_ours=True, spec={}, owner="", annotations=annotations))


def seen(given: Settings, *pools: Observation[ExistingObject]) -> Observations:
    """Each region's pool, as many as are given; the others have none."""
    here = observe(given)
    names = [*here.regions]
    by_name = dict.fromkeys(names, ABSENT) | dict(zip(names, pools, strict=False))
    return replace(
        here, regions={name: replace(region, node_pool=by_name[name]) for name, region in here.regions.items()}
    )


def told(given: Settings, observations: Observations, phase: Phase = Phase.AFTER) -> list[str]:
    return [line(one) for one in window_over.check(given, make_plan(given, phase=phase), observations)]


def written(start: str, duration: str = "4h") -> str:
    window_set = stack(start, duration=duration).window
    assert window_set is not None
    return interval(window_set)


def test_last_years_date_is_refused_with_the_one_that_is_meant() -> None:
    given = stack()
    assert told(given, seen(given)) == [
        "[window-over] workshop:window: it closed 2025-10-02 15:00 UTC, and nothing was deployed for it; there would "
        "be no room for the event's users: pulumi config set --path workshop:window.start 2026-10-02T11:00+02:00, or "
        "without an event pulumi config rm workshop:window"
    ]


@pytest.mark.parametrize(
    ("start", "meant"),
    [
        ("2026-09-30T11:00+00:00", "2027-09-30T11:00+00:00"),
        ("2026-10-01T00:00+00:00", "2027-10-01T00:00+00:00"),
        ("2025-10-01T12:00+00:00", "2027-10-01T12:00+00:00"),
        ("2024-12-24T09:00-08:00", "2026-12-24T09:00-08:00"),
        ("2024-02-29T09:00-08:00", "2027-02-28T09:00-08:00"),
    ],
)
def test_the_suggested_date_is_still_to_come(start: str, meant: str) -> None:
    given = stack(start)
    (refused,) = told(given, seen(given))
    assert f"workshop:window.start {meant}, or" in refused
    assert datetime.fromisoformat(meant) > NOON


def test_after_an_event_for_which_one_region_was_deployed_up_works() -> None:
    given = stack()
    assert told(given, seen(given, pool(None), pool(written(START)))) == []


@pytest.mark.parametrize(
    ("start", "duration", "is_refused"),
    [
        (START, "8h", False),  # ended early, by a shorter one
        ("2025-10-03T17:00+02:00", "1h", True),  # opens when the settings' window closes
        ("2025-10-03T16:59+02:00", "1h", False),
        ("2025-10-01T05:00+02:00", "4h", True),  # closes when the settings' window opens
        ("2025-10-01T05:01+02:00", "4h", False),
        ("2026-10-01T11:00+02:00", "4h", True),  # this year's is deployed, last year's is set
    ],
)
def test_what_was_deployed_has_to_overlap(start: str, duration: str, is_refused: bool) -> None:
    given = stack()
    assert bool(told(given, seen(given, pool(written(start, duration=duration))))) is is_refused


@pytest.mark.parametrize("annotation", [None, "", "whenever"])
def test_a_pool_that_names_no_window_was_deployed_for_none(annotation: str | None) -> None:
    given = stack()
    assert len(told(given, seen(given, *[pool(annotation)] * 3))) == 1


def test_a_pool_that_could_not_be_looked_up_is_adoptions_to_refuse() -> None:
    given = stack()
    assert told(given, seen(given, pool(None), NO_ANSWER)) == []


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.AFTER])
def test_a_window_that_is_not_over_is_none_of_its_business(phase: Phase) -> None:
    given = stack()
    assert told(given, seen(given), phase) == []


def test_without_a_window_or_nodes_there_is_nothing_to_say() -> None:
    for given in (stack(scope="dns"), stack(scope="registry")):
        assert told(given, seen(given)) == []
    without = settings()
    assert [*window_over.check(without, make_plan(without), seen(without))] == []


def test_it_is_one_of_the_rules() -> None:
    given = stack()
    refused = judged(given, seen(given), make_plan(given, phase=Phase.AFTER))
    assert any(one.startswith("[window-over] ") for one in refused)
