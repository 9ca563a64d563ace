"""What LiteLLM is asked for a seat's key, and what is said when it does not do it: never with a key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.answering import answering
from workshop.event.failure import EventFailure
from workshop.event.keeper.seat_keys import SeatKeys

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
GENERATE, DELETE = "POST /key/generate", "POST /key/delete"
GONE = {"error": {"message": "No keys found", "type": "not_found_error", "param": None, "code": "404"}}


def keys(url: str) -> SeatKeys:
    return SeatKeys(url, "sk-master", usd=Decimal("1.95"), until=NOW + timedelta(hours=6))


def test_a_key_has_a_share_and_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering({GENERATE: (200, {"key": "sk-new"})}) as litellm, keys(litellm.url) as asked:
        assert asked.issue("october-workshop-07", NOW) == "sk-new"
        asked.issue("october-workshop-08", NOW + timedelta(hours=7))  # who comes after the end gets no endless one
    first, second = (one["body"] for one in litellm.asked)
    assert first == {
        "key_alias": "october-workshop-07",
        "max_budget": 1.95,
        "duration": "21600s",
        "metadata": {"managed-by": "ai-coder-workshop"},
    }
    assert second["duration"] == "60s"


def test_deleting_what_is_gone_is_no_failure_and_nothing_is_not_asked_for() -> None:
    with answering({DELETE: [(200, {}), (404, GONE)]}) as litellm, keys(litellm.url) as asked:
        asked.revoke([])
        asked.revoke(["a", "b"])
        asked.revoke(["a"])
    assert [one["body"] for one in litellm.asked] == [{"key_aliases": ["a", "b"]}, {"key_aliases": ["a"]}]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((500, "sk-secret"), "answered 500 to /key/generate"),
        ((401, "no"), "answered 401 to /key/generate: the keeper's master key is not LiteLLM's"),
        ((200, '{"token": "sk-secret"}'), "answered /key/generate without a key"),
        ((200, "sk-secret"), "answered /key/generate without a key"),
    ],
)
def test_what_goes_wrong_is_said_without_an_answer(answer: tuple[int, str], said: str) -> None:
    with answering({GENERATE: answer}) as litellm, keys(litellm.url) as asked, pytest.raises(EventFailure) as failed:
        asked.issue("a", NOW)
    assert str(failed.value).endswith(said)
    assert "sk-" not in str(failed.value)


@pytest.mark.parametrize("answer", [(404, "Not Found"), (503, {}), (403, {})])
def test_a_key_that_may_still_be_there_is_a_failure(answer: tuple[int, Any]) -> None:
    with answering({DELETE: answer}) as litellm, keys(litellm.url) as asked, pytest.raises(EventFailure):
        asked.revoke(["a"])


def test_a_proxy_that_is_away_is_said() -> None:
    with keys("http://127.0.0.1:9") as asked, pytest.raises(EventFailure, match="did not answer /key/delete"):
        asked.revoke(["a"])


LIST = "GET /key/list"


def listed(alias: str, **values: object) -> dict[str, object]:
    return {"key_alias": alias, "spend": 0.5, "max_budget": 1.95, "blocked": None, "expires": None, **values}


def test_why_keys_do_not_serve_on_whatever_page_they_are() -> None:
    first = [listed("fine"), listed("spent", spend=1.951), listed("blocked", blocked=True), listed("other", spend=9)]
    second = [listed("late", expires="2026-12-01T10:00:00Z"), listed("over", expires="2026-12-01T09:00:00")]
    pages = [(200, {"keys": each, "total_count": 6, "total_pages": 2}) for each in (first, second)]
    with answering({LIST: pages}) as litellm, keys(litellm.url) as asked:
        assert asked.problems({"fine", "spent", "blocked", "late", "over", "gone"}, NOW) == {
            "spent": "its share of models is spent: 1.95 of 1.95 USD",
            "blocked": "its key of models is blocked",
            "over": "its key of models has expired",
            "gone": "its key of models is gone",
        }
        assert len(litellm.asked) == 2


@pytest.mark.parametrize("answer", [(200, {"keys": ["sk-1"]}), (500, "no"), (200, {"keys": [], "total_pages": 51})])
def test_a_list_that_can_not_be_had_whole_is_a_failure(answer: tuple[int, Any]) -> None:
    with answering({LIST: answer}) as litellm, keys(litellm.url) as asked, pytest.raises(EventFailure) as failed:
        asked.problems({"a"}, NOW)
    assert "sk-" not in str(failed.value)
