"""What Cloudflare answers: found, not found, no answer, and only what is under our domains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi_cloudflare as cloudflare
import pytest

from tests.model.given import settings
from tests.observe.asking import Answers, absent, observed, unanswered, value_of
from workshop.model.observations import ExistingRecord, Observation
from workshop.observe.dns import observe_records, observe_zone_id

GET_ZONE = "cloudflare:index/getZone:getZone"
GET_RECORDS = "cloudflare:index/getDnsRecords:getDnsRecords"
SETTINGS = settings()
ZONE = SETTINGS.zone.name
ZONE_ID = "0123456789abcdef0123456789abcdef"
DOMAINS = {ZONE: ("ai.coder.com", "demo.ai.coder.com")}


def zone_id(answer: object) -> tuple[Observation[str], Answers]:
    answers = Answers({GET_ZONE: answer})
    return observed(lambda: observe_zone_id(cloudflare.Provider("the-provider"), ZONE), answers), answers


def test_a_zone_is_asked_for_by_name() -> None:
    found, answers = zone_id({"zoneId": ZONE_ID})

    assert value_of(found, f"Cloudflare zone {ZONE}") == ZONE_ID
    assert answers.asked == [(GET_ZONE, {"filter": {"match": "all", "name": ZONE}})]


@pytest.mark.parametrize(
    "said", ["failed to find exactly one result: 0 found", "failed to find\n  exactly one result 0 found"]
)
def test_a_zone_that_is_not_there_is_absent(said: str) -> None:
    assert absent(zone_id(said)[0], f"Cloudflare zone {ZONE}")


@pytest.mark.parametrize("said", ["failed to find exactly one result: 2 found", "403 Forbidden"])
def test_a_zone_that_is_not_told_is_no_answer(said: str) -> None:
    assert unanswered(zone_id(said)[0], f"Cloudflare zone {ZONE}", said)


def record(name: str, **others: object) -> dict[str, Any]:
    return {"id": f"id-of-{name}", "name": name, "type": "CNAME", "content": "a.elb", "ttl": 300, **others}


def records(answer: object) -> tuple[Observation[tuple[ExistingRecord, ...]], Answers]:
    answers = Answers({GET_RECORDS: answer})
    return observed(lambda: observe_records(cloudflare.Provider("the-provider"), SETTINGS, DOMAINS), answers), answers


def test_records_under_our_domains_are_told_once_and_no_others() -> None:
    def answer(arguments: Mapping[str, Any]) -> dict[str, Any]:
        domain = arguments["name"]["endswith"]
        return {"results": [record(domain), record(f"*.{domain}"), record(f"not-{domain}")]}

    found, answers = records(answer)
    names = [one.name for one in value_of(found, f"Cloudflare records of {ZONE}")]

    assert names == ["ai.coder.com", "*.ai.coder.com", "demo.ai.coder.com", "*.demo.ai.coder.com"]
    assert [arguments for _, arguments in answers.asked] == [
        {"zoneId": SETTINGS.zone.id, "name": {"endswith": domain}, "maxItems": 10_000} for domain in DOMAINS[ZONE]
    ]


def test_a_record_is_told_in_full() -> None:
    full = record("ai.coder.com", proxied=True, comment="ai-coder-workshop")
    (found,) = value_of(records({"results": [full]})[0], f"Cloudflare records of {ZONE}")

    assert found == ExistingRecord(
        zone=ZONE,
        id="id-of-ai.coder.com",
        name="ai.coder.com",
        type="CNAME",
        content="a.elb",
        ttl_seconds=300,
        is_proxied=True,
        comment="ai-coder-workshop",
    )


def test_what_a_record_does_not_have_is_empty() -> None:
    (found,) = value_of(
        records({"results": [record("ai.coder.com", content=None)]})[0], f"Cloudflare records of {ZONE}"
    )

    assert (found.content, found.is_proxied, found.comment) == ("", False, "")


def test_records_that_may_not_be_read_are_no_answer() -> None:
    assert unanswered(records("403 Forbidden")[0], f"Cloudflare records of {ZONE}", "403 Forbidden")


def test_an_answer_that_is_not_understood_is_no_answer() -> None:
    found = records({"results": [{"id": "1"}]})[0]
    assert unanswered(found, f"Cloudflare records of {ZONE}", "validation error")


def test_several_zones_are_named() -> None:
    answers = Answers({GET_RECORDS: {"results": []}})
    domains = {"coder.com": ("ai.coder.com",), "coderdemo.io": ("coderdemo.io",)}
    found = observed(lambda: observe_records(cloudflare.Provider("the-provider"), SETTINGS, domains), answers)

    assert value_of(found, "Cloudflare records of coder.com, coderdemo.io") == ()
