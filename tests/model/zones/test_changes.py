"""Which records are ours to compare with the plan, and when they are compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.dns.bad_changes import HEAD, LB, existing, records
from tests.dns.test_bad_changes import plan_of
from tests.model.given import NO_ANSWER, findings, found, observe, settings
from workshop.model.findings import Finding
from workshop.model.plan.plan import make_plan
from workshop.model.rules.observations.zone_changes import judge_changes
from workshop.model.settings.stack import Settings
from workshop.model.zones.changes import Before, ours_among


def test_records_are_compared_where_they_are_known_and_declared() -> None:
    def changes(given: Settings, **answers: object) -> set[str]:
        observations = replace(observe(given), **answers)  # pyright: ignore[reportArgumentType] names of its own fields
        return {one.rule for one in findings(given, make_plan(given), observations)}

    elsewhere = Before(zone="coder.com", host="ai.coder.com", target="x.org", ttl_seconds=3600)
    there = found((existing(elsewhere),))
    assert "zone-changes" in changes(settings(), records=there)
    assert changes(settings(scope="registry"), records=there) == set()
    assert changes(settings(), records=NO_ANSWER) == {"adoption"}


def test_ours_are_marked_or_adopted() -> None:
    given = settings(adopt={"us-east-2-host": "0123456789abcdef0123456789abcdef/r1", "a.coderdemo.io": "1/r2"})
    marked = replace(
        existing(Before(zone="coder.com", host="a.coder.com", target="LB.example.com.", ttl_seconds=60)), id="r9"
    )
    adopted = replace(marked, name="b.coder.com", id="r1", comment="theirs")
    of_another_zone = replace(adopted, zone="coderdemo.io", id="r2")

    told = ours_among([marked, adopted, of_another_zone], given)
    assert told == (
        Before(zone="coder.com", host="a.coder.com", target="lb.example.com", ttl_seconds=60),
        Before(zone="coder.com", host="b.coder.com", target="lb.example.com", ttl_seconds=60),
    )
    assert [one.is_retiring for one in told] == [None, None]


CNAME = "region: us-east-2"
A = "target: 198.41.128.7"
AAAA = "target: '2606:4700::7'"
HEAD_OF_ADDRESSES = f"{HEAD}destinations: [198.41.128.0/17, '2606:4700::/32']\n"


def changed(before: tuple[Before, ...], *entries: str) -> list[Finding]:
    lines = [f"- {{host: a.coderdemo.io, {entry}}}" for entry in entries]
    text = records(*lines, head=HEAD_OF_ADDRESSES) if lines else HEAD_OF_ADDRESSES
    return list(judge_changes(before, plan_of(text).dns))


def at(kind: str, *, retiring: bool | None = None) -> Before:
    target = {"CNAME": LB, "A": "198.41.128.7", "AAAA": "2606:4700::7"}[kind]
    return Before(
        zone="coderdemo.io", host="a.coderdemo.io", kind=kind, target=target, ttl_seconds=60, is_retiring=retiring
    )


RETIRED = "retiring: true"
BEFOREHAND = "set retiring: true on it as it is and apply that; then "
ONE_RESOURCE = f"{BEFOREHAND}change its target and keep retiring: true, so that it is deleted first and created anew"
TWO_RESOURCES = (
    f"{BEFOREHAND}remove it and apply; then add it with the new target. The name does not resolve in between"
)


@pytest.mark.parametrize(
    ("old", "new", "fix"),
    [
        ("CNAME", A, ONE_RESOURCE),
        ("A", CNAME, ONE_RESOURCE),
        ("CNAME", AAAA, TWO_RESOURCES),
        ("AAAA", CNAME, TWO_RESOURCES),
    ],
)
def test_dns_3_a_cname_does_not_become_an_address_at_once(old: str, new: str, fix: str) -> None:
    told = [one for one in changed((at(old),), new) if "changes from" in one.problem]
    assert [(one.resource, one.fix) for one in told] == [("zones/coderdemo.io.yaml:5", fix)]


def test_dns_3_one_resource_is_replaced_once_it_is_retired() -> None:
    assert changed((at("CNAME", retiring=True),), f"{A}, {RETIRED}") == []
    assert changed((at("CNAME"),), f"{A}, {RETIRED}") == []
    assert [one.fix for one in changed((at("CNAME", retiring=False),), f"{A}, {RETIRED}")] == [ONE_RESOURCE]
    assert [one.fix for one in changed((at("CNAME", retiring=True),), A)] == [ONE_RESOURCE]
    assert TWO_RESOURCES in [one.fix for one in changed((at("CNAME", retiring=True),), f"{AAAA}, {RETIRED}")]


def test_dns_3_every_one_of_two_addresses_is_in_the_way_of_a_cname() -> None:
    told = [one.problem for one in changed((at("A"), at("AAAA")), f"{CNAME}, {RETIRED}")]
    assert [one.partition(",")[0] for one in told if "changes from" in one] == [
        "a.coderdemo.io changes from AAAA to CNAME"
    ]


def test_dns_3_addresses_of_both_versions_come_and_go() -> None:
    assert changed((at("A"),), A, AAAA) == []
    assert changed((at("A"), at("AAAA", retiring=True)), A) == []
    unretired = changed((at("A"), at("AAAA", retiring=False)), A)
    assert [one.problem for one in unretired] == ["a.coderdemo.io is deleted without having been retired"]


def test_dns_3_an_address_that_goes_beside_another_is_a_deletion() -> None:
    two = (at("A"), at("AAAA"), Before(zone="coderdemo.io", host="b.coderdemo.io", target=LB, ttl_seconds=60))
    assert [one.problem.partition(",")[0] for one in changed(two, A)] == [
        "2 records deleted in one change of coderdemo.io"
    ]
