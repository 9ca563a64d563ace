"""octoDNS, which shares no code with this project, reads the same records from the sandbox and from a BIND export."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.dns.bad_changes import HEAD, records
from tests.dns.test_bad_changes import plan_of
from tests.sandbox.servers_for_tests import running
from workshop.dns.bind import AUTOMATIC_TTL_SECONDS, write_bind
from workshop.model.zones.plan import PlannedRecord
from workshop.model.zones.types import AUTOMATIC_TTL
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.providers.cloudflare import provider as cloudflare
from workshop.sandbox.providers.provider import CreateRequest

Zone: Any = import_module("octodns.zone").Zone
ZoneFileProvider: Any = import_module("octodns_bind").ZoneFileProvider
CloudflareProvider: Any = import_module("octodns_cloudflare").CloudflareProvider
"""These have no types: imported by name, so that none are missed."""

pytestmark = pytest.mark.filterwarnings("ignore:.*is DEPRECATED. Use:DeprecationWarning")  # octodns-bind's own

ZONE = "1123456789abcdef0123456789abcdef"
"""Of coderdemo.io in the sandbox."""

Told = tuple[str, str, str, int]

ENTRIES = (
    "- {host: coderdemo.io, target: 198.41.128.7}",
    '- {host: "*.apps.coderdemo.io", region: us-east-2, ttl: 3600, comment: "the f\u00eate; until May"}',
    "- {host: apps.coderdemo.io, region: us-east-2, ttl: 60}",
    '- {host: six.coderdemo.io, target: "2606:4700::7"}',
    "- {host: six.coderdemo.io, target: 198.41.128.8}",
    "- {host: cdn.coderdemo.io, region: eu-west-2, proxied: true}",
    *(f"- {{host: h{number}.coderdemo.io, region: us-west-2, ttl: {60 + number}}}" for number in range(120)),
)
TEXT = records(*ENTRIES, head=f'{HEAD}destinations: [198.41.128.0/24, "2606:4700::/32"]\n')


def planned() -> list[PlannedRecord]:
    return [record for record in plan_of(TEXT).dns.records if record.zone == "coderdemo.io"]


def declared() -> set[Told]:
    return {
        (
            record.host,
            record.kind,
            record.target or "",
            AUTOMATIC_TTL_SECONDS if record.ttl_seconds == AUTOMATIC_TTL else record.ttl_seconds,
        )
        for record in planned()
    }


def told(zone: Any) -> set[Told]:  # noqa: ANN401 - octoDNS has no types
    """One line for each value that octoDNS found."""
    return {
        (record.fqdn.rstrip("."), record._type, str(value).rstrip("."), record.ttl)
        for record in zone.records
        for value in (record.values if hasattr(record, "values") else [record.value])
    }


def write_to_cloudflare(paths: SandboxPaths, planned: Iterable[PlannedRecord]) -> None:
    """As `up` does it in the sandbox."""
    provider = cloudflare.CloudflareProvider({"baseUrl": paths.cloudflare_endpoint, "apiToken": token_of(paths)})
    for record in planned:
        inputs = {
            "zoneId": ZONE,
            "name": record.host,
            "type": record.kind,
            "content": record.target,
            "ttl": record.ttl_seconds,
            "proxied": record.is_proxied,
            "comment": record.comment,
        }
        provider.create(CreateRequest(urn="", kind=cloudflare.RECORD, inputs=inputs, is_preview=False))


def read_bind(folder: Path, records: Iterable[PlannedRecord]) -> Any:  # noqa: ANN401 - octoDNS has no types
    (folder / "coderdemo.io.").write_text(write_bind("coderdemo.io", records), "utf-8")
    zone = Zone("coderdemo.io.", [])
    ZoneFileProvider("export", str(folder), check_origin=False).populate(zone)
    return zone


def test_octodns_reads_what_the_zone_file_says_from_both(tmp_path: Path) -> None:
    exported = read_bind(tmp_path, planned())
    assert told(exported) == declared()
    there = Zone("coderdemo.io.", [])
    with running(tmp_path / "sandbox") as paths:
        write_to_cloudflare(paths, planned())
        reader = CloudflareProvider(
            "sandbox", token=token_of(paths), api_url=paths.cloudflare_endpoint, pagerules=False
        )
        assert reader.populate(there)
    assert told(there) == declared()
    proxied = {record.fqdn for record in there.records if record.octodns.get("cloudflare", {}).get("proxied")}
    assert proxied == {"cdn.coderdemo.io."}


@pytest.mark.parametrize(("old", "new"), [("198.41.128.8", "198.41.128.9"), ("ttl: 60}", "ttl: 61}")])
def test_octodns_sees_what_differs(tmp_path: Path, old: str, new: str) -> None:
    changed = [record for record in plan_of(TEXT.replace(old, new, 1)).dns.records if record.zone == "coderdemo.io"]
    assert len(told(read_bind(tmp_path, changed)) ^ declared()) == 2
