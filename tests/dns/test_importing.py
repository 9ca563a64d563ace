"""From the records that a zone has to a file that says the same: what is taken, what is left alone, and why."""

from __future__ import annotations

import pytest

from tests.model.given import settings
from workshop.dns.importing import Import, import_records, render
from workshop.model.names import MARK
from workshop.model.observations import ExistingRecord
from workshop.model.zones.file import Zone

ID = "1" * 32
LB = "coder-ohio.elb.us-east-2.amazonaws.com"


def record(
    name: str, content: str = LB, type: str = "CNAME", ttl: int = 300, *, proxied: bool = False, comment: str = ""
) -> ExistingRecord:
    return ExistingRecord(
        zone="coderdemo.io",
        id=f"id-of-{name}-{type}",
        name=name,
        type=type,
        content=content,
        ttl_seconds=ttl,
        is_proxied=proxied,
        comment=comment,
    )


def imported(*records: ExistingRecord, **zone: object) -> Import:
    given = settings(zones={"coderdemo.io": ID})
    asked = Zone.model_validate({"zone": "coderdemo.io", "domains": ["coderdemo.io"], **zone})
    return import_records(asked, records, given)


def reasons(*records: ExistingRecord, **zone: object) -> dict[str, str]:
    return {f"{one.name} {one.type}": why for one, why in imported(*records, **zone).untouched}


def test_what_a_file_can_say_exactly_is_taken() -> None:
    taken = imported(
        record("b.coderdemo.io", f"{LB.upper()}.", ttl=60, comment="f\u00fcr uns"),
        record("a.coderdemo.io", "198.41.128.7", "A"),
        record("a.coderdemo.io", "2606:4700::1", "AAAA"),
        record("www.coderdemo.io", "shop.example.com", ttl=1, proxied=True),
        record("c.coderdemo.io", "b.coderdemo.io"),
        destinations=["example.org"],
    )

    assert taken.untouched == ()
    assert taken.adopt == {
        "a.coderdemo.io": f"{ID}/id-of-a.coderdemo.io-A",
        "a.coderdemo.io-aaaa": f"{ID}/id-of-a.coderdemo.io-AAAA",
        "b.coderdemo.io": f"{ID}/id-of-b.coderdemo.io-CNAME",
        "c.coderdemo.io": f"{ID}/id-of-c.coderdemo.io-CNAME",
        "www.coderdemo.io": f"{ID}/id-of-www.coderdemo.io-CNAME",
    }
    assert taken.text == (
        "# yaml-language-server: $schema=zone.schema.json\n"
        "zone: coderdemo.io\n"
        "domains:\n"
        "- coderdemo.io\n"
        "destinations:\n"
        "- example.org\n"
        "- 198.41.128.7/32\n"
        "- 2606:4700::1/128\n"
        f"- {LB}\n"
        "- shop.example.com\n"
        "records:\n"
        "- host: a.coderdemo.io\n"
        "  target: 198.41.128.7\n"
        "- host: a.coderdemo.io\n"
        "  target: 2606:4700::1\n"
        "- host: b.coderdemo.io\n"
        f"  target: {LB}\n"
        "  ttl: 60\n"
        "  comment: f\u00fcr uns\n"
        "- host: c.coderdemo.io\n"
        "  target: b.coderdemo.io\n"
        "- host: www.coderdemo.io\n"
        "  target: shop.example.com\n"
        "  proxied: true\n"
    )


@pytest.mark.parametrize(
    ("left", "why"),
    [
        (record("a.coderdemo.io", "v=spf1", "TXT"), "TXT records are not managed"),
        (
            record("a.coderdemo.io", comment=f"us ({MARK})"),
            f"this stack owns it already, without an entry (us ({MARK}))",
        ),
        (record("a.coderdemo.io", comment=f"{MARK}/dns"), f"another stack owns it ({MARK}/dns)"),
        (
            record("a.coderdemo.io", ttl=86_400),
            "a zone file can't express it: ttl 86400: Input should be less than or equal to 3600",
        ),
        (record("a.coderdemo.io", "198.41.128.7"), "198.41.128.7 is no CNAME target"),
        (record("ai.coder.com"), "its host comes from workshop:regions; adopt it under that name"),
        (record("*.ai.coder.com"), "its host comes from workshop:regions; adopt it under that name"),
    ],
)
def test_what_is_left_alone(left: ExistingRecord, why: str) -> None:
    told = imported(left)
    assert told.untouched == ((left, why),)
    assert told.adopt == {}
    assert told.text.endswith("records: []\n")


