"""The keeper's request says what the settings say, and saved work outlives the event by its retention."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.model.given import settings
from workshop.model.event.keeper import KeepRequest, bucket_of, coder_url, days_kept, keep_request, kept_until
from workshop.model.settings.stack import Settings

EVENT = {"name": "october", "template": "coder/docker", "latest_end": "6h", "budget_usd": 200}
WINDOW = {"start": "2026-10-02T09:00-07:00", "duration": "5h"}


def given(**changes: object) -> Settings:
    return settings(event={**EVENT, **changes}, window=WINDOW)


@pytest.mark.parametrize("stack", ["sandbox", "workshop"])
def test_the_request_brings_the_settings_as_they_are(stack: str) -> None:
    event = {**EVENT, "warnings": ["1h30m", "5m"], "early_access": "0m", "parameters": {"region": "ohio"}}
    wanted = settings(stack, event=event, window=WINDOW)
    text = keep_request(wanted).text()

    assert KeepRequest.model_validate_json(text).settings == wanted
    assert KeepRequest.model_validate_json(text).text() == text


def test_no_event_no_request() -> None:
    with pytest.raises(ValueError, match="not set"):
        keep_request(settings())


def test_work_is_kept_from_the_last_nodes_end_on() -> None:
    assert kept_until(given()) == datetime(2026, 11, 1, 22, 30, tzinfo=UTC)
    assert kept_until(given(saving={"retention_days": 1})) == datetime(2026, 10, 3, 22, 30, tzinfo=UTC)


def test_what_is_saved_first_is_kept_as_long_as_what_is_saved_last() -> None:
    assert days_kept(given()) == 31
    assert days_kept(given(early_access="41h30m")) == 32
    assert days_kept(given(early_access="41h31m")) == 33
    assert days_kept(given(latest_end="22h30m")) == 31
    assert days_kept(given(latest_end="22h31m")) == 32


def test_a_bucket_is_an_accounts_and_an_events() -> None:
    assert bucket_of(given()) == "ai-coder-workshop-123456789012-october"
    assert len(bucket_of(given(name="a" * 32))) == 63


def test_coder_is_asked_in_its_own_cluster_unless_set() -> None:
    assert coder_url(given()) == "http://coder.coder.svc.cluster.local"
    assert coder_url(given(keeper={"coder_url": "https://ai.example.com"})) == "https://ai.example.com"
