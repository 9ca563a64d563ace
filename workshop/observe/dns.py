"""The DNS zone and its records under the regions' domains, asked through Pulumi's own functions."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pulumi_cloudflare as cloudflare
from pulumi import InvokeOptions
from pydantic import BaseModel, TypeAdapter

from workshop.model.names import MARK, is_marked
from workshop.model.observations import ExistingRecord, Observation
from workshop.model.settings.stack import Settings
from workshop.model.zones.file import is_under
from workshop.observe.look_up import NotFound, look_up

NO_ZONE = re.compile(r"failed to find exactly one result:? *0 found")
"""How the Cloudflare provider says that no zone has that name (terraform-provider-cloudflare, services/zone)."""


MAX_RECORDS = 10_000
"""Under one domain; the provider answers 1,000 unless it is asked for more."""

MAX_ZONES = 1_000
"""That a token can read."""


class ListedZone(BaseModel):
    """A zone as the Cloudflare provider lists it."""

    id: str
    name: str


ZONES = TypeAdapter(tuple[ListedZone, ...])


class Record(BaseModel):
    """A record as the Cloudflare provider answers it."""

    id: str
    name: str
    type: str
    content: str | None = None
    ttl: int
    proxied: bool | None = None
    comment: str | None = None

    def observed(self, zone: str) -> ExistingRecord:
        """As the model takes it."""
        return ExistingRecord(
            zone=zone,
            id=self.id,
            name=self.name,
            type=self.type,
            content=self.content or "",
            ttl_seconds=self.ttl,
            is_proxied=self.proxied or False,
            comment=self.comment or "",
        )


RECORDS = TypeAdapter(tuple[Record, ...])


def observe_zone_id(provider: cloudflare.Provider, name: str) -> Observation[str]:
    """The id of the zone with this name, among those that the token can read."""

    def ask() -> str:
        try:
            zone = cloudflare.get_zone(filter={"match": "all", "name": name}, opts=InvokeOptions(provider=provider))
        except Exception as error:
            if NO_ZONE.search(" ".join(str(error).split())):
                raise NotFound from error
            raise
        return zone.zone_id

    return look_up(f"Cloudflare zone {name}", ask)


def observe_records(
    provider: cloudflare.Provider, settings: Settings, domains: Mapping[str, tuple[str, ...]]
) -> Observation[tuple[ExistingRecord, ...]]:
    """Every record at or under the domains that are ours, by zone, and every other one that this stack owns.

    A zone whose file is gone, or whose domains were narrowed, stays in view by the mark of its records and by what is
    adopted, in every zone that the token can read. No other name is asked for.
    """
    options = InvokeOptions(provider=provider)

    def asked(zone: str, zone_id: str, **filters: Mapping[str, str]) -> tuple[ExistingRecord, ...]:
        answer = cloudflare.get_dns_records(zone_id=zone_id, max_items=MAX_RECORDS, opts=options, **filters)  # pyright: ignore[reportArgumentType] - the SDK's own dicts
        return tuple(one.observed(zone) for one in RECORDS.validate_python(answer.results, from_attributes=True))

    def ask() -> tuple[ExistingRecord, ...]:
        listed = cloudflare.get_zones(max_items=MAX_ZONES, opts=options)
        zones = [(one.name, one.id) for one in ZONES.validate_python(listed.results, from_attributes=True)]
        known = {zone_id for _, zone_id in zones}
        zones += [(zone, id) for zone in domains if (id := settings.zone_id(zone)) is not None and id not in known]
        found: dict[str, ExistingRecord] = {}
        for zone, zone_id in zones:
            for domain in domains.get(zone, ()):
                records = asked(zone, zone_id, name={"endswith": domain})
                found |= {record.id: record for record in records if is_under(record.name, domain)}
            marked = asked(zone, zone_id, comment={"contains": MARK})
            found |= {record.id: record for record in marked if is_marked(record.comment, settings.scope)}
            adopted = {id.removeprefix(f"{zone_id}/") for id in settings.adopt.values() if id.startswith(f"{zone_id}/")}
            if not adopted <= found.keys():
                found |= {record.id: record for record in asked(zone, zone_id) if record.id in adopted}
        return tuple(found.values())

    return look_up(f"Cloudflare records of {', '.join(domains)}", ask)
