"""Records as Cloudflare answers them page by page, and as BIND writes them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from tests.dns.test_bad_changes import plan_of
from tests.model.given import settings
from workshop.cli.commands.dns.exchange import waiting
from workshop.cli.screen import Screen
from workshop.dns.bind import NotBind, read_bind, write_bind
from workshop.dns.existing import NoRecords, existing_records
from workshop.dns.importing import import_records
from workshop.model.settings.file.yaml import read_yaml
from workshop.model.zones.file import Zone

BUSY = "Cloudflare takes no more requests at the moment"


def client(answers: Sequence[httpx.Response | Exception], asked: list[str]) -> httpx.Client:
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["page"])
        following = left.pop(0)
        if isinstance(following, Exception):
            raise following
        return following

    return httpx.Client(transport=httpx.MockTransport(answer), base_url="http://127.0.0.1:1")


def never(_seconds: float, _why: str) -> None:
    raise AssertionError("it waited")


def page(name: str, pages: int = 1) -> httpx.Response:
    record = {"id": name, "name": name, "type": "A", "content": "192.0.2.1", "ttl": 300}
    return httpx.Response(200, json={"result": [record], "result_info": {"total_pages": pages}})


def test_all_pages_are_read_and_a_429_is_waited_for() -> None:
    waits: list[tuple[float, str]] = []
    asked: list[str] = []
    answers = [page("a.x.io", 2), httpx.Response(429, headers={"retry-after": "9"}), page("b.x.io", 2)]
    with client(answers, asked) as cloudflare:
        found = existing_records(
            cloudflare, "x.io", "1" * 32, ("x.io",), lambda seconds, why: waits.append((seconds, why))
        )
    assert [record.name for record in found] == ["a.x.io", "b.x.io"]
    assert (asked, waits) == (["1", "2", "2"], [(10, "Cloudflare takes no more requests at the moment")])


@pytest.mark.parametrize(
    ("failures", "said"),
    [
        ((httpx.Response(429, headers={"retry-after": "0.4"}),) * 8, [(2, BUSY)] * 8),
        ((httpx.Response(429),), [(301, BUSY)]),
        ((httpx.Response(503), httpx.Response(500)), [(1, "Cloudflare answered 503"), (2, "Cloudflare answered 500")]),
        ((httpx.ReadTimeout("late"),), [(1, "Cloudflare does not answer in time")]),
    ],
    ids=["often-429", "429-without-header", "5xx", "time-out"],
)
def test_dns_4_what_is_busy_or_fails_is_asked_again(
    failures: tuple[httpx.Response | Exception, ...], said: list[tuple[float, str]]
) -> None:
    waits: list[tuple[float, str]] = []
    with client([*failures, page("a.x.io")], []) as cloudflare:
        found = existing_records(
            cloudflare, "x.io", "1" * 32, ("x.io",), lambda seconds, why: waits.append((seconds, why))
        )
    assert ([record.name for record in found], waits) == (["a.x.io"], said)


@pytest.mark.parametrize(
    ("failure", "problem"),
    [
        (httpx.Response(429), "answered 429"),
        (httpx.Response(502), "answered 502"),
        (httpx.ConnectTimeout("late"), "does not answer in time"),
    ],
    ids=["429", "502", "time-out"],
)
def test_dns_4_what_stays_so_is_told(failure: httpx.Response | Exception, problem: str) -> None:
    with client([failure] * 9, []) as cloudflare, pytest.raises(NoRecords, match=problem):
        existing_records(cloudflare, "x.io", "1" * 32, ("x.io",), lambda _seconds, _why: None)


def test_dns_4_what_can_not_be_reached_is_not_waited_for() -> None:
    with client([httpx.ConnectError("refused")], []) as cloudflare, pytest.raises(NoRecords, match="can't be reached"):
        existing_records(cloudflare, "x.io", "1" * 32, ("x.io",), never)


def test_whoever_has_to_wait_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    waiting(Screen(as_json=False))(120.0, BUSY)
    assert slept == [120]
    assert capsys.readouterr().err == f"{BUSY}; continuing in 120 s ...\n"


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
        "zone: coderdemo.io\ndomains: [coderdemo.io]\ndestinations: [198.41.128.0/24]\nrecords:\n"
        "  - {host: a.coderdemo.io, region: us-east-2, comment: team a}\n"
        "  - {host: b.coderdemo.io, target: 198.41.128.7, ttl: 60}\n"
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


def read(tmp_path: Path, text: str) -> list[tuple[str, bool, str]]:
    file = tmp_path / "zone"
    file.write_text(text, "utf-8")
    return [(one.name, one.is_proxied, one.comment) for one in read_bind(file, "coderdemo.io")]


def test_dns_10_bind_keeps_proxied_and_comments(tmp_path: Path) -> None:
    text = (
        "zone: coderdemo.io\ndomains: [coderdemo.io]\nrecords:\n"
        "  - {host: a.coderdemo.io, region: us-east-2, comment: 'team a; until May'}\n"
        "  - {host: b.coderdemo.io, region: us-east-2, proxied: true}\n"
        "  - {host: c.coderdemo.io, region: us-east-2, proxied: true, comment: f\u00fcr uns}\n"
        "  - {host: d.coderdemo.io, region: us-east-2}\n"
    )
    given = settings(zones={"coderdemo.io": "1" * 32})
    records = [record for record in plan_of(text).dns.records if record.zone == "coderdemo.io"]
    file = tmp_path / "zone"
    file.write_text(write_bind("coderdemo.io", records), "utf-8")
    zone = Zone.model_validate({"zone": "coderdemo.io", "domains": ["coderdemo.io"]})
    again = read_yaml(import_records(zone, read_bind(file, "coderdemo.io"), given).text)["records"]
    assert [(one["host"], one.get("proxied", False), one.get("comment")) for one in again] == [
        ("a.coderdemo.io", False, "team a; until May"),
        ("b.coderdemo.io", True, None),
        ("c.coderdemo.io", True, "f\u00fcr uns"),
        ("d.coderdemo.io", False, None),
    ]


def test_dns_10_cloudflares_own_export_is_read(tmp_path: Path) -> None:
    assert read(
        tmp_path,
        "a.coderdemo.io.\t1\tIN\tA\t198.41.128.7 ; cf_tags=cf-proxied:true\n"
        "b.coderdemo.io.\t1\tIN\tA\t198.41.128.7 ; for team b cf_tags=cf-proxied:false\n"
        "c.coderdemo.io.\t1\tIN\tCNAME\ta.coderdemo.io. ; cf_tags=team:c,cf-proxied:true\n"
        'd.coderdemo.io.\t60\tIN\tTXT\t"a ; cf_tags=cf-proxied:true"\n'
        "e.coderdemo.io.\t60\tIN\tA\t198.41.128.7 ; us (ai-coder-workshop/dns)\n"
        "f.coderdemo.io.\t60\tIN\tA\t198.41.128.7 ; about ai-coder-workshop itself\n",
    ) == [
        ("a.coderdemo.io", True, ""),
        ("b.coderdemo.io", False, "for team b"),
        ("c.coderdemo.io", True, ""),
        ("d.coderdemo.io", False, ""),
        ("e.coderdemo.io", False, "us"),
        ("f.coderdemo.io", False, "about ai-coder-workshop itself"),
    ]
