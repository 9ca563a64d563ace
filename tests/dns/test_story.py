"""A DNS change from the edit to the resolver, and a zone that existed before, in the sandbox."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.dns.checkout import Checkout, checkout

ZONE = "1123456789abcdef0123456789abcdef"
pytestmark = pytest.mark.slow

UP = ("up", "--stack", "sandbox-dns")


@pytest.fixture
def here(tmp_path: Path) -> Generator[Checkout]:
    with checkout(tmp_path / "checkout") as one:
        yield one


def test_an_edited_target_arrives(here: Checkout) -> None:
    assert "Ready" in here.said(*UP)
    assert "12 of 12 answers are as planned" in here.said("dns", "check", "--stack", "sandbox-dns")
    here.edit(
        "zones/devcoder.io.yaml", "records: []", "records:\n  - {host: demo.devcoder.io, region: us-east-2, ttl: 60}"
    )
    refused = here.said(*UP, exit_code=1)
    assert "[rules/zone-lock] zones/devcoder.io.yaml:2: its checksum" in refused
    assert "zones/devcoder.io.yaml changed" in here.said("dns", "lock")
    changed = json.loads(here.run(*UP, "--json").stdout)
    assert [step["name"] for step in changed["steps"] if "DnsRecord" in step["type"] and "cloud" in step["type"]] == [
        "demo.devcoder.io"
    ]
    checked = json.loads(here.run("dns", "check", "--stack", "sandbox-dns", "--output", "json").stdout)
    assert {one["verdict"] for one in checked["answers"] if one["host"] == "demo.devcoder.io"} == {"ok"}

    here.edit("zones/devcoder.io.yaml", "region: us-east-2", "region: us-west-2")
    here.said("dns", "lock")
    assert "content" in here.said(*UP)
    seen = here.run("dns", "check", "--stack", "sandbox-dns", "--output", "json")
    verdicts = [one["verdict"] for one in json.loads(seen.stdout)["answers"] if one["host"] == "demo.devcoder.io"]
    assert (seen.returncode, verdicts) == (1, ["ok", "old answer"])
    assert (
        'workshop_dns_as_planned{host="demo.devcoder.io",server="127.0.0.1:'
        in here.run("dns", "check", "--stack", "sandbox-dns", "--output", "prometheus").stdout
    )
    assert "demo.devcoder.io. 60 IN CNAME coder-oregon" in here.said(
        "dns", "export", "devcoder.io", "--stack", "sandbox-dns"
    )


def test_a_stack_does_not_take_anothers_records(here: Checkout) -> None:
    here.said(*UP)
    refused = here.said("up", "--users", "20", exit_code=1)
    assert "owned by a stack of scope dns" in refused


def test_importing_40_records_ends_in_no_changes(here: Checkout) -> None:
    here.said("sandbox", "start")
    neighbour = {"type": "MX", "name": "coderdemo.io", "content": "mail.example.com", "ttl": 300, "priority": 10}
    challenge = {"type": "TXT", "name": "_acme-challenge.coderdemo.io", "content": "x", "ttl": 60}
    targets = ("198.41.128.{}", "app-{}.example.com")
    with here.cloudflare() as cloudflare:

        def records() -> list[dict[str, object]]:
            path = f"zones/{ZONE}/dns_records"
            return cloudflare.get(path, params={"per_page": 500}).json()["result"]

        for number in range(40):
            content = targets[number % 2].format(number)
            kind = "CNAME" if number % 2 else "A"
            comment = f"team {number}" if number % 3 else None
            body = {"type": kind, "name": f"h{number}.coderdemo.io", "content": content, "ttl": 300, "comment": comment}
            assert cloudflare.post(f"zones/{ZONE}/dns_records", json=body).is_success
        for body in (neighbour, challenge):
            assert cloudflare.post(f"zones/{ZONE}/dns_records", json=body).is_success
        before = records()
        said = here.said("dns", "import", "coderdemo.io", "--stack", "sandbox-dns")
        assert "zones/coderdemo.io.yaml: 40 records to adopt, 2 left untouched" in said
        assert "Left untouched: coderdemo.io MX: MX records are not managed" in said
        first = json.loads(here.run(*UP, "--json").stdout)
        assert (first["exit_code"], first["changes"]["import"], first["changes"]["update"]) == (0, 40, 0)
        assert records() == before
        again = json.loads(here.run(*UP, "--json").stdout)
        assert {name: count for name, count in again["changes"].items() if count} == {"same": again["changes"]["same"]}
        assert records() == before
        assert "Of 46 records 0 differ; undeclared and left untouched: 2." in here.said(
            "dns", "drift", "--stack", "sandbox-dns"
        )
        record = next(one for one in before if one["name"] == "h1.coderdemo.io")
        path = f"zones/{ZONE}/dns_records/{record['id']}"
        assert cloudflare.patch(path, json={"content": "elsewhere.example.com"}).is_success
        assert "h1.coderdemo.io changed" in here.said("dns", "drift", "--stack", "sandbox-dns", exit_code=1)
