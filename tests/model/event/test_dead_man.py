"""The dead man's switch: what its request says, and when the keeper is taken for silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from tests.model.event.test_keeper import given
from tests.model.given import settings
from workshop.model.event.dead_man import SILENCE, DeadManRequest, Heartbeat, dead_man_request

NOW = datetime(2026, 10, 2, 23, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_the_switch_waits_for_the_last_end_and_its_tail() -> None:
    request = dead_man_request(given(), "events")
    assert request.after == datetime(2026, 10, 2, 22, 30, tzinfo=UTC)
    assert (request.event, request.namespace, request.node_pool) == ("october", "events", "workshop-workspaces")
    assert DeadManRequest.model_validate_json(request.text()) == request


def test_no_event_no_switch() -> None:
    with pytest.raises(ValueError, match="not set"):
        dead_man_request(settings(), "events")


@pytest.mark.parametrize(
    ("age", "is_fresh"),
    [(timedelta(0), True), (SILENCE, True), (SILENCE + SECOND, False), (-SILENCE, True), (-SILENCE - SECOND, False)],
)
def test_a_heartbeat_is_fresh_for_fifteen_minutes_either_way(age: timedelta, is_fresh: bool) -> None:
    assert Heartbeat(renewed_at=NOW - age).is_fresh(NOW) == is_fresh
    assert timedelta(minutes=15) == SILENCE


def test_a_time_without_its_zone_is_none() -> None:
    with pytest.raises(ValidationError):
        Heartbeat.model_validate_json('{"renewed_at": "2026-10-02T23:00:00"}')
