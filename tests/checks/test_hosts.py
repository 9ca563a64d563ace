"""What name servers and certificates come to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.checks.quick import given, results, same, site, token
from workshop.checks import hosts
from workshop.checks.hosts import HostsResolve, TlsLifetime
from workshop.dns.check import Certificate, Checked
from workshop.dns.questions import Answer as DnsAnswer
from workshop.dns.questions import Server
from workshop.model.plan.plan import plan_of_event

OHIO, OREGON, LONDON = REGIONS = ("us-east-2", "us-west-2", "eu-west-2")
RECORDS = [one for one in plan_of_event(given()).dns.records if one.region == OREGON]
AUTHORITY, RESOLVER = Server(address="192.0.2.1", is_authority=True), Server(address="192.0.2.2")


def checked(server: Server, verdict: Any, index: int = 0, **answer: Any) -> Checked:  # noqa: ANN401
    return Checked(record=RECORDS[index], asked="", server=server, answer=DnsAnswer(**answer), verdict=verdict)


TIMED_OUT = "no answer: timed out"
DNS: Mapping[str, list[Checked]] = {
    "as planned": [checked(AUTHORITY, "ok"), checked(RESOLVER, "ok"), checked(RESOLVER, "ok", 1)],
    "not asked": [],
    "silent": [checked(AUTHORITY, "ok"), checked(RESOLVER, "no answer", problem=TIMED_OUT)],
    "wrong": [
        checked(AUTHORITY, "wrong", chain=("a", "b", "c")),
        checked(RESOLVER, "wrong", chain=("a", "b", "c")),
        checked(RESOLVER, "wrong", 1),
        checked(AUTHORITY, "no answer", 1, problem="NXDOMAIN"),
        checked(RESOLVER, "no answer", problem=TIMED_OUT),
    ],
}


@pytest.mark.parametrize("name", DNS)
def test_of_name_servers(name: str, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion) -> None:
    asked: list[tuple[Any, Any]] = []

    def check_records(records: Any, servers: Any) -> list[Checked]:  # noqa: ANN401
        asked.append((records, servers))
        return DNS[name]

    monkeypatch.setattr(hosts, "check_records", check_records)
    same(results(HostsResolve(), site(), OREGON), snapshot)
    assert (RECORDS, {"coder.com": (AUTHORITY, RESOLVER)}) in asked


CLOSES = datetime(2026, 10, 2, 22, tzinfo=UTC)


def certificates(first: datetime | str, second: datetime | str = CLOSES + timedelta(days=90)) -> list[dict[str, Any]]:
    return [
        {"expires_at": one, "problem": ""}
        if isinstance(one, datetime)
        else {"problem": one, "is_reached": not one.startswith("no connection")}
        for one in (first, second)
    ]


TLS: Mapping[str, list[dict[str, Any]]] = {
    "long": certificates(CLOSES + timedelta(days=30)),
    "with the window": certificates(CLOSES),
    "a week more": certificates(CLOSES + timedelta(days=7)),
    "a second less than a week more": certificates(CLOSES + timedelta(days=7, seconds=-1)),
    "before the window": certificates(CLOSES + timedelta(days=90), CLOSES - timedelta(seconds=1)),
    "bad": certificates("certificate has expired", "no connection: refused"),
    "not reached": certificates("no connection: refused"),
}


@pytest.mark.parametrize("name", TLS)
def test_of_certificates(name: str, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion) -> None:
    monkeypatch.setattr("secrets.token_hex", token())
    asked: list[tuple[str, str, int, str]] = []

    def certificate(host: str, *, address: str, port: int, authority: str) -> Certificate:
        asked.append((host, address, port, authority))
        return Certificate(host=host, **TLS[name][host.startswith("check-")])

    monkeypatch.setattr(hosts, "certificate", certificate)
    same(results(TlsLifetime(), site(), OREGON), snapshot)
    same(results(TlsLifetime(), site(window=None), OREGON), snapshot(name="without a window"))
    assert ("check-1.oregon-proxy.ai.coder.com", "", 443, "") in asked
