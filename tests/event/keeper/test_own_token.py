"""The keeper's own token is to live as long as the event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.event.coder.replay import URL
from workshop.event.coder.client import Coder
from workshop.event.keeper.own_token import OwnToken

UNTIL = datetime(2026, 12, 1, 18, tzinfo=UTC)
TOKEN = "0123456789-abcdefghijklmnopqrstuv"


def problem(*tokens: dict[str, Any] | int) -> str:
    """Of a keeper to whom Coder answers this: its tokens, or a status."""
    answer = tokens[0] if tokens and isinstance(tokens[0], int) else 200
    transport = httpx.MockTransport(lambda _: httpx.Response(answer, json=list(tokens)))
    with Coder(URL, TOKEN, transport=transport) as coder:
        return OwnToken(coder, UNTIL).problem()


def token(expires_at: datetime, identity: str = "0123456789") -> dict[str, Any]:
    return {"id": identity, "token_name": "keeper", "expires_at": expires_at.isoformat()}


@pytest.mark.parametrize(("by", "is_wrong"), [(0, False), (1, False), (-1, True)])
def test_one_that_ends_before_the_last_node_is_gone_is_said(by: int, is_wrong: bool) -> None:
    said = problem(token(UNTIL + timedelta(seconds=by)))
    assert bool(said) is is_wrong
    if is_wrong:
        assert said.startswith("it expires at 2026-12-01 17:59 UTC, and is needed until 2026-12-01 18:00 UTC: ")


def test_another_token_of_the_account_does_not_count() -> None:
    assert problem(token(UNTIL - timedelta(days=1), "9876543210"), token(UNTIL)) == ""


@pytest.mark.parametrize("status", [401, 500])
def test_where_coder_does_not_say_the_look_does(status: int) -> None:
    assert problem(status) == ""


def test_a_token_that_is_not_listed_is_not_judged() -> None:
    assert problem() == ""


def test_it_is_not_asked_for_at_every_look() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json=[token(UNTIL)])

    with Coder(URL, TOKEN, transport=httpx.MockTransport(answer)) as coder:
        own = OwnToken(coder, UNTIL)
        assert [own.problem(), own.problem()] == ["", ""]
    assert asked == ["/api/v2/users/me/keys/tokens"]
