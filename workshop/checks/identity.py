"""identity: account, clusters and zones are those in the settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from workshop.checks.check import Check, CheckOutcome, Part, failed, passed
from workshop.checks.clients import asked_of_aws, asked_of_cluster
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.preflight.record import Stage
from workshop.model.settings.commands import SettingPath, key_of, set_command
from workshop.model.settings.regions import Region
from workshop.observe.live_cluster import LiveCluster


class _Zone(BaseModel):
    id: str
    name: str


class _Zones(BaseModel):
    result: list[_Zone]


class Identity(Check):
    """Compares what each system says it is with what is set."""

    id = "identity"
    stage = Stage.BEFORE_UP
    asks = "AWS, Cloudflare or a cluster"
    needed = "the account, clusters and zones of the settings"

    def parts(self, site: Site) -> Iterator[Part]:
        """The account, every zone and every cluster."""
        yield Part(region="", look=lambda: _account(site))
        for zone in site.plan.dns.zones:
            yield Part(region="", look=lambda zone=zone: _zone(site, zone))
        for index, region in enumerate(site.settings.regions):
            yield Part(region=region.name, look=lambda index=index, region=region: _cluster(site, index, region))


def _account(site: Site) -> CheckOutcome:
    def ask(client: Any) -> str:  # noqa: ANN401 - boto3 makes its clients at run time
        return client.get_caller_identity()["Account"]

    region = site.settings.regions[0].name
    return _compared("account", ("account",), site.settings.account, asked_of_aws(site, "sts", region, ask))


def _zone(site: Site, name: str) -> CheckOutcome:
    path = ("zone", "id") if name == site.settings.zone.name else ("zones", name)
    found = site.systems.cloudflare.get("zones", _Zones, {"name": name}).result
    if not found:
        raise Inconclusive(f"Cloudflare has no zone {name} that this token may read", "use a token with Zone.DNS read")
    return _compared(f"zone {name}", path, site.settings.zone_id(name), found[0].id)


def _cluster(site: Site, index: int, region: Region) -> CheckOutcome:
    path = ("regions", index, "cluster", "uid")
    return _compared("cluster", path, region.cluster.uid, asked_of_cluster(site, region, LiveCluster.uid))


def _compared(what: str, path: SettingPath, needed: str | None, found: str) -> CheckOutcome:
    if needed is None:
        raise Inconclusive(f"{key_of(path)} is not set; {what} is {found}", set_command(path, found))
    if found == needed:
        return passed(f"{what} {found}", needed)
    return failed(
        f"{what} {found}", needed, f"use the credentials or context of {needed}, or {set_command(path, found)}"
    )
