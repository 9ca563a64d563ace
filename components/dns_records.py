"""DNS records of one region or of one zone file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi_cloudflare as cloudflare
from pulumi import ResourceOptions

from components.component import Component


@dataclass(frozen=True, kw_only=True)
class DnsRecord:
    """One record. resource: its name in Pulumi; ttl_seconds: how long resolvers keep it, 1 where Cloudflare decides.

    is_retiring: no longer protected, so that a later change may drop it.
    """

    resource: str
    host: str
    kind: str
    target: str
    ttl_seconds: int
    comment: str | None
    is_proxied: bool = False
    is_retiring: bool = False


@dataclass(frozen=True, kw_only=True)
class DnsRecordsArgs:
    """records: what the zone is to hold.

    adopt: by resource name, `ZONE_ID/RECORD_ID` of a record that exists already and is taken over.
    """

    zone_id: str
    records: tuple[DnsRecord, ...]
    adopt: Mapping[str, str]


class DnsRecords(Component):
    """Declares protected records.

    What has to be replaced is deleted first: Cloudflare takes no CNAME beside another record of its name.
    A region's are not proxied: TLS ends at the cluster, also for the deep wildcards.
    Outputs: hosts (names served).
    """

    def __init__(self, name: str, args: DnsRecordsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        for record in args.records:
            cloudflare.DnsRecord(
                record.resource,
                zone_id=args.zone_id,
                name=record.host,
                type=record.kind,
                content=record.target,
                ttl=record.ttl_seconds,
                proxied=record.is_proxied,
                comment=record.comment,
                opts=self.child_options(
                    protect=not record.is_retiring,
                    import_=args.adopt.get(record.resource),
                    delete_before_replace=True,
                ),
            )
        self.register_outputs({"hosts": [record.host for record in args.records]})
