"""Guards that change are named, and change alone."""

from __future__ import annotations

import pytest

from tests.dns.bad_changes import LB, OREGON, records
from tests.model.test_comparison import PROJECT, SANDBOX, version
from workshop.model.comparison import Version, guards, read_version, violations
from workshop.model.findings import line
from workshop.model.zones.read import LOCK, read_zones, write_lock

ONE = "- {host: a.coderdemo.io, region: us-east-2}"
MOVED = "- {host: a.coderdemo.io, region: us-west-2}"
HEAD = "zone: coderdemo.io\n"


def zone(*lines: str, **keys: str) -> str:
    given = {"domains": "[coderdemo.io]", **keys}
    head = HEAD + "".join(f"{key}: {value}\n" for key, value in given.items())
    return records(*lines, head=head) if lines else head


def changed(before: Version, after: Version) -> list[tuple[str, str, str, bool]]:
    return [(one.guard, one.before, one.after, one.is_loosened) for one in guards(before, after)]


def refused(before: Version, after: Version) -> list[str]:
    return [one.problem for one in violations(before, after) if one.rule == "zone-guards"]


LOOSE: dict[str, tuple[dict[str, str], dict[str, str], str, str]] = {
    "must_exist": ({"must_exist": "[a.coderdemo.io]"}, {}, "a.coderdemo.io", ""),
    "destinations": ({}, {"destinations": "[example.com]"}, "", "example.com"),
    "a wider network": (
        {"destinations": "[198.41.128.0/24]"},
        {"destinations": "[198.41.128.0/17]"},
        "198.41.128.0/24",
        "198.41.128.0/17",
    ),
    "limits.deletions": ({"limits": "{deletions: 0}"}, {"limits": "{deletions: 5}"}, "0", "5"),
    "limits.changed_targets": ({}, {"limits": "{changed_targets: 100}"}, "2", "100"),
    "domains": ({"domains": "[a.coderdemo.io]"}, {}, "a.coderdemo.io", "coderdemo.io"),
    "fewer domains": ({}, {"domains": "[a.coderdemo.io]"}, "coderdemo.io", "a.coderdemo.io"),
}


@pytest.mark.parametrize(("old", "new", "was", "now"), LOOSE.values(), ids=LOOSE)
def test_dns_5_a_guard_is_not_loosened_together_with_records(
    old: dict[str, str], new: dict[str, str], was: str, now: str
) -> None:
    before, alone, together = (version(zone=one) for one in (zone(ONE, **old), zone(ONE, **new), zone(MOVED, **new)))
    ((guard, *values),) = changed(before, together)
    assert values == [was, now, True]
    assert refused(before, together) == [
        f"{guard} of coderdemo.io changes from {was or 'nothing'} to {now or 'nothing'}, together with 1 host that it "
        "guards"
    ]
    assert changed(before, alone) == [(guard, was, now, True)]
    assert refused(before, alone) == refused(alone, together) == []


TIGHT: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "must_exist": ({}, {"must_exist": "[a.coderdemo.io]"}),
    "destinations": ({"destinations": "[example.com]"}, {}),
    "limits.deletions": ({"limits": "{deletions: 5}"}, {"limits": "{deletions: 0}"}),
}


@pytest.mark.parametrize(("old", "new"), TIGHT.values(), ids=TIGHT)
def test_dns_5_a_guard_is_named_and_may_be_tightened_with_records(old: dict[str, str], new: dict[str, str]) -> None:
    before, after = version(zone=zone(ONE, **old)), version(zone=zone(MOVED, **new))
    assert [is_loosened for *_, is_loosened in changed(before, after)] == [False]
    assert refused(before, after) == []


def test_dns_5_a_zone_file_is_a_guard() -> None:
    with_file, without = version(zone=zone(ONE)), version()
    path = "zones/coderdemo.io.yaml"
    assert changed(with_file, without) == [("zone file", path, "", True)]
    assert refused(with_file, without) == [
        f"zone file of coderdemo.io changes from {path} to nothing, together with 1 host that it guards"
    ]
    assert changed(without, with_file) == [("zone file", "", path, False)]
    assert refused(without, with_file) == []


def test_dns_5_a_file_without_records_guards_the_regions_hosts() -> None:
    path = "zones/coder.com.yaml"
    text = 'zone: coder.com\ndomains: [ai.coder.com]\nmust_exist: [ai.coder.com, "*.ai.coder.com"]\n'
    zones = {path: text, LOCK: write_lock(read_zones({path: text}))}
    before = read_version(SANDBOX, PROJECT, zones, "20")
    moved = read_version(SANDBOX.replace(LB, LB.replace("coder", "other")), PROJECT, {}, "20")
    assert refused(before, moved) == [
        f"zone file of coder.com changes from {path} to nothing, together with 2 hosts that it guards"
    ]
    assert changed(before, read_version(SANDBOX, PROJECT, {}, "20")) == [("zone file", path, "", True)]


def test_dns_5_the_zone_of_an_id_is_a_guard() -> None:
    other = SANDBOX.replace("1123456789abcdef", "4123456789abcdef")
    before, after = version(zone=zone(ONE)), version(stack=other, zone=zone(MOVED))
    ((guard, _, now, is_loosened),) = changed(before, after)
    assert (guard, now, is_loosened) == ("id", "4123456789abcdef0123456789abcdef", True)
    assert len(refused(before, after)) == 1


def test_dns_5_a_zones_first_records_bring_their_destinations() -> None:
    filled = version(zone=zone("- {host: a.coderdemo.io, target: x.example.com}", destinations="[example.com]"))
    assert changed(version(zone=zone()), filled) == [("destinations", "", "example.com", True)]
    assert refused(version(zone=zone()), filled) == []


@pytest.mark.parametrize(
    ("entry", "is_refused"),
    [
        ("region: us-east-2, ttl: 60", True),
        ("region: us-east-2, retiring: true", True),
        ("region: us-east-2, proxied: true", True),
        ("region: us-east-2, comment: new", False),
    ],
)
def test_dns_5_all_but_a_comment_is_a_change_of_a_record(entry: str, *, is_refused: bool) -> None:
    after = zone(f"- {{host: a.coderdemo.io, {entry}}}", limits="{deletions: 9}")
    assert bool(refused(version(zone=zone(ONE)), version(zone=after))) == is_refused


def test_dns_5_other_zones_records_may_change_meanwhile() -> None:
    other = SANDBOX.replace(OREGON, OREGON.replace("coder", "other"))
    before, after = version(zone=zone(ONE)), version(stack=other, zone=zone(ONE, limits="{deletions: 9}"))
    assert refused(before, after) == []


def test_dns_5_without_a_plan_or_records_there_are_no_guards() -> None:
    elsewhere = SANDBOX.replace("    name: coder.com\n", "    name: coder.com\n    stack: dns\n")
    there = version(zone=zone(ONE))
    assert guards(Version(), there) == guards(there, Version()) == ()
    assert guards(there, version(stack=elsewhere, zone=zone(MOVED, limits="{deletions: 9}"))) == ()


def test_dns_5_the_message_in_full() -> None:
    before, after = version(zone=zone(ONE)), version(zone=zone(MOVED, limits="{deletions: 9}"))
    assert [line(one) for one in violations(before, after)] == [
        "[zone-guards] zones/coderdemo.io.yaml:3: limits.deletions of coderdemo.io changes from 1 to 9, together with "
        "1 host that it guards; a guard that gives way to a change holds nobody back from it: change the guard alone "
        "and have that merged, then the records"
    ]
