"""What hides names from a wildcard: names between, other regions, and what others have at Cloudflare."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.dns.bad_changes import HEAD, existing, records, was
from tests.dns.test_bad_changes import ZONES, plan_of
from tests.model.given import NO_ANSWER, found, observe, regions, settings
from workshop.model.observations import ExistingRecord
from workshop.model.plan.plan import make_plan
from workshop.model.rules.observations import zone_neighbours
from workshop.model.rules.settings import zone_shadowing
from workshop.model.zones.wildcards import hidden_part


@pytest.mark.parametrize(
    ("host", "hosts", "hidden"),
    [
        ("a.x.io", {"*.x.io"}, ("*.x.io", "a.x.io")),
        ("a.x.io", {"*.x.io", "a.x.io", "*.a.x.io"}, None),
        ("a.x.io", {"*.x.io", "a.x.io"}, ("*.x.io", "a.x.io")),
        ("*.a.x.io", {"*.x.io", "*.a.x.io"}, ("*.x.io", "a.x.io")),
        ("b.a.x.io", {"*.x.io", "b.a.x.io", "*.b.a.x.io"}, ("*.x.io", "a.x.io")),
        ("b.a.x.io", {"*.x.io", "b.a.x.io", "*.b.a.x.io", "a.x.io", "*.a.x.io"}, None),
        ("c.b.a.x.io", {"*.x.io", "c.b.a.x.io", "*.c.b.a.x.io", "a.x.io", "*.a.x.io"}, ("*.a.x.io", "b.a.x.io")),
        ("x.io", {"*.x.io"}, None),
        ("*.x.io", {"*.x.io"}, None),
        ("a.x.io", set[str](), None),
        ("ax.io", {"*.x.io"}, None),
    ],
)
def test_dns_6_a_name_hides_what_the_nearest_wildcard_would_answer(
    host: str, hosts: set[str], hidden: tuple[str, str] | None
) -> None:
    assert hidden_part(host, hosts, hosts) == hidden


def shadows(*lines: str) -> list[tuple[str, str]]:
    plan = plan_of(records(*lines, head=f"{HEAD}destinations: [example.com]\n"))
    return [(one.problem, one.fix) for one in zone_shadowing.check(settings(zones=ZONES), plan)]


def leads(host: str, to: str = "region: us-east-2") -> str:
    return f'- {{host: "{host}", {to}}}'


OREGON = "region: us-west-2"


def test_dns_6_an_empty_name_between_hides_part_of_the_wildcard() -> None:
    pair = (leads("b.a.coderdemo.io"), leads("*.b.a.coderdemo.io"))
    fix = "remove it, declare a.coderdemo.io and *.a.coderdemo.io together, or use another parent domain"
    assert shadows(leads("*.coderdemo.io"), *pair) == [
        ("b.a.coderdemo.io hides part of *.coderdemo.io", fix),
        ("*.b.a.coderdemo.io hides part of *.coderdemo.io", fix),
    ]
    assert shadows(leads("*.coderdemo.io"), *pair, leads("a.coderdemo.io"), leads("*.a.coderdemo.io")) == []


def test_dns_6_a_regions_domain_hides_no_part_of_anothers_wildcard() -> None:
    given = settings(regions=regions({1: {"domain": "oregon.proxies.ai.coder.com"}}))
    told = [one.problem for one in zone_shadowing.check(given, make_plan(given))]
    assert told == [
        "oregon.proxies.ai.coder.com hides part of *.ai.coder.com",
        "*.oregon.proxies.ai.coder.com hides part of *.ai.coder.com",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        (leads("a.coderdemo.io"), leads("*.a.coderdemo.io", OREGON)),
        (leads("*.a.coderdemo.io", OREGON), leads("a.coderdemo.io")),
        (leads("a.coderdemo.io", "target: ai.coder.com"), leads("*.a.coderdemo.io", OREGON)),
        (
            leads("a.coderdemo.io", "target: b.coderdemo.io"),
            leads("*.a.coderdemo.io", OREGON),
            leads("b.coderdemo.io"),
        ),
    ],
    ids=["regions", "the-other-way-round", "a-regions-host", "an-alias"],
)
def test_dns_6_a_host_and_its_wildcard_lead_to_one_region(lines: tuple[str, ...]) -> None:
    assert [problem for problem, _ in shadows(*lines)] == [
        "*.a.coderdemo.io leads to us-west-2, a.coderdemo.io to us-east-2"
    ]


def test_dns_6_one_region_or_none_passes() -> None:
    assert shadows(leads("a.coderdemo.io"), leads("*.a.coderdemo.io")) == []
    assert shadows(leads("a.coderdemo.io", "target: x.example.com"), leads("*.a.coderdemo.io")) == []
    loop = (leads("a.coderdemo.io", "target: b.coderdemo.io"), leads("b.coderdemo.io", "target: a.coderdemo.io"))
    assert shadows(*loop, leads("*.a.coderdemo.io")) == []


def beside(there: tuple[ExistingRecord, ...], *lines: str) -> list[tuple[str, str]]:
    given, plan = settings(zones=ZONES), plan_of(records(*lines))
    observations = replace(observe(given), records=found(there))
    return [(one.resource, one.problem) for one in zone_neighbours.check(given, plan, observations)]


def theirs(name: str, type: str = "A") -> ExistingRecord:
    return replace(existing(was(name)), comment="theirs", type=type)


PLACE = "zones/coderdemo.io.yaml:4"
CUT = "is at or below a.coderdemo.io, which NS records give to other name servers"


@pytest.mark.parametrize("host", ["a.coderdemo.io", "x.a.coderdemo.io", "*.a.coderdemo.io", "y.x.a.coderdemo.io"])
def test_dns_6_a_record_at_or_below_an_ns_cut_is_refused(host: str) -> None:
    cut = (theirs("a.coderdemo.io", "NS"),)
    assert beside(cut, leads(host)) == [(PLACE, f"{host} {CUT}")]
    assert beside((*cut, existing(was(host))), leads(host)) == [(PLACE, f"{host} {CUT}")]


def test_dns_6_the_zones_own_name_servers_cut_nothing() -> None:
    apex = theirs("coderdemo.io", "NS")
    assert beside((apex, theirs("b.coderdemo.io", "NS")), leads("a.coderdemo.io"), leads("ab.coderdemo.io")) == []


HIDES = "hides part of *.coderdemo.io, which Cloudflare has and this stack does not declare"


@pytest.mark.parametrize("type", ["A", "CNAME", "TXT", "MX"])
def test_dns_6_a_record_below_somebodys_wildcard_is_refused(type: str) -> None:
    wildcard = (theirs("*.coderdemo.io", type),)
    assert beside(wildcard, leads("a.coderdemo.io")) == [(PLACE, f"a.coderdemo.io {HIDES}")]
    assert [problem for _, problem in beside(wildcard, leads("b.a.coderdemo.io"), leads("*.b.a.coderdemo.io"))] == [
        f"b.a.coderdemo.io {HIDES}",
        f"*.b.a.coderdemo.io {HIDES}",
    ]


def test_dns_6_what_has_a_wildcard_of_its_own_or_is_there_already_passes() -> None:
    wildcard = theirs("*.coderdemo.io")
    assert beside((wildcard,), leads("a.coderdemo.io"), leads("*.a.coderdemo.io")) == []
    assert beside((wildcard, existing(was("a.coderdemo.io"))), leads("a.coderdemo.io")) == []
    assert beside((existing(was("*.coderdemo.io")),), leads("a.coderdemo.io")) == []
    assert beside((theirs("*.other.coderdemo.io"),), leads("a.coderdemo.io")) == []
    assert beside((wildcard,), leads("*.coderdemo.io")) == []


def test_dns_6_without_an_answer_or_records_nothing_is_compared() -> None:
    given, plan = settings(zones=ZONES), plan_of(records(leads("a.coderdemo.io")))
    there = found((theirs("*.coderdemo.io"),))
    assert list(zone_neighbours.check(given, plan, replace(observe(given), records=NO_ANSWER))) == []
    others = settings(zones=ZONES, scope="registry")
    assert list(zone_neighbours.check(others, plan, replace(observe(given), records=there))) == []