def test_what_shares_its_name_is_left_alone() -> None:
    two = (record("a.coderdemo.io", "198.41.128.8", "A"), record("a.coderdemo.io", "198.41.128.7", "A"))
    assert [why for _, why in imported(*two).untouched] == ["several A records share the name"] * 2
    of_a_region = (record("ai.coder.com", "198.41.128.8", "A"), record("ai.coder.com", "198.41.128.7", "A"))
    assert {why for _, why in imported(*of_a_region).untouched} == {
        "its host comes from workshop:regions, as a CNAME: this A record has to go first"
    }


def test_dns_10_a_type_that_is_not_managed_is_the_reason_whatever_else_holds() -> None:
    two = (record("a.coderdemo.io", "v=1", "TXT"), record("a.coderdemo.io", "v=2", "TXT"))
    assert {why for _, why in imported(*two).untouched} == {"TXT records are not managed"}
    assert reasons(record("ai.coder.com", "x", "TXT")) == {"ai.coder.com TXT": "TXT records are not managed"}
    ours = record("a.coderdemo.io", "x", "MX", comment=f"({MARK})")
    assert reasons(ours) == {"a.coderdemo.io MX": "MX records are not managed"}


def test_dns_10_what_lies_at_or_below_an_ns_cut_is_left_alone() -> None:
    cut = "the NS records of b.coderdemo.io give it to other name servers, which answer in its place"
    told = imported(
        record("b.coderdemo.io", "ns1.example.com", "NS"),
        record("b.coderdemo.io", "ns2.example.com", "NS"),
        record("b.coderdemo.io", "198.41.128.7", "A"),
        record("x.b.coderdemo.io"),
        record("*.b.coderdemo.io"),
        record("deep.x.b.coderdemo.io", "2606:4700::7", "AAAA"),
        record("notb.coderdemo.io"),
        record("coderdemo.io", "ada.ns.cloudflare.com", "NS"),
    )
    assert list(told.adopt) == ["notb.coderdemo.io"]
    whys = [why for one, why in told.untouched if one.type != "NS"]
    assert whys == [cut] * 4
    assert {why for one, why in told.untouched if one.type == "NS"} == {"NS records are not managed"}


def test_what_the_rules_refuse_is_left_alone_and_the_rest_is_judged_again() -> None:
    assert reasons(
        record("c.coderdemo.io", "b.coderdemo.io"),
        record("b.coderdemo.io", "a.coderdemo.io"),
        record("a.coderdemo.io", "gone.coderdemo.io"),
        record("a.example.com"),
        record("kept.coderdemo.io", "198.41.128.7", "A"),
    ) == {
        "a.coderdemo.io CNAME": "a.coderdemo.io points to gone.coderdemo.io, which has no record; it would not resolve",
        "a.example.com CNAME": "a.example.com is not at or under coderdemo.io; undeclared records are left untouched",
        "b.coderdemo.io CNAME": "b.coderdemo.io points to a.coderdemo.io, which has no record; it would not resolve",
        "c.coderdemo.io CNAME": "c.coderdemo.io points to b.coderdemo.io, which has no record; it would not resolve",
    }


def test_what_is_left_alone_is_told_in_order() -> None:
    told = imported(*(record(name, "x", type) for name, type in (("b.coderdemo.io", "TXT"), ("a.coderdemo.io", "TXT"))))
    assert [one.name for one, _ in told.untouched] == ["a.coderdemo.io", "b.coderdemo.io"]
    mixed = imported(*(record("a.coderdemo.io", "x", type) for type in ("TXT", "MX")))
    assert [one.type for one, _ in mixed.untouched] == ["MX", "TXT"]


def test_a_long_comment_stays_on_its_line() -> None:
    comment = "word " * 11
    zone = Zone.model_validate(
        {
            "zone": "coderdemo.io",
            "domains": ["coderdemo.io"],
            "records": [{"host": f"{'a' * 40}.coderdemo.io", "region": "us-east-2", "comment": comment.strip()}],
        }
    )
    assert f"  comment: {comment.strip()}\n" in render(zone)


def test_a_file_that_is_there_keeps_what_it_says() -> None:
    text = "# ours\nzone: coderdemo.io\ndomains: [ coderdemo.io ] # all\n# An entry:\nrecords: [] # none yet\n"
    zone = Zone.model_validate({"zone": "coderdemo.io", "domains": ["coderdemo.io"]})
    given = settings(zones={"coderdemo.io": ID})
    assert import_records(zone, [record("a.coderdemo.io", ttl=60)], given, text).text == (
        "# ours\nzone: coderdemo.io\ndomains: [ coderdemo.io ] # all\n# An entry:\nrecords: # none yet\n"
        f"  - host: a.coderdemo.io\n    target: {LB}\n    ttl: 60\ndestinations:\n- {LB}\n"
    )
