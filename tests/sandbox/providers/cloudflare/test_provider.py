from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from tests.sandbox.providers.calls import Calls
from tests.sandbox.servers_for_tests import environment_of, free_port
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.providers.cloudflare.provider import RECORD, CloudflareProvider
from workshop.sandbox.providers.provider import UNKNOWN, NoAnswer, ProviderError

URN = "urn:pulumi:sandbox::workshop::cloudflare:index/dnsRecord:DnsRecord::host"
ZONE = "0123456789abcdef0123456789abcdef"
GET_ZONE = "cloudflare:index/getZone:getZone"
GET_RECORDS = "cloudflare:index/getDnsRecords:getDnsRecords"


@pytest.fixture
def cloudflare(sandbox: SandboxPaths) -> Calls:
    return Calls(CloudflareProvider({"apiToken": token_of(sandbox), "baseUrl": sandbox.cloudflare_endpoint}))


def record(name: str, **changes: Json) -> Json:
    inputs = {"zoneId": ZONE, "name": name, "type": "CNAME", "content": "lb.example.com", "ttl": 300.0}
    return {**inputs, "proxied": False, "comment": "ai-coder-workshop", **changes}


def test_the_zone_is_found_by_its_name(cloudflare: Calls) -> None:
    zone = cloudflare.invoke(GET_ZONE, {"filter": {"match": "all", "name": "coder.com"}})
    assert (zone["zoneId"], zone["name"], zone["status"]) == (ZONE, "coder.com", "active")
    with pytest.raises(ProviderError, match="failed to find exactly one result: 0 found"):
        cloudflare.invoke(GET_ZONE, {"filter": {"name": "example.com"}})


def test_records_are_listed_with_the_sdks_names(cloudflare: Calls) -> None:
    found = cloudflare.invoke(GET_RECORDS, {"zoneId": ZONE, "name": {"exact": "www.coder.com"}, "type": None})
    (only,) = found["results"]
    assert (only["content"], only["ttl"], only["proxiable"], only["settings"]) == ("192.0.2.10", 300, True, {})
    assert "createdOn" in only
    assert len(cloudflare.invoke(GET_RECORDS, {"zoneId": ZONE, "maxItems": 2.0})["results"]) == 2


def test_a_record_lives_and_dies(cloudflare: Calls) -> None:
    inputs = record("life.coder.com")
    previewed = cloudflare.create(URN, RECORD, inputs, True)
    assert (previewed.id, previewed.outputs["createdOn"]) == ("", UNKNOWN)
    assert cloudflare.find(URN, RECORD, inputs) is None
    made = cloudflare.create(URN, RECORD, inputs, False)
    assert cloudflare.find(URN, RECORD, inputs) == made.id
    read = cloudflare.read(URN, RECORD, made.id, inputs, made.outputs)
    assert read
    assert cloudflare.diff(URN, RECORD, made.id, read.inputs, read.outputs, inputs, ()).changed == ()

    wanted = record("moved.coder.com", ttl=60.0)
    diff = cloudflare.diff(URN, RECORD, made.id, inputs, made.outputs, wanted, ())
    assert (diff.changed, diff.replaces) == (("name", "ttl"), ())
    outputs = cloudflare.update(URN, RECORD, made.id, inputs, made.outputs, wanted, (), False)
    assert (outputs["name"], outputs["ttl"], outputs["createdOn"]) == (
        "moved.coder.com",
        60,
        made.outputs["createdOn"],
    )
    for _ in range(2):
        cloudflare.delete(URN, RECORD, made.id, wanted, outputs)
    assert cloudflare.read(URN, RECORD, made.id, wanted, outputs) is None


def test_a_hand_made_change_is_noticed_when_read(cloudflare: Calls) -> None:
    inputs = record("drift.coder.com")
    made = cloudflare.create(URN, RECORD, inputs, False)
    by_hand = record("drift.coder.com", content="elsewhere.example.com")
    cloudflare.update(URN, RECORD, made.id, inputs, made.outputs, by_hand, (), False)
    read = cloudflare.read(URN, RECORD, made.id, inputs, made.outputs)
    assert read
    assert cloudflare.diff(URN, RECORD, made.id, read.inputs, read.outputs, inputs, ()).changed == ("content",)
    assert cloudflare.find(URN, RECORD, inputs) is None


def test_a_record_is_imported_by_zone_and_id(cloudflare: Calls) -> None:
    made = cloudflare.create(URN, RECORD, record("import.coder.com"), False)
    read = cloudflare.read(URN, RECORD, f"{ZONE}/{made.id}", {}, {})
    assert read
    assert read.id == made.id
    assert read.inputs == {**record("import.coder.com"), "ttl": 300}


