"""Every bad change is refused by the rule that is there for it, with file and line; good ones pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.dns.bad_changes import BAD_CHANGES, CHANGES, HEAD, BadChange, existing, records, was
from tests.model.given import findings, found, observe, settings
from workshop.model.findings import Finding, Refused
from workshop.model.plan.plan import Plan, make_plan
from workshop.model.rules.judgement import judge_settings
from workshop.model.rules.observations.zone_changes import judge_changes
from workshop.model.zones.changes import Before
from workshop.model.zones.file import ZoneFile
from workshop.model.zones.read import LOCK, read_zones, write_lock

ZONES = {"coderdemo.io": "1" * 32, "devcoder.io": "2" * 32}


def reviewed(text: str, path: str = "zones/coderdemo.io.yaml") -> tuple[ZoneFile, ...]:
    return read_zones({path: text, LOCK: write_lock(read_zones({path: text}))})


def plan_of(text: str, path: str = "zones/coderdemo.io.yaml") -> Plan:
    return make_plan(settings(zones=ZONES), reviewed(text, path))


def findings_before_look_ups(change: BadChange) -> tuple[Finding, ...]:
    try:
        plan = plan_of(change.text, change.path)
    except Refused as refused:
        return refused.findings
    given = settings(zones=ZONES)
    changed = judge_changes(change.before, plan.dns)
    return (*judge_settings(given, plan), *(one for one in changed if "workshop:" not in one.resource))


@pytest.mark.parametrize("change", BAD_CHANGES, ids=lambda change: change.name)
def test_is_refused_with_file_and_line(change: BadChange) -> None:
    lines = change.text.splitlines()
    line = next((number for number, text in enumerate(lines, 1) if text.endswith("# HERE")), 1)
    told = [one for one in findings_before_look_ups(change) if one.rule == change.rule and change.words in str(one)]
    assert [one.resource for one in told] == [f"{change.path}:{line}"]
    assert told[0].fix


def test_there_are_at_least_25() -> None:
    assert len({change.name for change in BAD_CHANGES}) == len(BAD_CHANGES) >= 25


@pytest.mark.parametrize("change", [one for one in CHANGES if "unretired" not in one.name], ids=lambda one: one.name)
def test_what_cloudflare_has_is_before_as_well(change: BadChange) -> None:
    """The same change, seen from the records that are there: only what was retired can't be seen in them."""
    given, plan = settings(zones=ZONES), plan_of(change.text)
    zone_ids = {zone: found(given.zone_id(zone) or "") for zone in plan.dns.zones}
    there = tuple(existing(before) for before in change.before)
    observations = replace(observe(given), records=found(there), zone_ids=zone_ids)
    told = [str(one) for one in findings(given, plan, observations) if one.rule == change.rule]
    assert any(change.words in one for one in told)
    theirs = tuple(replace(one, comment="somebody's") for one in there)
    unmarked = replace(observations, records=found(theirs))
    assert not [one for one in findings(given, plan, unmarked) if one.rule == "zone-changes"]


GOOD = [
    records("- {host: a.coderdemo.io, region: us-east-2}"),
    records('- {host: "*.coderdemo.io", region: us-east-2}', "- {host: coderdemo.io, target: 198.41.128.7}")
    + "destinations: [198.41.128.0/24]\n",
    records(
        '- {host: "*.coderdemo.io", region: us-east-2}',
        "- {host: eu.coderdemo.io, region: eu-west-2}",
        '- {host: "*.eu.coderdemo.io", region: eu-west-2}',
    ),
    records("- {host: a.coderdemo.io, target: b.coderdemo.io}", "- {host: b.coderdemo.io, region: us-east-2}"),
    records("- {host: a.coderdemo.io, target: shop.example.com, ttl: 60}") + "destinations: [example.com]\n",
    records("- {host: a.coderdemo.io, region: us-east-2, proxied: true, comment: the f\u00eate}"),
    HEAD,
]


@pytest.mark.parametrize("text", GOOD)
def test_a_good_file_passes(text: str) -> None:
    assert judge_settings(settings(zones=ZONES), plan_of(text)) == ()


def test_a_file_that_was_not_reviewed_is_refused() -> None:
    text = records("- {host: a.coderdemo.io, region: us-east-2}")
    locked = write_lock(read_zones({"zones/coderdemo.io.yaml": text}))
    changed = text.replace("us-east-2", "us-west-2")
    files = read_zones({"zones/coderdemo.io.yaml": changed, LOCK: locked})
    (told,) = judge_settings(settings(zones=ZONES), make_plan(settings(zones=ZONES), files))
    assert told.rule == "zone-lock"
    assert told.fix.startswith("scripts/workshop dns lock")
    respaced = text.replace("{host: a.coderdemo.io, ", "{  host:  a.coderdemo.io,  ") + "# a remark\n"
    files = read_zones({"zones/coderdemo.io.yaml": respaced, LOCK: locked})
    assert judge_settings(settings(zones=ZONES), make_plan(settings(zones=ZONES), files)) == ()


def test_a_zone_without_id_is_refused() -> None:
    given = settings(zones={"devcoder.io": "2" * 32})
    (told,) = judge_settings(given, make_plan(given, reviewed(GOOD[0])))
    assert told.rule == "settings-complete"
    assert "coderdemo.io" in told.resource


def test_a_stack_that_gave_its_records_away_declares_none() -> None:
    given = settings(zone={"id": "0" * 32, "name": "coder.com", "stack": "dns"})
    assert not given.declares_records
    bad = records("- {host: a.coderdemo.io, target: evil.example.com}")
    assert judge_settings(given, make_plan(given, reviewed(bad))) == ()


def test_lowering_the_ttl_and_then_changing_the_target_passes() -> None:
    lowered = plan_of(records("- {host: a.coderdemo.io, region: us-east-2, ttl: 60}"))
    moved = plan_of(records("- {host: a.coderdemo.io, region: us-west-2, ttl: 60}"))
    raised = plan_of(records("- {host: a.coderdemo.io, region: us-west-2, ttl: 3600}"))
    before: tuple[Before, ...] = (was("a.coderdemo.io", ttl=3600),)
    assert not list(judge_changes(before, lowered.dns))
    assert not list(judge_changes((was("a.coderdemo.io", ttl=60),), moved.dns))
    assert not list(judge_changes((was("a.coderdemo.io", "coder-oregon.elb.us-west-2.amazonaws.com", 60),), raised.dns))
