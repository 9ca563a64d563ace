"""The stacks for DNS alone, the zone files in the repository and what stands beside them agree."""

from __future__ import annotations

import pytest

from tests.model.given import ROOT, settings
from tests.test_stacks import stack
from workshop.model.plan.plan import make_plan
from workshop.model.rules.judgement import judge_settings
from workshop.model.zones.read import FOLDER, read_zones, write_lock, zone_schema
from workshop.observe.zone_files import zone_texts

MAY_DIFFER = {"workshop:scope", "workshop:users"}


@pytest.mark.parametrize(("dns", "all_of_it"), [("dns", "workshop"), ("sandbox-dns", "sandbox")])
def test_the_dns_stack_differs_only_in_what_it_declares(dns: str, all_of_it: str) -> None:
    ours, theirs = stack(dns), stack(all_of_it)
    differing = {key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)}
    assert {key for key in differing if not key.startswith("workshop:adopt")} <= MAY_DIFFER
    assert ours["workshop:scope"] == "dns"


def test_the_zone_files_pass_in_the_sandbox() -> None:
    given = settings("sandbox-dns")
    assert judge_settings(given, make_plan(given, read_zones(zone_texts(ROOT)))) == ()


def test_the_schema_for_editors_is_current() -> None:
    written = (ROOT / FOLDER / "zone.schema.json").read_text("utf-8")
    assert written == zone_schema(), "scripts/workshop dns schema"


def test_the_lock_is_current() -> None:
    texts = zone_texts(ROOT)
    assert texts[f"{FOLDER}/zones.lock"] == write_lock(read_zones(texts)), "scripts/workshop dns lock"


def test_every_zone_file_names_its_schema() -> None:
    for file in (ROOT / FOLDER).glob("*.yaml"):
        assert file.read_text("utf-8").startswith("# yaml-language-server: $schema=zone.schema.json\n")