def test_a_record_that_exists_is_refused_in_cloudflares_words(cloudflare: Calls) -> None:
    with pytest.raises(ProviderError) as error:
        cloudflare.create(URN, RECORD, record("www.coder.com"), False)
    assert str(error.value) == (
        "CNAME record www.coder.com: Cloudflare answered: "
        "An A, AAAA, or CNAME record with that host already exists. (81053)"
    )


def test_another_zone_is_another_record(cloudflare: Calls) -> None:
    old = record("a.coder.com")
    assert cloudflare.diff(URN, RECORD, "1", old, old, {**old, "zoneId": "f" * 32}, ()).replaces == ("zoneId",)


def test_dns_3_another_type_is_another_record(cloudflare: Calls) -> None:
    old = record("a.coder.com")
    wanted = {**old, "type": "A", "content": "198.41.128.7"}
    assert cloudflare.diff(URN, RECORD, "1", old, old, wanted, ()).replaces == ("type",)


@pytest.mark.parametrize(
    ("kind", "old", "new", "changed"),
    [
        ("CNAME", "lb.example.com", "LB.Example.com.", ()),
        ("NS", "ns.example.com.", "NS.example.com", ()),
        ("CNAME", "lb.example.com", "other.example.com", ("content",)),
        ("TXT", "text", "Text", ("content",)),
        ("CNAME", "lb.example.com", None, ("content",)),
    ],
)
def test_dns_11_a_names_case_is_no_difference(
    cloudflare: Calls, kind: str, old: str, new: str | None, changed: tuple[str, ...]
) -> None:
    was, wanted = (record("a.coder.com", type=kind, content=content) for content in (old, new))
    assert cloudflare.diff(URN, RECORD, "1", was, was, wanted, ()).changed == changed


def test_dns_11_data_goes_both_ways(cloudflare: Calls) -> None:
    data = {"flags": 0.0, "tag": "issue", "value": "letsencrypt.org"}
    inputs = {"zoneId": ZONE, "name": "caa.coder.com", "type": "CAA", "ttl": 300.0, "data": data}
    made = cloudflare.create(URN, RECORD, inputs, False)
    assert made.outputs["content"] == '0 issue "letsencrypt.org"'
    read = cloudflare.read(URN, RECORD, made.id, inputs, made.outputs)
    assert read
    assert cloudflare.diff(URN, RECORD, made.id, read.inputs, read.outputs, inputs, ()).changed == ()


def test_what_is_missing_is_named(cloudflare: Calls) -> None:
    answer = cloudflare.check(URN, RECORD, None, {"zoneId": ZONE, "name": "a"}, b"")
    assert [failure.property for failure in answer.failures] == ["type", "ttl"]


def test_the_real_api_is_never_the_default() -> None:
    with pytest.raises(ProviderError, match="the sandbox does not reach the real API"):
        Calls(CloudflareProvider({"apiToken": "x"})).invoke(GET_ZONE, {"zoneId": ZONE})


def test_no_answer_is_told(sandbox: SandboxPaths) -> None:
    silent = replace(sandbox, given_port=free_port())
    nobody = CloudflareProvider({"baseUrl": silent.cloudflare_endpoint})
    with environment_of(silent), pytest.raises(ProviderError, match="can't be asked"):
        nobody.invoke(GET_ZONE, {"zoneId": ZONE})


def test_an_endpoint_that_is_not_the_sandboxs_is_refused(sandbox: SandboxPaths) -> None:
    for url in ("http://127.0.0.1:9/client/v4", "https://api.cloudflare.com/client/v4", sandbox.aws_endpoint):
        with pytest.raises(ProviderError, match="is not this sandbox's"):
            CloudflareProvider({"apiToken": token_of(sandbox), "baseUrl": url}).invoke(GET_ZONE, {"zoneId": ZONE})


def test_unknown_functions_and_types_are_refused(cloudflare: Calls) -> None:
    with pytest.raises(ProviderError, match="does not know the function"):
        cloudflare.invoke("cloudflare:index/getAccount:getAccount", {})
    with pytest.raises(ProviderError, match="does not know cloudflare:index/zone:Zone"):
        cloudflare.check(URN, "cloudflare:index/zone:Zone", None, {}, b"")


