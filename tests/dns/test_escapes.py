"""A zone whose file goes away, in the sandbox: whatever goes with it, its records say that they are ours."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.dns.checkout import Checkout, checkout

pytestmark = pytest.mark.slow

UP = ("up", "--stack", "sandbox-dns")
FILE = "zones/devcoder.io.yaml"


@pytest.fixture
def here(tmp_path: Path) -> Generator[Checkout]:
    with checkout(tmp_path / "checkout") as one:
        yield one


def test_dns_2_a_zone_does_not_escape_with_its_file(here: Checkout) -> None:
    entry = "records:\n  - {host: a.devcoder.io, region: us-east-2, retiring: true}"
    here.edit(FILE, "records: []", entry)
    here.said("dns", "lock")
    here.said(*UP)

    (here.folder / FILE).rename(here.folder / "zones/devcoder.io.yml")
    assert "zones/devcoder.io.yml: it is not read" in here.said(*UP, exit_code=1)

    (here.folder / "zones/devcoder.io.yml").unlink()
    assert "zones/devcoder.io.yaml was reviewed and does not exist" in here.said(*UP, exit_code=1)

    assert "zones/devcoder.io.yaml (gone) changed" in here.said("dns", "lock")
    here.edit("Pulumi.sandbox-dns.yaml", "    devcoder.io: 2123456789abcdef0123456789abcdef\n", "")
    refused = here.said(*UP, exit_code=1)
    assert "it does not exist, and this stack has 1 record in devcoder.io (a.devcoder.io)" in refused
    with here.cloudflare() as cloudflare:
        path = "zones/2123456789abcdef0123456789abcdef/dns_records"
        found = cloudflare.get(path, params={"name.exact": "a.devcoder.io"}).json()["result"]
    assert [one["name"] for one in found] == ["a.devcoder.io"]
