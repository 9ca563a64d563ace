"""dns-records: every host and its wildcard leads to its own region, and nothing else is touched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.dns_records import DNS_RECORDS
from policies.framework.policy import StackConfig
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.declared import record
from tests.policies.expecting import empty, exemption, missing, refused, sandbox, unknown, wrong_type
from workshop.model.plan.plan import make_plan
from workshop.model.zones.read import read_zones

ZONE_FILE = """
zone: coderdemo.io
domains: [coderdemo.io]
destinations: [example.net, 198.41.128.0/24, "2606:4700::/32"]
records:
  - host: demo.coderdemo.io
    region: us-east-2
  - host: shop.coderdemo.io
    target: shop.example.net
    proxied: true
  - host: two.coderdemo.io
    target: 198.41.128.7
  - host: two.coderdemo.io
    target: 2606:4700::7
    retiring: true
"""
OHIO = "coder-ohio.elb.us-east-2.amazonaws.com"
DOMAINS = {"domains": ["ai.coder.com"]}


def found(problem: str, fix: str, why: str | None = None) -> str:
    return refused(DNS_RECORDS, problem, fix, why)


def every_record() -> list[Resource]:
    return [
        record(name, str(region.load_balancer_host))
        for region in sandbox().settings.regions
        for name in (region.domain, f"*.{region.domain}")
    ]


def with_zone_file() -> StackConfig:
    """The sandbox's settings with a zone file beside them."""
    settings = sandbox().settings
    return StackConfig(settings=settings, plan=make_plan(settings, read_zones({"zones/coderdemo.io.yaml": ZONE_FILE})))


def of_zone_file() -> list[Resource]:
    """Its records as components declare them."""
    two = record("two.coderdemo.io", "198.41.128.7").with_input("type", "A")
    return [
        record("demo.coderdemo.io"),
        record("shop.coderdemo.io", "shop.example.net").with_input("ttl", 1).with_input("proxied", True),
        two,
        replace(
            two.with_input("type", "AAAA").with_input("content", "2606:4700::7"),
            name="two.coderdemo.io-aaaa",
            protect=False,
        ),
    ]


def test_pass_with_the_records_of_a_zone_file() -> None:
    assert judge(DNS_RECORDS, *every_record(), *of_zone_file(), stack=with_zone_file) == []
    other_domain = {"domains": ["ai.coder.com"]}
    assert judge(DNS_RECORDS, *every_record(), *of_zone_file(), stack=with_zone_file, config=other_domain) == []


def test_fail_on_another_target_than_the_zone_file_has() -> None:
    elsewhere = of_zone_file()
    elsewhere[1] = elsewhere[1].with_input("content", "shop.example.org")

    assert judge(DNS_RECORDS, *every_record(), *elsewhere, stack=with_zone_file) == [
        found(
            "'shop.coderdemo.io' points to 'shop.example.org', zones/coderdemo.io.yaml:8 says shop.example.net",
            "set content to shop.example.net",
        )
    ]


def test_fail_on_what_the_zone_file_does_not_allow() -> None:
    demo, shop, two, six = of_zone_file()
    wrong = [demo.with_input("proxied", True), replace(shop, protect=False), two.with_input("ttl", 1), six]

    assert judge(DNS_RECORDS, *every_record(), *wrong, stack=with_zone_file) == [
        found(
            "proxied is true, must be false",
            "set proxied to false",
            "TLS ends at the cluster; Cloudflare has no certificate for wildcards below a subdomain",
        ),
        found(
            "the record is not protected",
            "declare it with protect=True",
            "dropping it from the program would delete the host",
        ),
        found("ttl is 1, must be 60 to 3600 seconds", "set ttl to 300"),
    ]


def test_missing_record_of_a_zone_file() -> None:
    assert judge(DNS_RECORDS, *every_record(), *of_zone_file()[:-1], stack=with_zone_file) == [
        found("'two.coderdemo.io' has no record", "declare its AAAA record, with content 2606:4700::7")
    ]