def test_after_too_many_requests_it_waits_and_loses_nothing(sandbox: SandboxPaths) -> None:
    waits: list[float] = []
    answers: list[tuple[int, dict[str, str]]] = [(429, {"retry-after": "7"}), (429, {}), (200, {})]

    def answer(_request: httpx.Request) -> httpx.Response:
        status, headers = answers.pop(0)
        found = {"success": status == 200, "errors": [{"code": 971, "message": "wait"}], "result": {"id": "made"}}
        return httpx.Response(status, headers=headers, json=found)

    provider = CloudflareProvider({"baseUrl": "http://127.0.0.1:1/client/v4"}, waits.append)
    with httpx.Client(transport=httpx.MockTransport(answer), base_url="http://127.0.0.1:1") as client:
        provider._opened = client  # pyright: ignore[reportPrivateUsage] - in place of the server
        inputs = {"zoneId": ZONE, "name": "a.coder.com", "type": "A", "content": "192.0.2.1", "ttl": 300}
        assert Calls(provider).create(URN, RECORD, inputs, is_preview=False).id == "made"
    assert waits == [8, 301]
    assert answers == []


def answering(provider: CloudflareProvider, *answers: int | Exception, seen: list[str]) -> httpx.Client:
    """Gives the provider these answers, one after the other; what is asked for is in seen."""
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.method)
        status = left.pop(0)
        if isinstance(status, Exception):
            raise status
        result: Json = [{**MADE}] if request.method == "GET" and request.url.path.endswith("dns_records") else MADE
        info = {"total_pages": 1}
        errors = [{"code": 10500, "message": "busy"}]
        return httpx.Response(
            status, json={"success": status == 200, "errors": errors, "result": result, "result_info": info}
        )

    opened = httpx.Client(transport=httpx.MockTransport(answer), base_url="http://127.0.0.1:1")
    provider._opened = opened  # pyright: ignore[reportPrivateUsage] - in place of the server
    return opened


INPUTS = {"zoneId": ZONE, "name": "a.coder.com", "type": "A", "content": "198.41.128.7", "ttl": 300}
MADE = {**INPUTS, "id": "made"}


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ((500, 200, 200), ["POST", "GET", "GET"]),
        ((httpx.ReadTimeout("late"), 200, 200), ["POST", "GET", "GET"]),
        ((503, 502, 200, 200), ["POST", "GET", "GET", "GET"]),
    ],
    ids=["5xx", "time-out", "5xx-again"],
)
def test_dns_4_a_record_that_was_made_all_the_same_is_not_made_twice(
    answers: tuple[int | Exception, ...], asked: list[str]
) -> None:
    seen: list[str] = []
    provider = CloudflareProvider({"baseUrl": "http://127.0.0.1:1/client/v4"}, lambda _seconds: None)
    with answering(provider, *answers, seen=seen):
        assert Calls(provider).create(URN, RECORD, INPUTS, is_preview=False).id == "made"
    assert seen == asked


@pytest.mark.parametrize("failure", [500, 429, httpx.ReadTimeout("late")], ids=["5xx", "429", "time-out"])
def test_dns_4_what_can_be_repeated_goes_on(failure: int | Exception) -> None:
    seen: list[str] = []
    provider = CloudflareProvider({"baseUrl": "http://127.0.0.1:1/client/v4"}, lambda _seconds: None)
    with answering(provider, failure, 200, failure, failure, 200, seen=seen):
        Calls(provider).update(URN, RECORD, "made", INPUTS, INPUTS, INPUTS, (), False)
        Calls(provider).delete(URN, RECORD, "made", INPUTS, INPUTS)
    assert seen == ["PUT", "PUT", "DELETE", "DELETE", "DELETE"]


@pytest.mark.parametrize("failure", [429, httpx.ConnectError("refused")], ids=["429", "refused"])
def test_dns_4_what_was_surely_not_done_is_not_looked_for(failure: int | Exception) -> None:
    seen: list[str] = []
    provider = CloudflareProvider({"baseUrl": "http://127.0.0.1:1/client/v4"}, lambda _seconds: None)
    with answering(provider, *(failure,) * 9, seen=seen), pytest.raises(NoAnswer):
        Calls(provider).create(URN, RECORD, INPUTS, is_preview=False)
    assert set(seen) == {"POST"}


def test_a_refresh_of_many_records_is_one_request(cloudflare: Calls, sandbox: SandboxPaths) -> None:
    inputs = {"zoneId": ZONE, "type": "A", "content": "192.0.2.1", "ttl": 300}
    made = [
        cloudflare.create(URN, RECORD, {**inputs, "name": f"many-{number}.coder.com"}, is_preview=False)
        for number in range(3)
    ]
    asked = 0
    assert isinstance(cloudflare.provider, CloudflareProvider)
    client = cloudflare.provider._client()  # pyright: ignore[reportPrivateUsage] - counts requests

    def count(_request: httpx.Request) -> None:
        nonlocal asked
        asked += 1

    client.event_hooks = {"request": [count]}
    found = [cloudflare.read(URN, RECORD, one.id, one.inputs, one.outputs) for one in made]
    assert [one.outputs["name"] for one in found if one] == [f"many-{number}.coder.com" for number in range(3)]
    assert asked == 1
