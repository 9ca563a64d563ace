"""What the CronJob that makes nodes ready is started with, and when it runs."""

from __future__ import annotations

import pytest

from tests.model.given import settings
from workshop.model.warm import WarmRequest, warm_request, warm_schedule


def request(begins: str, ends: str) -> WarmRequest:
    return WarmRequest.model_validate(
        {"begins": begins, "ends": ends, "nodes": 4, "node_pool": "workspaces", "deployment": "warm"}
    )


def test_the_request_has_moments_with_their_year_and_the_planned_number() -> None:
    given = settings(window={"start": "2026-10-02T11:00-07:00", "duration": "4h"})
    assert warm_request(given, 4).text() == (
        '{"begins":"2026-10-02T10:00:00-07:00","ends":"2026-10-02T11:15:00-07:00","nodes":4,'
        '"node_pool":"workshop-workspaces","deployment":"ai-coder-workshop-warm"}'
    )


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("2026-10-02T10:00+00:00", "2026-10-02T11:15+00:00", "* 10-11 2 10 *"),
        ("2026-10-02T10:00-07:00", "2026-10-02T11:15-07:00", "* 17-18 2 10 *"),
        ("2026-10-02T10:00+00:00", "2026-10-02T10:55+00:00", "* 10-11 2 10 *"),  # a run after the end
        ("2026-10-02T23:00+00:00", "2026-10-03T00:15+00:00", "* * 2,3 10 *"),
        ("2026-10-31T23:00+00:00", "2026-11-01T00:15+00:00", "* * 1,31 10,11 *"),
        ("2026-12-31T23:00+00:00", "2026-12-31T23:55+00:00", "* * 1,31 1,12 *"),
    ],
)
def test_it_runs_every_minute_of_the_hours_or_days_in_which_there_is_to_do(
    begins: str, ends: str, expected: str
) -> None:
    assert warm_schedule(request(begins, ends)) == expected
