"""A zone file that is deleted, renamed or emptied lets nothing escape: the lock and the records keep it in view."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.dns.bad_changes import HEAD, existing, records, was
from tests.dns.test_bad_changes import ZONES, plan_of
from tests.model.given import found, observe, settings
from tests.model.test_comparison import PROJECT, SANDBOX, version
from workshop.model.comparison import read_version, violations
from workshop.model.findings import Refused
from workshop.model.plan.plan import make_plan
from workshop.model.rules.observations import zone_changes
from workshop.model.rules.observations.zone_changes import judge_changes
from workshop.model.zones.read import LOCK, read_zones, read_zones_to_lock, write_lock

PATH = "zones/coderdemo.io.yaml"
TEXT = records("- {host: a.coderdemo.io, region: us-east-2}")
OTHER = {"zones/devcoder.io.yaml": "zone: devcoder.io\ndomains: [devcoder.io]\n"}
LOCKED = write_lock(read_zones({PATH: TEXT, **OTHER}))


def refusals(texts: dict[str, str]) -> list[str]:
    with pytest.raises(Refused) as refused:
        read_zones(texts)
    return [f"{one.resource}: {one.problem}" for one in refused.value.findings]


def test_dns_2_a_file_that_was_deleted_is_refused() -> None:
    assert refusals({LOCK: LOCKED, **OTHER}) == [f"{LOCK}:1: {PATH} was reviewed and does not exist"]


def test_dns_2_no_file_at_all_is_refused() -> None:
    assert [one.partition(" ")[0] for one in refusals({LOCK: LOCKED})] == [f"{LOCK}:1:", f"{LOCK}:2:"]


def test_dns_2_a_file_whose_zone_was_renamed_is_refused() -> None:
    moved = {"zones/coderdemo.dev.yaml": TEXT.replace("coderdemo.io", "coderdemo.dev")}
    assert refusals({LOCK: LOCKED, **moved, **OTHER}) == [f"{LOCK}:1: {PATH} was reviewed and does not exist"]


def test_dns_2_the_lost_file_is_reported_beside_what_else_is_wrong() -> None:
    broken = {"zones/devcoder.io.yaml": "a"}
    assert [one.partition(": ")[0] for one in refusals({LOCK: LOCKED, **broken})] == [
        f"{LOCK}:1",
        "zones/devcoder.io.yaml:1",
    ]


def test_dns_2_a_new_lock_names_what_is_gone() -> None:
    files, gone = read_zones_to_lock({LOCK: LOCKED, **OTHER})
    assert ([file.path for file in files], gone) == (list(OTHER), (PATH,))
    assert read_zones({LOCK: write_lock(files), **OTHER}) != ()


def test_dns_2_what_the_lock_names_and_is_there_passes() -> None:
    assert len(read_zones({LOCK: LOCKED, PATH: TEXT, **OTHER})) == 2
    assert read_zones({LOCK: "\nno lock at all\n"}) == ()


@pytest.mark.parametrize("text", [HEAD, f"{HEAD}records: []\n"], ids=["no-records-key", "no-records"])
def test_dns_2_an_emptied_zone_is_still_asked_for(text: str) -> None:
    assert plan_of(text).dns.domains["coderdemo.io"] == ("coderdemo.io",)


@pytest.mark.parametrize("lock_is_new", [True, False], ids=["lock-written-anew", "no-lock"])
def test_dns_2_records_of_a_zone_without_a_file_are_refused(*, lock_is_new: bool) -> None:
    """Whatever the lock and the settings say: the records that carry our mark say that the zone is ours."""
    given = settings(zones={})
    plan = make_plan(given, read_zones({LOCK: ""} if lock_is_new else {}))
    there = tuple(existing(was(f"{name}.coderdemo.io")) for name in ("a", "b", "c", "d"))
    observations = replace(observe(given), records=found(there))
    told = [f"{one.resource}: {one.problem}" for one in zone_changes.check(given, plan, observations)]
    assert (
        f"{PATH}: it does not exist, and this stack has 4 records in coderdemo.io "
        "(a.coderdemo.io, b.coderdemo.io, c.coderdemo.io, ...)"
    ) in told
    assert "zone coderdemo.io: 4 records deleted in one change of coderdemo.io, deletions allows 1" in told


def test_dns_2_one_record_of_a_zone_without_a_file_is_enough() -> None:
    given = settings(zones={})
    told = list(judge_changes([was("a.coderdemo.io", retiring=True)], make_plan(given).dns))
    assert [one.resource for one in told] == [PATH]


def test_dns_2_a_record_outside_narrowed_domains_counts_as_deleted() -> None:
    narrowed = plan_of("zone: coderdemo.io\ndomains: [demo.coderdemo.io]\nlimits: {deletions: 0}\n")
    told = [one.problem for one in judge_changes([was("a.coderdemo.io", retiring=True)], narrowed.dns)]
    assert told == ["1 record deleted in one change of coderdemo.io, deletions allows 0"]


def test_dns_2_a_zone_that_is_in_view_and_lost_nothing_passes() -> None:
    assert list(judge_changes([was("a.coderdemo.io")], plan_of(TEXT).dns)) == []
    assert "coderdemo.io" in ZONES


def test_dns_2_the_base_commits_zones_stay_in_view() -> None:
    before = version(zone=TEXT)
    renamed = read_version(SANDBOX, PROJECT, {LOCK: write_lock(read_zones({PATH: TEXT}))}, "20")
    assert [one.partition("; ")[0] for one in renamed.problems] == [
        f"[zone-file] {LOCK}:1: {PATH} was reviewed and does not exist"
    ]
    out_of_the_lock_too = {(one.rule, one.resource) for one in violations(before, version())}
    assert out_of_the_lock_too == {("zone-guards", PATH), ("zone-changes", PATH), ("zone-changes", "zone coderdemo.io")}
    emptied = violations(before, version(zone=f"{HEAD}records: []\n"))
    assert [one.problem for one in emptied] == ["a.coderdemo.io is deleted without having been retired"]
