"""One region's DNS records: its host and wildcard, to the cluster's load balancer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi_cloudflare as cloudflare
from pulumi import ResourceOptions

from components.component import Component
from workshop.model.names import MARK


@dataclass(frozen=True, kw_only=True)
class DnsRecordsArgs:
    """hosts: names to serve; load_balancer_host: where they lead; ttl_seconds: how long resolvers keep them.

    adopt: by resource name, `ZONE_ID/RECORD_ID` of a record that exists already and is taken over.
    """

    zone_id: str
    hosts: tuple[str, ...]
    load_balancer_host: str
    ttl_seconds: int
    adopt: Mapping[str, str]


class DnsRecords(Component):
    """Declares one protected CNAME a host, not proxied: TLS ends at the cluster, also for the deep wildcards.

    Outputs: hosts (names served).
    """

    def __init__(self, name: str, args: DnsRecordsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        for host in args.hosts:
            child = self.child_name("wildcard" if host.startswith("*.") else "host")
            cloudflare.DnsRecord(
                child,
                zone_id=args.zone_id,
                name=host,
                type="CNAME",
                content=args.load_balancer_host,
                ttl=args.ttl_seconds,
                proxied=False,
                comment=MARK,
                opts=self.child_options(protect=True, import_=args.adopt.get(child)),
            )
        self.register_outputs({"hosts": list(args.hosts)})
