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
GET_ZONES = "cloudflare:index/getZones:getZones"
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


NO_ZONES: Mapping[str, Any] = {"results": []}


def records(
    answer: object, zones: Mapping[str, Any] = NO_ZONES, **given: object
) -> tuple[Observation[tuple[ExistingRecord, ...]], Answers]:
    answers = Answers({GET_RECORDS: answer, GET_ZONES: zones})
    asked = settings("sandbox", **given)
    return observed(lambda: observe_records(cloudflare.Provider("the-provider"), asked, DOMAINS), answers), answers


def test_records_under_our_domains_are_told_once_and_no_others() -> None:
    def answer(arguments: Mapping[str, Any]) -> dict[str, Any]:
        if "name" not in arguments:
            return {"results": []}
        domain = arguments["name"]["endswith"]
        return {"results": [record(domain), record(f"*.{domain}"), record(f"not-{domain}")]}

    found, answers = records(answer)
    names = [one.name for one in value_of(found, f"Cloudflare records of {ZONE}")]

    assert names == ["ai.coder.com", "*.ai.coder.com", "demo.ai.coder.com", "*.demo.ai.coder.com"]
    assert [arguments for _, arguments in answers.asked] == [
        {"maxItems": 1_000},
        *(
            {"zoneId": SETTINGS.zone.id, **asked, "maxItems": 10_000}
            for asked in (*({"name": {"endswith": domain}} for domain in DOMAINS[ZONE]), BY_MARK)
        ),
    ]


BY_MARK = {"comment": {"contains": "ai-coder-workshop"}}
LISTED = {"results": [{"id": "a" * 32, "name": "coderdemo.io"}, {"id": ZONE_ID, "name": ZONE}]}


def test_dns_2_a_zone_without_a_file_stays_in_view_by_our_mark() -> None:
    def answer(arguments: Mapping[str, Any]) -> dict[str, Any]:
        if arguments.get("comment") is None or arguments["zoneId"] == ZONE_ID:
            return {"results": []}
        comments = {"mine": "us (ai-coder-workshop)", "theirs": "ai-coder-workshop/dns", "a": "not ai-coder-workshop!"}
        return {"results": [record(f"{name}.coderdemo.io", comment=text) for name, text in comments.items()]}

    found, _ = records(answer, LISTED)
    told = value_of(found, f"Cloudflare records of {ZONE}")
    assert [(one.zone, one.name) for one in told] == [("coderdemo.io", "mine.coderdemo.io")]


def test_dns_2_a_name_outside_the_domains_stays_in_view_by_our_mark() -> None:
    def answer(arguments: Mapping[str, Any]) -> dict[str, Any]:
        ours = [record("www.coder.com", comment="ai-coder-workshop")]
        return {"results": ours if "comment" in arguments else []}

    assert [one.name for one in value_of(records(answer)[0], f"Cloudflare records of {ZONE}")] == ["www.coder.com"]


def test_dns_2_what_is_adopted_stays_in_view_without_a_mark() -> None:
    def answer(arguments: Mapping[str, Any]) -> dict[str, Any]:
        whole = "name" not in arguments and "comment" not in arguments
        return {"results": [record("old.coderdemo.io"), record("b.coderdemo.io")] if whole else []}

    found, _ = records(answer, LISTED, adopt={"old.coderdemo.io": f"{'a' * 32}/id-of-old.coderdemo.io"})
    assert [one.name for one in value_of(found, f"Cloudflare records of {ZONE}")] == ["old.coderdemo.io"]


def test_dns_2_a_zone_whose_id_is_not_set_is_found_by_its_name() -> None:
    def answer(arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {"results": [record("ai.coder.com")] if arguments["zoneId"] == ZONE_ID and "name" in arguments else []}

    found, _ = records(answer, LISTED, zone={"name": ZONE})
    assert [one.name for one in value_of(found, f"Cloudflare records of {ZONE}")] == ["ai.coder.com"]


def test_dns_2_zones_that_may_not_be_listed_are_no_answer() -> None:
    answers = Answers({GET_RECORDS: NO_ZONES, GET_ZONES: "403 Forbidden"})
    found = observed(lambda: observe_records(cloudflare.Provider("the-provider"), SETTINGS, DOMAINS), answers)
    assert unanswered(found, f"Cloudflare records of {ZONE}", "403 Forbidden")


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
    answers = Answers({GET_RECORDS: {"results": []}, GET_ZONES: NO_ZONES})
    domains = {"coder.com": ("ai.coder.com",), "coderdemo.io": ("coderdemo.io",)}
    found = observed(lambda: observe_records(cloudflare.Provider("the-provider"), SETTINGS, domains), answers)

    assert value_of(found, "Cloudflare records of coder.com, coderdemo.io") == ()
