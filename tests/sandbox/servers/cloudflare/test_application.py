from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import httpx
import pytest
from cloudflare import BadRequestError, Cloudflare, NotFoundError
from werkzeug.test import Client

from tests.sandbox.servers_for_tests import bearer, sandbox_paths
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.seed.systems import platform_settings, seed_cloudflare
from workshop.sandbox.servers.cloudflare.application import PERIOD_SECONDS, REQUESTS_PER_PERIOD
from workshop.sandbox.servers.cloudflare.application import Cloudflare as Application

ZONE = "0123456789abcdef0123456789abcdef"
TOKEN = "sandbox-test-token"
RECORDS = f"/client/v4/zones/{ZONE}/dns_records"


@pytest.fixture
def official(sandbox: SandboxPaths) -> Generator[Cloudflare]:
    with Cloudflare(api_token=token_of(sandbox), base_url=sandbox.cloudflare_endpoint, max_retries=0) as client:
        yield client


class Seeded:
    """The application alone, on a file of its own, with a clock that the test turns."""

    def __init__(self, folder: Path) -> None:
        self.paths = sandbox_paths(folder)
        seed_cloudflare(self.paths, platform_settings(self.paths))
        self.now = 0.0
        self.restart()

    def restart(self) -> None:
        self._client = Client(Application(self.paths, lambda: self.now))

    def ask(self, method: str, path: str, body: Json = None, token: str = f"Bearer {TOKEN}") -> tuple[int, Json]:
        headers = {"Authorization": token} if token else {}
        response = self._client.open(path, method=method, json=body, headers=headers)
        self.headers = response.headers
        return response.status_code, response.get_json()

    def errors(self, method: str, path: str, body: Json = None, token: str = f"Bearer {TOKEN}") -> tuple[int, Json]:
        """Status and code of the first error."""
        status, answer = self.ask(method, path, body, token)
        assert answer["success"] is False
        assert answer["result"] is None
        return status, answer["errors"][0]["code"]


@pytest.fixture
def seeded(tmp_path: Path) -> Seeded:
    return Seeded(tmp_path)


def record(**changes: Json) -> Json:
    return {"type": "CNAME", "name": "x.ai", "content": "lb.example.com", "ttl": 300, "proxied": False, **changes}


def test_the_official_client_finds_zone_and_records(official: Cloudflare) -> None:
    (zone,) = official.zones.list(name="coder.com")
    assert zone.id == ZONE
    got = official.zones.get(zone_id=ZONE)
    assert got
    assert got.name == "coder.com"
    names = [item.name for item in official.dns.records.list(zone_id=ZONE, per_page=5000001 - 1)]
    assert "_acme-challenge.ai.coder.com" in names
    exact = official.dns.records.list(zone_id=ZONE, name={"exact": "www.coder.com"})
    assert [item.type for item in exact] == ["A"]
    assert not list(official.zones.list(name="example.com"))


def test_the_official_client_creates_changes_and_deletes(official: Cloudflare) -> None:
    made = official.dns.records.create(
        zone_id=ZONE, type="CNAME", name="*.ai.coder.com", content="lb.example.com", ttl=300, comment="ours"
    )
    assert made is not None
    assert (made.name, made.proxied, made.comment) == ("*.ai.coder.com", False, "ours")
    edited = official.dns.records.edit(
        made.id, zone_id=ZONE, type="CNAME", name="*.ai.coder.com", content="other.example.com", ttl=60
    )
    assert edited is not None
    assert (edited.content, edited.comment) == ("other.example.com", "ours")
    replaced = official.dns.records.update(
        made.id, zone_id=ZONE, type="CNAME", name="*.ai.coder.com", content="lb.example.com", ttl=1
    )
    assert replaced is not None
    assert (replaced.ttl, replaced.comment) == (1, None)
    assert replaced.created_on == made.created_on
    official.dns.records.delete(made.id, zone_id=ZONE)
    with pytest.raises(NotFoundError, match="81044"):
        official.dns.records.get(made.id, zone_id=ZONE)


def test_the_official_client_is_told_of_a_record_that_exists(official: Cloudflare) -> None:
    with pytest.raises(BadRequestError, match="An A, AAAA, or CNAME record with that host already exists"):
        official.dns.records.create(zone_id=ZONE, type="CNAME", name="www", content="lb.example.com", ttl=300)


def test_connections_are_kept_alive(sandbox: SandboxPaths) -> None:
    with httpx.Client(headers=bearer(sandbox), trust_env=False) as client:
        streams = {
            id(client.get(f"{sandbox.cloudflare_endpoint}/zones").extensions["network_stream"]) for _ in range(3)
        }
    assert len(streams) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "A", "content": "not-an-address"}, 9005),
        ({"type": "A", "content": "2001:db8::1"}, 9005),
        ({"type": "AAAA", "content": "192.0.2.1"}, 9006),
        ({"content": "not a host"}, 9007),
        ({"content": "*.example.com"}, 9007),
        ({"content": "x.ai.coder.com"}, 9039),
        ({"name": "-bad-"}, 9000),
        ({"name": "a" * 64}, 9000),
        ({"type": "NONSENSE"}, 9004),
        ({"ttl": 59}, 9021),
        ({"ttl": 86401}, 9021),
        ({"ttl": "soon"}, 9207),
        ({"proxied": "no"}, 9003),
        ({"type": "TXT", "content": "text", "proxied": True}, 9041),
    ],
)
def test_what_cloudflare_refuses_is_refused(seeded: Seeded, changes: Json, code: int) -> None:
    before = seeded.paths.cloudflare_file.read_text()
    assert seeded.errors("POST", RECORDS, record(**changes)) == (400, code)
    assert seeded.paths.cloudflare_file.read_text() == before


