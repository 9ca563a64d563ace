"""The DNS zone and its records under the regions' domains, asked through Pulumi's own functions."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pulumi_cloudflare as cloudflare
from pulumi import InvokeOptions
from pydantic import BaseModel, TypeAdapter

from workshop.model.observations import ExistingRecord, Observation
from workshop.model.settings.stack import Settings
from workshop.model.zones.file import is_under
from workshop.observe.look_up import NotFound, look_up

NO_ZONE = re.compile(r"failed to find exactly one result:? *0 found")
"""How the Cloudflare provider says that no zone has that name (terraform-provider-cloudflare, services/zone)."""


MAX_RECORDS = 10_000
"""Under one domain; the provider answers 1,000 unless it is asked for more."""


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
    """Every record at or under the domains that are ours, by zone; no other name is asked for."""

    def ask() -> tuple[ExistingRecord, ...]:
        found: dict[str, ExistingRecord] = {}
        for zone, ours in domains.items():
            for domain in ours:
                answer = cloudflare.get_dns_records(
                    zone_id=settings.zone_id(zone),
                    name={"endswith": domain},
                    max_items=MAX_RECORDS,
                    opts=InvokeOptions(provider=provider),
                )
                records = RECORDS.validate_python(answer.results, from_attributes=True)
                found |= {record.id: record.observed(zone) for record in records if is_under(record.name, domain)}
        return tuple(found.values())

    return look_up(f"Cloudflare records of {', '.join(domains)}", ask)
