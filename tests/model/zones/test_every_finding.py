"""What a wrong zone file, or a wrong change of one, is told, in full: __snapshots__ is what a reviewer reads.

`pytest --snapshot-update tests/model/zones/test_every_finding.py` writes them anew.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.dns.bad_changes import BAD_CHANGES, HEAD, LB, OREGON, records, was
from tests.dns.test_bad_changes import ZONES, findings_before_look_ups, reviewed
from tests.model.given import regions, settings
from workshop.model.findings import Refused, line
from workshop.model.plan.plan import Plan, make_plan
from workshop.model.rules.judgement import judge_settings
from workshop.model.rules.observations.zone_changes import judge_changes
from workshop.model.settings.stack import Settings
from workshop.model.zones.changes import Before, planned_before
from workshop.model.zones.plan import PlannedRecord
from workshop.model.zones.read import LOCK, read_zones, write_lock

CODER = "zone: coder.com\ndomains: [ai.coder.com]\n"
DOMAIN_OF_253 = ".".join(("a" * 63, "b" * 63, "c" * 63, "d" * 48, "coderdemo.io"))
LETTERS_254 = DOMAIN_OF_253.replace("d.coder", "dd.coder")


def text_of(**keys: object) -> str:
    return HEAD + "".join(f"{key}: {value}\n" for key, value in keys.items())


def leads(target: str, head: str = HEAD) -> str:
    return records(f"- {{host: a.coderdemo.io, target: '{target}'}}", head=head)


def host(name: str) -> str:
    return records(f"- {{host: '{name}', region: us-east-2}}")


FILES: dict[str, str] = {
    "nothing at all": "",
    "a list": "- a\n",
    "too long": "#" * 200_001,
    "an impossible letter": "a: \x00",
    "no domains": "zone: coderdemo.io\ndomains: []\n",
    "an unknown key": text_of(record="[]"),
    "an unknown limit": text_of(limits="{deletion: 1}"),
    "limits out of range": text_of(limits="{deletions: -1, changed_targets: 1001}"),
    "limits in words": text_of(limits="{deletions: many}"),
    "a short domain": "zone: io\ndomains: [io]\n",
    "one label": host("coderdemo"),
    "a host of 253 letters": host(DOMAIN_OF_253),
    "a host of 254 letters": host(LETTERS_254),
    "a dash at an end": host("a-.coderdemo.io"),
    "an empty label": host("a..coderdemo.io"),
    "a long unprintable host": host("a" * 60 + "\u200b"),
    "a host of 60 letters": host("A" * 60),
    "a host of 61 letters": host("A" * 61),
    "a number as host": records("- {host: [1, \u00e4], region: us-east-2}"),
    "an unnamed letter": host("\ue000.coderdemo.io"),
    "a TTL just too short": records("- {host: a.coderdemo.io, region: us-east-2, ttl: 59}"),
    "a TTL just too long": records("- {host: a.coderdemo.io, region: us-east-2, ttl: 3601}"),
    "a domain of 254 letters": f"zone: coderdemo.io\ndomains: [{LETTERS_254}]\n",
    "a destination of 254 letters": text_of(destinations=f"[{LETTERS_254}]"),
    "a wildcard of 255 letters": host(f"*.{DOMAIN_OF_253}"),
    "a wildcard of 256 letters": host(f"*.{LETTERS_254}"),
    "an empty comment": records("- {host: a.coderdemo.io, region: us-east-2, comment: ''}"),
    "a long comment": records(f"- {{host: a.coderdemo.io, region: us-east-2, comment: {'a' * 61}}}"),
    "an empty target": leads(""),
    "a target of one letter": leads("a"),
    "a target of two letters": leads("aa"),
    "a target of 254 letters": leads(LETTERS_254),
    "an address that is written otherwise": leads("2001:DB8:0::1"),
    **{
        f"the address {address}": leads(address)
        for address in (
            "169.254.1.1",
            "224.0.0.1",
            "0.0.0.0",
            "172.16.0.1",
            "192.168.0.1",
            "100.64.0.1",
            "fc00::1",
        )
    },
    "no network": text_of(destinations="[10.0.0.0/33]"),
    "a network with an address in it": text_of(destinations="[198.41.128.7/24]"),
    "a destination with a path": text_of(destinations="[example.com/a]"),
    "a destination of one letter": text_of(destinations="[a]"),
    "a destination of two letters": text_of(destinations="[aa]"),
    "wrong in two places": records("- {host: A.coderdemo.io, region: us-east-2}", "- {host: b.coderdemo.io}"),
    "a certificate's wildcard": host("*._acme-challenge.coderdemo.io"),
    "a domain below the zone that is not listed": records(
        "- {host: '*.b.coderdemo.io', region: us-east-2}", head="zone: coderdemo.io\ndomains: [a.coderdemo.io]\n"
    ),
    "two domains and a host under neither": records(
        "- {host: c.coderdemo.io, region: us-east-2}",
        head="zone: coderdemo.io\ndomains: [a.coderdemo.io, b.coderdemo.io]\n",
    ),
    "a proxied host two labels below its zone": records("- {host: a.b.coderdemo.io, region: us-east-2, proxied: true}"),
    "a circle of three": records(
        "- {host: a.coderdemo.io, target: b.coderdemo.io}",
        "- {host: b.coderdemo.io, target: c.coderdemo.io}",
        "- {host: c.coderdemo.io, target: a.coderdemo.io}",
    ),
    "a circle through two wildcards": records(
        "- {host: '*.a.coderdemo.io', target: x.b.coderdemo.io}",
        "- {host: a.coderdemo.io, region: us-east-2}",
        "- {host: '*.b.coderdemo.io', target: y.a.coderdemo.io}",
        "- {host: b.coderdemo.io, region: us-east-2}",
    ),
    "a way into a circle": records(
        "- {host: a.coderdemo.io, target: b.coderdemo.io}", "- {host: b.coderdemo.io, target: b.coderdemo.io}"
    ),
    "the zone itself as a CNAME": records(
        "- {host: coderdemo.io, target: example.com}", head=f"{HEAD}destinations: [example.com]\n"
    ),
    "an IPv6 address out of all destinations": leads(
        "2606:4700::1", f"{HEAD}destinations: [198.41.128.0/24, example.com]\n"
    ),
    "a name where only a network is allowed": leads("example.com", f"{HEAD}destinations: [198.41.128.0/24]\n"),
}
TAKEN: dict[str, str] = {
    "an IPv6 address": leads("2606:4700::1", f"{HEAD}destinations: ['2606:4700::/32']\n"),
    "both kinds of address": records(
        "- {host: a.coderdemo.io, target: 198.41.128.7, ttl: 60}",
        "- {host: a.coderdemo.io, target: '2606:4700::1', ttl: 3600}",
        head=f"{HEAD}destinations: [198.41.128.0/24, '2606:4700::/32']\n",
    ),
    "a name below a destination": leads("a.example.com", f"{HEAD}destinations: [example.com]\n"),
    "a name below a wildcard": records(
        "- {host: a.coderdemo.io, target: x.b.coderdemo.io}",
        "- {host: b.coderdemo.io, region: us-east-2}",
        "- {host: '*.b.coderdemo.io', region: us-east-2, retiring: true, comment: for us}",
    ),
    "a host right below its zone behind the proxy": records(
        "- {host: a.coderdemo.io, region: us-east-2, proxied: true}",
        "- {host: coderdemo.io, target: 198.41.128.7, proxied: true}",
        head=f"{HEAD}destinations: [198.41.128.0/24]\nmust_exist: [a.coderdemo.io]\n",
    ),
    "a load balancer by its name": leads(OREGON),
    "the shortest names": records(
        "- {host: a.b, target: 198.41.128.7}", head="zone: a.b\ndomains: [a.b]\ndestinations: [198.41.128.0/24]\n"
    ),
    "a domain within another": "zone: coderdemo.io\ndomains: [a.coderdemo.io, coderdemo.io]\n",
}


def told(text: str, given: Settings | None = None) -> list[str]:
    given = given or settings(zones={**ZONES, "a.b": "3" * 32})
    try:
        zone = text.partition("zone: ")[2].partition("\n")[0] or "coderdemo.io"
        plan = make_plan(given, reviewed(text, f"zones/{zone}.yaml"))
    except Refused as refused:
        return [line(one) for one in refused.findings]
    return [line(one) for one in judge_settings(given, plan)]


def test_a_host_without_its_load_balancer_leads_in_no_circle() -> None:
    given = settings(zones=ZONES, regions=regions({0: {"load_balancer_host": None}}))
    assert [one.partition("]")[0] for one in told(leads("ai.coder.com"), given)] == ["[settings-complete, not judged"]


def test_every_bad_change(snapshot: SnapshotAssertion) -> None:
    assert {change.name: [line(one) for one in findings_before_look_ups(change)] for change in BAD_CHANGES} == snapshot


def test_every_wrong_file(snapshot: SnapshotAssertion) -> None:
    assert {name: told(text) for name, text in FILES.items()} == snapshot


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN)
def test_what_needs_no_mending_is_taken(text: str) -> None:
    assert told(text) == []


def test_what_is_planned_of_good_files(snapshot: SnapshotAssertion) -> None:
    """Every field of each record: what is declared, and where it is asked for."""
    given = settings(zones=ZONES, adopt={"a.coderdemo.io-aaaa": "1/2"}, zone={"name": "coder.com", "ttl_seconds": 60})

    def planned(text: str) -> dict[str, object]:
        dns = make_plan(given, reviewed(text)).dns
        return {
            "records": [_fields(record) for record in dns.records if not record.is_regions],
            "domains": dns.domains,
            "zones": dns.zones,
            "served": sorted(dns.served),
        }

    assert {name: planned(text) for name, text in TAKEN.items() if "shortest" not in name} == snapshot
    assert [_fields(record) for record in make_plan(given).dns.records] == snapshot(name="regions")
    assert make_plan(given).dns.file("coderdemo.io") is None


def _fields(record: PlannedRecord) -> dict[str, object]:
    return {**vars(record), "group": record.group}


def test_a_reviewed_file_is_told_from_another() -> None:
    text, other = host("a.coderdemo.io"), host("b.coderdemo.io")
    path = "zones/coderdemo.io.yaml"

    def told_with(lock: str) -> list[str]:
        given = settings(zones=ZONES)
        return [line(one) for one in judge_settings(given, make_plan(given, read_zones({path: text, LOCK: lock})))]

    refused = (
        "[zone-lock] zones/coderdemo.io.yaml:1: its checksum is {}..., zones/zones.lock has {}; it was "
        "changed after it was reviewed, or not reviewed yet: scripts/workshop dns lock, and commit both files together"
    )
    own, others = (write_lock(read_zones({path: one}))[:12] for one in (text, other))
    assert told_with("") == [refused.format(own, "none")]
    assert told_with(write_lock(read_zones({path: other}))) == [refused.format(own, f"{others}...")]
    assert told_with(write_lock(read_zones({path: text})).replace("  ", " ")) == [refused.format(own, "none")]


def test_the_lock_has_a_line_for_each_file_in_order() -> None:
    files = read_zones({f"zones/{name}.yaml": f"zone: {name}\ndomains: [{name}]\n" for name in ("b.io", "a.io")})

    assert write_lock(files[::-1]) == "".join(f"{file.checksum}  {file.path}\n" for file in files)
    assert [file.path for file in files] == ["zones/a.io.yaml", "zones/b.io.yaml"]


def test_the_order_of_records_makes_no_difference_to_a_checksum() -> None:
    entries = [f"- {{host: {name}.coderdemo.io, target: '{to}'}}" for name, to in (("b", LB), ("a", LB), ("b", OREGON))]
    text, reordered = (records(*order) for order in (entries, entries[::-1]))

    one, other = (read_zones({"zones/coderdemo.io.yaml": given})[0].checksum for given in (text, reordered))
    assert one == other


def test_a_zone_in_another_file_is_told_where_it_is_named() -> None:
    with pytest.raises(Refused) as refused:
        read_zones({"zones/a.io.yaml": "domains: [b.io]\nzone: b.io\n"})
    assert str(refused.value) == (
        "[zone-file] zones/a.io.yaml:2: zone is b.io, the file is zones/a.io.yaml; a zone file is applied "
        "only where all of it is understood: rename the file to zones/b.io.yaml"
    )


def test_what_is_wrong_in_two_files_is_told_of_both() -> None:
    with pytest.raises(Refused) as refused:
        read_zones({f"zones/{name}.yaml": "a" for name in ("b.io", "a.io")})
    assert [one.resource for one in refused.value.findings] == ["zones/a.io.yaml:1", "zones/b.io.yaml:1"]


def test_changes_at_their_limits(snapshot: SnapshotAssertion) -> None:
    given = settings(zones=ZONES)

    def changed(plan: Plan, *before: Before) -> list[str]:
        return [line(one) for one in judge_changes(before, plan.dns)]

    def moved(ttl: int, new_ttl: int) -> list[str]:
        text = records(f"- {{host: a.coderdemo.io, region: us-west-2, ttl: {new_ttl}}}")
        return changed(make_plan(given, reviewed(text)), was("a.coderdemo.io", ttl=ttl))

    def gone(*names: str, retiring: bool | None = True, text: str = HEAD) -> list[str]:
        before = (replace(was(f"{name}.coderdemo.io"), is_retiring=retiring) for name in names)
        return changed(make_plan(given, reviewed(text)), *before)

    hosts = [record.host for record in make_plan(given).dns.records]
    elsewhere = [Before(zone="coder.com", host=name, target="x.org", ttl_seconds=300) for name in hosts]
    three = records(*(f"- {{host: {name}.coderdemo.io, region: us-west-2}}" for name in "abc"))
    assert {
        "a TTL of 300": moved(300, 300),
        "a TTL of 301": moved(301, 60),
        "a TTL that rises to 300": moved(60, 300),
        "a TTL that rises to 301": moved(60, 301),
        "one goes": gone("a"),
        "two go": gone("a", "b"),
        "two go, as they may": gone("a", "b", text=text_of(limits="{deletions: 2}")),
        "one goes that may be retired": gone("a", retiring=None),
        "one goes that was not retired": gone("a", retiring=False),
        "a wildcard goes with its host": gone("*.a", "a", text=text_of(limits="{deletions: 2}")),
        "a wildcard goes alone": gone("*.a", text=host("a.coderdemo.io")),
        "two lead elsewhere": changed(
            make_plan(given, reviewed(three)), *(was(f"{name}.coderdemo.io") for name in "ab")
        ),
        "three lead elsewhere": changed(
            make_plan(given, reviewed(three)), *(was(f"{name}.coderdemo.io") for name in "abc")
        ),
        "two of a zone without a file lead elsewhere": changed(make_plan(given), *elsewhere[:2]),
        "three of a zone without a file lead elsewhere": changed(make_plan(given), *elsewhere[:3]),
        "two of a zone without a file go": changed(
            make_plan(given), *(replace(one, host=f"x.{one.host}", is_retiring=True) for one in elsewhere[:2])
        ),
        "nothing changes": changed(make_plan(given), *planned_before(make_plan(given).dns)),
    } == snapshot
