"""What records say at the sandbox's Cloudflare, and what can't stand beside what."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox.servers.cloudflare.test_application import RECORDS, Seeded
from workshop.sandbox.json_values import Json


@pytest.fixture
def seeded(tmp_path: Path) -> Seeded:
    return Seeded(tmp_path)


CAA = {"flags": 0, "tag": "issue", "value": "letsencrypt.org"}
SRV = {"priority": 10, "weight": 5, "port": 8443, "target": "app.example.com"}


@pytest.mark.parametrize(
    ("given", "content", "data", "priority"),
    [
        ({"type": "CAA", "data": CAA}, '0 issue "letsencrypt.org"', CAA, None),
        ({"type": "CAA", "data": {**CAA, "flags": 128.0}}, '128 issue "letsencrypt.org"', {**CAA, "flags": 128}, None),
        ({"type": "CAA", "content": '0 issue "letsencrypt.org"'}, '0 issue "letsencrypt.org"', CAA, None),
        ({"type": "CAA", "content": "0 issue letsencrypt.org"}, '0 issue "letsencrypt.org"', CAA, None),
        ({"type": "SRV", "data": SRV}, "5 8443 app.example.com", SRV, 10),
        ({"type": "SRV", "data": {**SRV, "target": "APP.example.com."}}, "5 8443 app.example.com", SRV, 10),
        ({"type": "SRV", "content": "5 8443 app.example.com", "priority": 10}, "5 8443 app.example.com", SRV, 10),
        ({"type": "SRV", "content": "10 5 8443 app.example.com"}, "5 8443 app.example.com", SRV, 10),
    ],
)
def test_dns_11_caa_and_srv_are_made_of_data_or_content(
    seeded: Seeded, given: Json, content: str, data: Json, priority: int | None
) -> None:
    status, answer = seeded.ask("POST", RECORDS, {"name": "_x._tcp.new", "ttl": 300, **given})
    result = answer["result"]
    assert (status, result["content"], result["data"], result.get("priority")) == (200, content, data, priority)
    seeded.restart()
    assert seeded.ask("GET", f"{RECORDS}/{result['id']}")[1]["result"] == result
    changed = seeded.ask("PATCH", f"{RECORDS}/{result['id']}", {"comment": "ours"})[1]["result"]
    assert (changed["content"], changed["data"]) == (content, data)


def test_dns_11_new_content_makes_new_data(seeded: Seeded) -> None:
    made = seeded.ask("POST", RECORDS, {"name": "x", "type": "CAA", "data": CAA, "ttl": 300})[1]["result"]
    other = {"content": '0 iodef "mailto:a@example.com"'}
    changed = seeded.ask("PATCH", f"{RECORDS}/{made['id']}", other)[1]["result"]
    assert changed["data"] == {"flags": 0, "tag": "iodef", "value": "mailto:a@example.com"}


@pytest.mark.parametrize(
    "given",
    [
        {"type": "CAA"},
        {"type": "CAA", "data": {"flags": 0, "value": "x"}},
        {"type": "CAA", "data": {**CAA, "flags": 256}},
        {"type": "CAA", "data": {**CAA, "flags": "many"}},
        {"type": "CAA", "content": "letsencrypt.org"},
        {"type": "SRV"},
        {"type": "SRV", "data": {**SRV, "port": 65536}},
        {"type": "SRV", "data": {"target": "a.b"}},
        {"type": "SRV", "content": "5 8443 app.example.com"},
        {"type": "SRV", "content": "x y z"},
        {"type": "SRV", "data": {**SRV, "target": "a..b"}},
    ],
    ids=range(11),
)
def test_dns_11_data_that_says_nothing_is_refused(seeded: Seeded, given: Json) -> None:
    assert seeded.errors("POST", RECORDS, {"name": "x", "ttl": 300, **given}) == (400, 1004)


NS = {"type": "NS", "name": "cut", "content": "ns1.example.com", "ttl": 300}


@pytest.mark.parametrize("type", ["A", "CNAME", "TXT"])
def test_dns_11_nothing_stands_beside_ns_records(seeded: Seeded, type: str) -> None:
    content = {"A": "198.41.128.7", "CNAME": "lb.example.com", "TXT": "x"}[type]
    beside = {"type": type, "name": "cut", "content": content, "ttl": 300}
    assert seeded.ask("POST", RECORDS, NS)[0] == 200
    assert seeded.ask("POST", RECORDS, {**NS, "content": "ns2.example.com"})[0] == 200
    assert seeded.errors("POST", RECORDS, beside) == (400, 81056)
    assert seeded.ask("POST", RECORDS, {**beside, "name": "other"})[0] == 200
    assert seeded.errors("POST", RECORDS, {**NS, "name": "other"}) == (400, 81053)


def test_dns_11_the_apex_may_have_both(seeded: Seeded) -> None:
    assert seeded.ask("POST", RECORDS, {**NS, "name": "@"})[0] == 200
    assert seeded.ask("POST", RECORDS, {"type": "TXT", "name": "@", "content": "x", "ttl": 300})[0] == 200


@pytest.mark.parametrize("type", ["CNAME", "NS", "PTR", "MX"])
def test_dns_11_names_are_answered_in_lower_case(seeded: Seeded, type: str) -> None:
    body = {"type": type, "name": "NEW.Ai.Coder.COM.", "content": "LB.Example.COM.", "ttl": 300, "priority": 10}
    made = seeded.ask("POST", RECORDS, body)[1]["result"]
    assert (made["name"], made["content"]) == ("new.ai.coder.com", "lb.example.com")
    found = seeded.ask("GET", f"{RECORDS}?name=New.AI.coder.com&content.exact=LB.example.com")[1]["result"]
    assert [one["id"] for one in found] == [made["id"]]
    changed = seeded.ask("PUT", f"{RECORDS}/{made['id']}", {**body, "name": "Other"})[1]["result"]
    assert changed["name"] == "other.coder.com"
    assert [zone["name"] for zone in seeded.ask("GET", "/client/v4/zones?name=Coder.COM")[1]["result"]] == ["coder.com"]


def test_dns_11_text_keeps_its_case(seeded: Seeded) -> None:
    body = {"type": "TXT", "name": "t", "content": "Some Text", "ttl": 300}
    assert seeded.ask("POST", RECORDS, body)[1]["result"]["content"] == "Some Text"


def test_dns_8_an_address_with_a_zone_id_is_refused(seeded: Seeded) -> None:
    body = {"type": "AAAA", "name": "v6", "content": "fe80::1%eth0", "ttl": 300}
    assert seeded.errors("POST", RECORDS, body) == (400, 9006)
