"""Records as Cloudflare answers them page by page, and as BIND writes them."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from tests.dns.test_bad_changes import plan_of
from workshop.cli.commands.dns.exchange import waiting
from workshop.cli.screen import Screen
from workshop.dns.bind import NotBind, read_bind, write_bind
from workshop.dns.existing import NoRecords, existing_records


def client(answers: list[httpx.Response], asked: list[str]) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["page"])
        return answers.pop(0)

    return httpx.Client(transport=httpx.MockTransport(answer), base_url="http://127.0.0.1:1")


def never(_seconds: float) -> None:
    raise AssertionError("it waited")


def page(name: str, pages: int = 1) -> httpx.Response:
    record = {"id": name, "name": name, "type": "A", "content": "192.0.2.1", "ttl": 300}
    return httpx.Response(200, json={"result": [record], "result_info": {"total_pages": pages}})


def test_all_pages_are_read_and_a_429_is_waited_for() -> None:
    waits: list[float] = []
    asked: list[str] = []
    answers = [page("a.x.io", 2), httpx.Response(429, headers={"retry-after": "9"}), page("b.x.io", 2)]
    with client(answers, asked) as cloudflare:
        found = existing_records(cloudflare, "x.io", "1" * 32, ("x.io",), waits.append)
    assert [record.name for record in found] == ["a.x.io", "b.x.io"]
    assert (asked, waits) == (["1", "2", "2"], [9])


def test_whoever_has_to_wait_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    waiting(Screen(as_json=False))(120.0)
    assert slept == [120]
    assert capsys.readouterr().err == "Cloudflare takes no more requests at the moment; continuing in 120 s ...\n"


def test_a_name_that_only_ends_the_same_is_not_ours() -> None:
    with client([page("notx.io")], []) as cloudflare:
        assert existing_records(cloudflare, "x.io", "1" * 32, ("x.io",), never) == ()


def test_a_refused_token_is_told() -> None:
    with (
        client([httpx.Response(403)], []) as cloudflare,
        pytest.raises(NoRecords, match="CLOUDFLARE_API_TOKEN"),
    ):
        existing_records(cloudflare, "x.io", "1" * 32, ("x.io",), never)


def test_bind_reads_what_is_written_for_it(tmp_path: Path) -> None:
    text = (
        "zone: coderdemo.io\ndomains: [coderdemo.io]\ndestinations: [203.0.113.0/24]\nrecords:\n"
        "  - {host: a.coderdemo.io, region: us-east-2, comment: team a}\n"
        "  - {host: b.coderdemo.io, target: 203.0.113.7, ttl: 60}\n"
    )
    records = [record for record in plan_of(text).dns.records if record.zone == "coderdemo.io"]
    file = tmp_path / "zone"
    file.write_text(write_bind("coderdemo.io", records))
    found = {
        (record.name, record.type, record.content.rstrip("."), record.ttl_seconds)
        for record in read_bind(file, "coderdemo.io")
    }
    assert found == {(record.host, record.kind, record.target, record.ttl_seconds) for record in records}
    file.write_text("a IN nonsense\n")
    with pytest.raises(NotBind, match="zone"):
        read_bind(file, "coderdemo.io")