def test_pass_with_every_host_and_wildcard() -> None:
    assert judge(DNS_RECORDS, *every_record(), stack=sandbox) == []
    assert judge(DNS_RECORDS, record("AI.coder.com."), record("*.ai.coder.com"), config=DOMAINS) == []


def test_fail_on_another_region_s_load_balancer() -> None:
    oregon = "coder-oregon.elb.us-west-2.amazonaws.com"
    swapped = [record("ai.coder.com", oregon), *every_record()[1:]]

    assert judge(DNS_RECORDS, *swapped, stack=sandbox) == [
        found(f"'ai.coder.com' points to '{oregon}', us-east-2's load balancer is {OHIO}", f"set content to {OHIO}")
    ]


def test_fail_without_protection() -> None:
    assert judge(DNS_RECORDS, replace(record(), protect=False)) == [
        found(
            "the record is not protected",
            "declare it with protect=True",
            "dropping it from the program would delete the host",
        )
    ]


def test_fail_on_names_of_others_and_names_that_hide_apps() -> None:
    assert judge(DNS_RECORDS, record("www.coder.com"), config=DOMAINS) == [
        found(
            "'www.coder.com' is not in ai.coder.com",
            "remove it, or name its domain in the settings",
            "records of others are not touched",
        )
    ]
    assert judge(DNS_RECORDS, record("apps.ai.coder.com"), config=DOMAINS) == [
        found(
            "'apps.ai.coder.com' hides part of *.ai.coder.com",
            "remove it, or give the host another parent domain",
            "workspace apps under it would lead elsewhere",
        )
    ]


def test_fail_behind_the_proxy() -> None:
    assert judge(DNS_RECORDS, record().with_input("proxied", True)) == [
        found(
            "proxied is true, must be false",
            "set proxied to false",
            "TLS ends at the cluster; Cloudflare has no certificate for wildcards below a subdomain",
        )
    ]


def test_fail_on_records_that_cannot_stand_side_by_side() -> None:
    beside = replace(record(target="198.41.128.7").with_input("type", "A"), name="beside")

    assert judge(DNS_RECORDS, record(), beside) == [
        found(
            "'ai.coder.com' has a CNAME beside another record",
            "keep one record for the name",
            "Cloudflare refuses one of them, and the change is partially applied",
        )
    ]
    both = [
        record(target="198.41.128.7").with_input("type", "A"),
        replace(record(target="2606:4700::1").with_input("type", "AAAA"), name="v6"),
    ]
    assert judge(DNS_RECORDS, *both) == []


CNAME_FIX = "give it a load balancer's host; an IPv4 address needs an A record, an IPv6 address an AAAA record"


@pytest.mark.parametrize(
    ("kind", "target", "fix"),
    [
        ("CNAME", "balancer", CNAME_FIX),
        ("CNAME", "203.0.113", CNAME_FIX),
        ("CNAME", "0x7f.0x1", CNAME_FIX),
        ("CNAME", "10.0.0.1", CNAME_FIX),
        ("A", OHIO, "give it an IPv4 address; a host needs a CNAME, an IPv6 address an AAAA record"),
        ("A", "fd00::1", "give it an IPv4 address; a host needs a CNAME, an IPv6 address an AAAA record"),
        ("AAAA", "10.0.0.1", "give it an IPv6 address; a host needs a CNAME, an IPv4 address an A record"),
    ],
)
def test_fail_on_content_that_a_record_cannot_have(kind: str, target: str, fix: str) -> None:
    assert judge(DNS_RECORDS, record(target=target).with_input("type", kind)) == [
        found(
            f"content is '{target}', not a valid target of a {kind} record",
            fix,
        )
    ]


def test_fail_on_kinds_that_are_no_hosts() -> None:
    assert judge(DNS_RECORDS, record().with_input("type", "TXT")) == [
        found("type is 'TXT', must be one of A, AAAA, CNAME", "declare hosts only")
    ]


@pytest.mark.parametrize(("ttl", "is_legal"), [(59, False), (60, True), (3600, True), (3601, False), (1, False)])
def test_boundary_of_ttl(ttl: int, is_legal: bool) -> None:
    problem = found(f"ttl is {ttl}, must be 60 to 3600 seconds", "set ttl to 300")

    assert judge(DNS_RECORDS, record().with_input("ttl", ttl)) == ([] if is_legal else [problem])


