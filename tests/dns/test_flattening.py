"""Cloudflare answers a flattened or proxied CNAME with addresses; that is no failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from workshop.dns import check
from workshop.dns.check import Verdict, check_records
from workshop.dns.questions import Answer, Server
from workshop.model.zones.plan import PlannedRecord

AUTHORITY = Server(address="192.0.2.1", is_authority=True)
RESOLVER = Server(address="192.0.2.2")
TARGET = "lb.example.com"
APEX = PlannedRecord(
    resource="a",
    zone="coderdemo.io",
    host="coderdemo.io",
    kind="CNAME",
    target=TARGET,
    ttl_seconds=300,
    comment=None,
    place="zones/coderdemo.io.yaml:4",
)
Answers = Mapping[tuple[Server, str], tuple[str, ...]]


def verdicts(monkeypatch: pytest.MonkeyPatch, answers: Answers, record: PlannedRecord = APEX) -> list[Verdict]:
    """What is said of a record whose name and whose target have these addresses, without any alias."""

    def ask(server: Server, name: str, _kind: str) -> Answer:
        return Answer(chain=(name,), addresses=answers.get((server, name), ()))

    monkeypatch.setattr(check, "ask", ask)
    return [one.verdict for one in check_records([record], {"coderdemo.io": (AUTHORITY, RESOLVER)})]


ONE, OTHER = ("198.41.128.7",), ("198.41.128.8",)


def test_dns_10_a_flattened_cname_with_its_targets_addresses_is_as_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {(AUTHORITY, "coderdemo.io"): ONE, (RESOLVER, "coderdemo.io"): ONE, (RESOLVER, TARGET): (*OTHER, *ONE)}
    assert verdicts(monkeypatch, both) == ["ok", "ok"]
    below = replace(APEX, host="www.coderdemo.io")
    told = {(server, "www.coderdemo.io"): ONE for server in (AUTHORITY, RESOLVER)}
    assert verdicts(monkeypatch, {**told, (RESOLVER, TARGET): ONE}, below) == ["ok", "ok"]


def test_dns_10_a_flattened_cname_with_other_addresses_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    other = {(AUTHORITY, "coderdemo.io"): ONE, (RESOLVER, "coderdemo.io"): ONE, (RESOLVER, TARGET): OTHER}
    assert verdicts(monkeypatch, other) == ["wrong", "old answer"]


def test_dns_10_a_target_that_nobody_resolves_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = {(AUTHORITY, "coderdemo.io"): ONE, (RESOLVER, "coderdemo.io"): ONE}
    assert verdicts(monkeypatch, unknown) == ["no answer", "no answer"]


def test_dns_10_a_name_without_addresses_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdicts(monkeypatch, {(RESOLVER, TARGET): ONE}) == ["wrong", "wrong"]


def test_dns_10_an_address_is_not_taken_for_a_flattened_cname(monkeypatch: pytest.MonkeyPatch) -> None:
    address = replace(APEX, kind="A", target=ONE[0])
    answers = {(AUTHORITY, "coderdemo.io"): OTHER, (RESOLVER, "coderdemo.io"): ONE, (RESOLVER, ONE[0]): OTHER}
    assert verdicts(monkeypatch, answers, address) == ["wrong", "ok"]


@pytest.mark.parametrize("kind", ["A", "AAAA", "CNAME"])
def test_dns_10_a_proxied_record_is_as_planned_with_any_address(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    proxied = replace(APEX, kind=kind, is_proxied=True)  # pyright: ignore[reportArgumentType] - one of three
    answers = {(AUTHORITY, "coderdemo.io"): ONE, (RESOLVER, "coderdemo.io"): OTHER}
    assert verdicts(monkeypatch, answers, proxied) == ["ok", "ok"]
    assert verdicts(monkeypatch, {}, proxied) == ["wrong", "wrong"]
