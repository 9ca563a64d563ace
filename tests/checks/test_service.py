"""How systems and hosts are asked, and what each answer but a good one is called."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from pydantic import BaseModel
from syrupy.assertion import SnapshotAssertion

from tests.answering import answering
from tests.checks.quick import QuickService, site
from workshop.checks import service as services
from workshop.checks import site as sites
from workshop.checks.service import TIMEOUT_SECONDS, Inconclusive, Service
from workshop.checks.site import Door, Site
from workshop.model.outcome import Outcome


class Thing(BaseModel):
    name: str
    inner: Mapping[str, int] = {}


def coder(url: str, **others: str) -> Service:
    return Service(name="Coder", url=url, header="Session", token="t", if_refused="give it a token", **others)


def said(ask: Callable[[], object]) -> list[str]:
    with pytest.raises(Inconclusive) as reason:
        ask()
    assert str(reason.value) == reason.value.found
    return [reason.value.found, reason.value.fix]


def test_it_is_asked_with_its_token_and_its_query() -> None:
    with answering({"GET /base/thing": (200, {"name": "a"}), "POST /base/thing": (201, {"name": "b"})}) as served:
        asked = coder(f"{served.url}/base/")
        assert asked.get("thing", Thing, {"a": "b c"}).name == "a"
        assert asked.post("thing", {"x": 1}, Thing).name == "b"
        assert served.asked == [
            {"name": "GET /base/thing", "query": "a=b+c", "body": None},
            {"name": "POST /base/thing", "query": "", "body": {"x": 1}},
        ]


def test_headers_and_an_empty_path() -> None:
    sent: list[httpx.Request] = []
    asked = QuickService(
        name="Issuer", url="http://issuer.test/token", header="Session", token="t", answers={}, sent=sent
    )
    asked.send("GET", "", headers={"Accept": "x"})
    assert str(sent[0].url) == "http://issuer.test/token"
    assert (sent[0].headers["Accept"], sent[0].headers["Session"]) == ("x", "t")


def test_its_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Mapping[str, Any]] = []
    client = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **options: (made.append(options), client(**options))[1])  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    for asked in (coder("http://127.0.0.1:9"), coder("https://127.0.0.1:9"), coder("http://127.0.0.1:9").without_token):
        with pytest.raises(Inconclusive):
            asked.send("GET", "thing")
    plain, secure, anybody = made
    assert plain == {"headers": {"Session": "t"}, "timeout": 8.0, "verify": False}
    assert isinstance(secure["verify"], ssl.SSLContext)
    assert anybody["headers"] == {}
    assert TIMEOUT_SECONDS == 8


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "<html>"),
        (200, {}),
        (200, {"name": 1, "inner": {"a": "b"}}),
        (200, {"name": "a", "inner": {"a": "b"}}),
        (401, "no"),
        (403, "no"),
        (404, ""),
        (500, f"two\n lines {'x' * 200}"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_answer(status: int, body: object, snapshot: SnapshotAssertion) -> None:
    with answering({"GET /thing": (status, body)}) as served:
        found = said(lambda: coder(served.url).get("thing", Thing))
        assert yaml.safe_dump(found, width=1000).replace(served.url, "http://coder") == snapshot


def test_without_a_token_it_is_not_asked() -> None:
    asked = replace(coder("http://127.0.0.1:9"), token="")
    assert said(lambda: asked.send("GET", "thing")) == ["no token for Coder", "give it a token"]
    assert "127.0.0.1" in said(lambda: asked.without_token.send("GET", "thing"))[0]


def test_what_can_not_be_reached_or_hangs() -> None:
    with answering({}) as served:
        url = served.url
    assert said(lambda: coder(url).get("thing", Thing)) == [
        f"Coder ({url}) can't be reached: [Errno 111] Connection refused",
        "make it reachable from here",
    ]
    assert said(lambda: coder("http://[").get("thing", Thing))[0].startswith("Coder (http://[) can't be reached: ")
    for failure, found in (
        (httpx.ReadTimeout(""), ["Coder (http://coder.test/thing) did not answer within 8 s", "see why Coder hangs"]),
        (
            httpx.RemoteProtocolError(""),
            ["Coder (http://coder.test) can't be reached: RemoteProtocolError", "make it reachable from here"],
        ),
    ):
        asked = QuickService(name="Coder", url="http://coder.test", answers={"Coder GET /thing": failure})
        assert said(lambda asked=asked: asked.get("thing", Thing)) == found


def test_a_token_is_not_shown() -> None:
    assert "secret" not in repr(replace(coder("http://127.0.0.1:9"), token="secret"))


def knocking(monkeypatch: pytest.MonkeyPatch, answer: httpx.Response | Exception) -> list[Any]:
    """What a browser's connection gets; answers what it was made and asked with."""
    asked: list[Any] = []

    class Client:
        def __init__(self, **options: object) -> None:
            asked.append(options)

        def __enter__(self) -> Client:
            return self

        def __exit__(self, *_failure: object) -> None:
            asked.append("closed")

        def get(self, url: str, **options: object) -> httpx.Response:
            asked.append((url, options))
            if isinstance(answer, Exception):
                raise answer
            return answer

    monkeypatch.setattr(sites.httpx, "Client", Client)
    return asked


def knock(here: Site, *, with_session: bool = False) -> httpx.Response:
    return Site.knock(here, "app.ai.coder.com", "path", with_session=with_session)


def test_a_browser_reaches_a_host_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = knocking(monkeypatch, httpx.Response(204))
    assert knock(site()).status_code == 204
    assert asked[1] == (
        "https://app.ai.coder.com:443/path",
        {"headers": {"Host": "app.ai.coder.com"}, "extensions": {"sni_hostname": "app.ai.coder.com"}, "timeout": 8.0},
    )
    assert asked[2] == "closed"


def test_a_door_is_reached_by_its_address_with_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = knocking(monkeypatch, httpx.Response(200))
    here = site()
    knock(replace(here, systems=replace(here.systems, door=Door(address="127.0.0.1", port=8443))), with_session=True)
    url, options = asked[1]
    assert url == "https://127.0.0.1:8443/path"
    assert options["headers"] == {"Host": "app.ai.coder.com", "Coder-Session-Token": "token-of-Coder"}


@pytest.mark.parametrize(
    ("failure", "found"),
    [
        (httpx.ConnectTimeout(""), ["app.ai.coder.com did not answer within 8 s", "see the region's balancer"]),
        (httpx.ConnectError("refused"), ["app.ai.coder.com can't be reached: refused", "see tls-lifetime"]),
        (httpx.ConnectError(""), ["app.ai.coder.com can't be reached: ConnectError", "see tls-lifetime"]),
        (ssl.SSLError("bad"), ["app.ai.coder.com can't be reached: ('bad',)", "see tls-lifetime"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_host_that_gives_no_answer(failure: Exception, found: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    knocking(monkeypatch, failure)
    assert said(lambda: knock(site())) == found


def test_an_authority_that_is_not_there_is_no_answer(tmp_path: Path) -> None:
    here = site()
    missing = replace(here, systems=replace(here.systems, door=Door(authority=str(tmp_path / "none"))))
    assert said(lambda: knock(missing))[0].startswith("app.ai.coder.com can't be reached: ")


def test_the_preview_runs_once_whoever_asks_first() -> None:
    ran: list[int] = []

    def preview() -> Outcome:
        ran.append(1)
        return Outcome()

    here = site(preview=preview)
    threads = [threading.Thread(target=here.preview) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ran == [1]
    assert here.preview() == Outcome()
    assert services.TIMEOUT_SECONDS == 8
