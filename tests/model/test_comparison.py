"""What a change means: two versions of a stack and its zone files, side by side."""

from __future__ import annotations

import pytest

from tests.dns.bad_changes import LB, OREGON, records
from tests.model.given import ROOT
from workshop.model.comparison import Version, figures, is_guard, is_settings, read_version, violations
from workshop.model.comparison import records as shown
from workshop.model.zones.read import LOCK, read_zones, write_lock

PROJECT = (ROOT / "Pulumi.yaml").read_text("utf-8")
SANDBOX = (ROOT / "Pulumi.sandbox.yaml").read_text("utf-8")
WINDOW = "  workshop:window: {start: '2026-10-01T09:00-07:00', duration: 4h}\n"


def version(more: str = "", stack: str = SANDBOX, zone: str = "", users: str = "20") -> Version:
    """The sandbox with more settings, and with one zone file."""
    path = "zones/coderdemo.io.yaml"
    zones = {path: zone, LOCK: write_lock(read_zones({path: zone}))} if zone else {}
    return read_version(stack + more, PROJECT, zones, users)


def said(before: Version, after: Version) -> list[str]:
    return [f"[{one.rule}] {one.resource}" for one in violations(before, after)]


def test_a_version_is_read_for_the_event() -> None:
    read = version(WINDOW)

    assert (read.plan and read.plan.phase, read.plan and read.plan.users, read.problems) == ("running", 20, ())
    assert "workshop:users" not in read.values
    chosen = version("  workshop:users: 30\n", users="1")
    assert (chosen.values["workshop:users"], chosen.settings and chosen.settings.users) == ("30", 30)
    assert Version() == Version(values={}, is_there=True, settings=None, plan=None, problems=())


def test_what_gives_no_plan_says_why() -> None:
    assert read_version(None, PROJECT, {}, "20") == Version(
        is_there=False, problems=("Pulumi.STACK.yaml does not exist in this version",)
    )
    broken = version(users="0")
    assert broken.problems == (
        "workshop:users is 0: must be a whole number from 1 to 100000. Fix: pulumi config set workshop:users 20",
    )
    assert broken.values["workshop:account"] == "123456789012"
    assert (broken.settings, broken.plan) == (None, None)
    assert list(read_version("[", PROJECT, {}, "20").values) == ["the whole file"]
    refused = version("  workshop:workspaces: {shapes: [{vcpu: 100, memory_gib: 1}]}\n")
    assert [one.partition(":")[0] for one in refused.problems] == ["[workspace-fits] instance type c6a.4xlarge"]
    assert refused.values["workshop:account"] == "123456789012"


def test_violations_are_those_that_are_new() -> None:
    good, bad, worse = version(), version(users="61"), version("  workshop:spend_ceiling_usd: 1\n" + WINDOW, users="61")

    assert said(good, bad) == ["[users-ceiling] workshop:users"]
    assert said(bad, bad) == []
    assert said(bad, worse) == ["[spend-ceiling] workspace nodes"]
    assert said(Version(), bad) == ["[users-ceiling] workshop:users"]
    assert said(bad, good) == said(good, Version()) == []


def test_the_way_there_is_judged_where_records_are_declared() -> None:
    before, after = (
        version(zone=records(f"- {{host: a.coderdemo.io, target: {to}, ttl: 301}}")) for to in (LB, OREGON)
    )
    assert said(before, after) == ["[zone-changes] zones/coderdemo.io.yaml:4"]
    elsewhere = SANDBOX.replace("    name: coder.com\n", "    name: coder.com\n    stack: dns\n")
    given_away = version(stack=elsewhere, zone=records(f"- {{host: a.coderdemo.io, target: {OREGON}, ttl: 301}}"))
    assert said(before, given_away) == []


@pytest.mark.parametrize(
    "path", ["Pulumi.yaml", "Pulumi.workshop.yaml", "zones/a.yaml", "zones/below/a.yaml", "zones/zones.lock"]
)
def test_settings_and_zones_are_compared_value_by_value(path: str) -> None:
    assert is_settings(path)
    assert not is_guard(path)


@pytest.mark.parametrize(
    "path",
    [
        "policies/density.py",
        "policies/exemptions.yaml",
        ".github/CODEOWNERS",
        "workshop/model/plan/sizing.py",
        "requirements.txt",
        "zones/zone.schema.json",
        "tests/policies/test_density.py",
        "preflight/workshop.json",
        "docs.py",
        "Pulumi.a b.yaml",
        "/elsewhere/README.md",
        "policies/README.md",
        "a new folder/README.md",
    ],
)
def test_whatever_is_not_known_to_be_harmless_is_a_guard(path: str) -> None:
    assert is_guard(path)
    assert not is_settings(path)


@pytest.mark.parametrize("path", ["README.md", "docs/dns.md", "docs/up.svg"])
def test_documents_guard_nothing(path: str) -> None:
    assert not is_guard(path)
    assert not is_settings(path)


def test_figures_have_names() -> None:
    assert figures(version(WINDOW)) == {
        "users": "20",
        "LiteLLM pods": "6",
        "Coder server pods": "2",
        "proxy pods, each proxy region": "2",
        "USD an hour": "5.95",
        "USD a workshop": "178.50",
        "us-east-2: nodes": "4",
        "us-east-2: volume, GiB": "224",
        "us-east-2: users/node": "3",
        "us-east-2: provisioners of coder": "12",
        "us-east-2: provisioners of experiment": "2",
        "us-east-2: provisioners of demo": "2",
        "us-west-2: nodes": "2",
        "us-west-2: volume, GiB": "224",
        "us-west-2: users/node": "3",
        "us-west-2: provisioners of coder": "12",
        "us-west-2: provisioners of experiment": "2",
        "us-west-2: provisioners of demo": "2",
        "eu-west-2: nodes": "2",
        "eu-west-2: volume, GiB": "224",
        "eu-west-2: users/node": "3",
        "eu-west-2: provisioners of coder": "12",
        "eu-west-2: provisioners of experiment": "2",
        "eu-west-2: provisioners of demo": "2",
    }
    assert figures(version())["USD a workshop"] == "no window set"


@pytest.mark.parametrize("scope", ["dns", "registry"])
def test_a_stack_of_another_scope_has_no_figures(scope: str) -> None:
    assert figures(version(stack=SANDBOX.replace("workshop:scope: all", f"workshop:scope: {scope}"))) == {}
    assert figures(Version()) == {}


def test_records_are_told_by_their_host() -> None:
    zone = records(
        "- {host: a.coderdemo.io, region: us-east-2, proxied: true, retiring: true}",
        "- {host: b.coderdemo.io, target: 198.41.128.7, ttl: 60}",
    )
    told = shown(version(stack=SANDBOX.replace("      load_balancer_host: coder-london", "      # "), zone=zone))

    assert told["a.coderdemo.io (CNAME)"] == f"{LB} ttl 1 proxied retiring"
    assert told["b.coderdemo.io (A)"] == "198.41.128.7 ttl 60"
    assert told["emea-proxy.ai.coder.com (CNAME)"] == "(load balancer not set) ttl 300"
    assert len(told) == 8


def test_records_are_told_by_the_stack_that_declares_them() -> None:
    assert shown(version(stack=SANDBOX.replace("workshop:scope: all", "workshop:scope: registry"))) == {}
    assert shown(Version()) == {}