@pytest.mark.parametrize("ttl", [1, 60, 86400])
def test_a_ttl_at_the_edge_is_taken(seeded: Seeded, ttl: int) -> None:
    assert seeded.ask("POST", RECORDS, record(ttl=ttl))[1]["result"]["ttl"] == ttl


def test_a_proxied_record_has_an_automatic_ttl(seeded: Seeded) -> None:
    assert seeded.ask("POST", RECORDS, record(ttl=300, proxied=True))[1]["result"]["ttl"] == 1


@pytest.mark.parametrize("name", ["x.ai", "x.ai.coder.com", "X.AI.coder.com."])
def test_names_are_completed_and_in_lower_case(seeded: Seeded, name: str) -> None:
    assert seeded.ask("POST", RECORDS, record(name=name))[1]["result"]["name"] == "x.ai.coder.com"


def test_the_apex_is_the_zone(seeded: Seeded) -> None:
    assert seeded.ask("POST", RECORDS, record(name="@"))[1]["result"]["name"] == "coder.com"


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (record(), record(), 81053),
        (record(type="A", content="192.0.2.1"), record(), 81053),
        (record(), record(type="A", content="192.0.2.1"), 81054),
        (record(type="A", content="192.0.2.1"), record(type="A", content="192.0.2.1"), 81058),
    ],
)
def test_records_that_exclude_each_other(seeded: Seeded, first: Json, second: Json, code: int) -> None:
    assert seeded.ask("POST", RECORDS, first)[0] == 200
    assert seeded.errors("POST", RECORDS, second) == (400, code)


def test_two_addresses_share_a_name(seeded: Seeded) -> None:
    for address in ("192.0.2.1", "192.0.2.2"):
        assert seeded.ask("POST", RECORDS, record(type="A", content=address))[0] == 200


def test_a_change_to_a_name_that_is_taken_is_refused(seeded: Seeded) -> None:
    made = seeded.ask("POST", RECORDS, record())[1]["result"]
    assert seeded.errors("PUT", f"{RECORDS}/{made['id']}", record(name="www")) == (400, 81053)
    assert seeded.ask("GET", f"{RECORDS}/{made['id']}")[1]["result"]["name"] == "x.ai.coder.com"


def test_unknown_zones_and_records_have_cloudflares_codes(seeded: Seeded) -> None:
    assert seeded.errors("GET", f"/client/v4/zones/{'0' * 32}") == (404, 7003)
    assert seeded.errors("GET", f"{RECORDS}/{'0' * 32}") == (404, 81044)
    assert seeded.errors("DELETE", f"{RECORDS}/{'0' * 32}") == (404, 81044)
    assert seeded.errors("GET", "/client/v4/nonsense") == (404, 7003)


def test_a_body_that_is_none_is_refused(seeded: Seeded) -> None:
    assert seeded.errors("POST", RECORDS, [1]) == (400, 9207)


@pytest.mark.parametrize(("token", "code"), [("", 9106), ("Basic abc", 6111), ("Bearer ", 6111)])
def test_a_request_without_a_token_is_refused(seeded: Seeded, token: str, code: int) -> None:
    assert seeded.errors("GET", "/client/v4/zones", token=token) == (400, code)


def test_lists_come_in_pages(seeded: Seeded) -> None:
    for number in range(5):
        seeded.ask("POST", RECORDS, record(name=f"page-{number}"))
    query = f"{RECORDS}?name.startswith=page-&per_page=2&page="
    pages = [seeded.ask("GET", f"{query}{page}")[1] for page in (1, 2, 3, 4)]
    assert [[r["name"].partition(".")[0] for r in page["result"]] for page in pages] == [
        ["page-0", "page-1"],
        ["page-2", "page-3"],
        ["page-4"],
        [],
    ]
    assert pages[2]["result_info"] == {"page": 3, "per_page": 2, "count": 1, "total_count": 5, "total_pages": 3}
    assert seeded.errors("GET", f"{query}0") == (400, 6003)


def test_filters_hold_together_or_one_by_one(seeded: Seeded) -> None:
    query = f"{RECORDS}?type=TXT&content=192.0.2.10"
    assert seeded.ask("GET", query)[1]["result"] == []
    assert {r["type"] for r in seeded.ask("GET", f"{query}&match=any")[1]["result"]} == {"A", "TXT"}


def test_records_survive_a_restart_as_they_were(seeded: Seeded) -> None:
    seeded.ask("POST", RECORDS, record(comment="ours"))
    before = seeded.ask("GET", RECORDS)[1]
    seeded.restart()
    assert seeded.ask("GET", RECORDS)[1] == before


def test_the_rate_limit_is_counted_told_and_lifted(seeded: Seeded) -> None:
    seeded.ask("GET", "/client/v4/zones")
    assert seeded.headers["Ratelimit"] == f'"default";r={REQUESTS_PER_PERIOD - 1};t={PERIOD_SECONDS}'
    assert seeded.headers["Ratelimit-Policy"] == f'"default";q={REQUESTS_PER_PERIOD};w={PERIOD_SECONDS}'
    for _ in range(REQUESTS_PER_PERIOD - 1):
        assert seeded.ask("GET", "/client/v4/nonsense")[0] == 404
    seeded.now = 100
    assert seeded.errors("GET", "/client/v4/zones") == (429, 971)
    assert seeded.headers["retry-after"] == str(PERIOD_SECONDS - 100)
    seeded.now = 100.9
    assert seeded.errors("GET", "/client/v4/zones") == (429, 971)
    assert seeded.headers["retry-after"] == str(PERIOD_SECONDS - 100), "whole seconds, never too few"
    seeded.now = PERIOD_SECONDS
    assert seeded.ask("GET", "/client/v4/zones")[0] == 200