def test_unknown_target() -> None:
    assert judge(DNS_RECORDS, record(target=UNKNOWN)) == [unknown(DNS_RECORDS, "content")]


def test_missing_record_of_the_plan() -> None:
    assert judge(DNS_RECORDS, *every_record()[:-1], stack=sandbox) == [
        found(
            "'*.emea-proxy.ai.coder.com' has no record",
            "declare its CNAME record, with content coder-london.elb.eu-west-2.amazonaws.com",
            "participants of eu-west-2 reach another region or nothing",
        )
    ]
    assert judge(DNS_RECORDS, stack=lambda: sandbox(20, ("workshop:scope", "registry"))) == []


def test_missing_target_and_ttl() -> None:
    assert judge(DNS_RECORDS, record().without_input("content")) == [missing(DNS_RECORDS, "content")]
    assert judge(DNS_RECORDS, record().without_input("ttl")) == [missing(DNS_RECORDS, "ttl")]


def test_wrong_type_of_ttl_and_name() -> None:
    assert judge(DNS_RECORDS, record().with_input("ttl", "300")) == [
        wrong_type(DNS_RECORDS, "ttl", "the text '300'", "a number")
    ]
    assert judge(DNS_RECORDS, replace(record().with_input("name", "ai"), name="ai"))[0] == wrong_type(
        DNS_RECORDS, "name", "'ai'", "a whole domain name"
    )


def test_empty_target() -> None:
    assert judge(DNS_RECORDS, record(target="")) == [empty(DNS_RECORDS, "content")]


def test_exempt() -> None:
    bare = replace(record(), protect=False)

    assert judge(DNS_RECORDS, bare, exemptions=[exemption(DNS_RECORDS, bare)]) == []
    rest = every_record()[:-1]
    assert judge(DNS_RECORDS, *rest, stack=sandbox, exemptions=[exemption(DNS_RECORDS, "the stack")]) == []


def test_records_of_the_provider_s_older_kind_have_a_value() -> None:
    older = Resource(
        type="cloudflare:index/record:Record",
        name="ai.coder.com",
        inputs={"name": "ai.coder.com.", "type": "CNAME", "value": "elsewhere.example.net.", "ttl": 300},
        protect=True,
    )
    leads = f"'ai.coder.com' points to 'elsewhere.example.net', us-east-2's load balancer is {OHIO}"
    assert leads in " ".join(judge(DNS_RECORDS, older, stack=sandbox))
    assert judge(DNS_RECORDS, older.with_input("value", f"{OHIO}.")) == []


def test_other_kinds_of_records_are_told_what_to_declare() -> None:
    text = record().with_input("type", "TXT").with_input("content", "198.41.128.7")
    assert found(
        "content is '198.41.128.7', not a valid target of a TXT record", "declare a CNAME, A or AAAA record"
    ) in judge(DNS_RECORDS, text)


def test_the_nearest_wildcard_is_named_and_all_domains_are() -> None:
    config = {"domains": ["coder.com", "ai.coder.com"]}
    assert judge(DNS_RECORDS, record("x.ai.coder.com"), config=config) == [
        found(
            "'x.ai.coder.com' hides part of *.ai.coder.com",
            "remove it, or give the host another parent domain",
            "workspace apps under it would lead elsewhere",
        )
    ]
    assert judge(DNS_RECORDS, record("example.net"), config=config) == [
        found(
            "'example.net' is not in ai.coder.com, coder.com",
            "remove it, or name its domain in the settings",
            "records of others are not touched",
        )
    ]


def test_an_alias_after_an_address_is_refused_too() -> None:
    address = record("x.example.net", "198.41.128.7").with_input("type", "A")
    alias = replace(record("x.example.net"), name="alias")
    for pair in ((address, alias), (alias, address)):
        assert "'x.example.net' has a CNAME beside another record" in " ".join(judge(DNS_RECORDS, *pair))
