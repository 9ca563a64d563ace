from __future__ import annotations

from datetime import timedelta

import httpx

from tests.event.coder.replay import TOKEN, URL, record
from workshop.event.coder.client import Coder


def test_a_new_token_is_used_from_then_on() -> None:
    seen: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.method, request.headers["Coder-Session-Token"]))
        return record("202-token-create-201" if request.method == "POST" else "023-me").response

    with Coder(URL, TOKEN, transport=httpx.MockTransport(answer)) as coder:
        token = coder.renew_token(timedelta(hours=1), "keeper-2")
        coder.me()
    assert token == "FAKEkeyid0-FAKEsecretFAKEsecret00"
    assert seen == [("POST", TOKEN), ("GET", token)]
