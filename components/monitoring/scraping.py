"""What Prometheus is pointed to in one region's cluster: Coder's metrics and our exporter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi_kubernetes as kubernetes
from pulumi import ResourceOptions
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core.v1 import ServicePortArgs, ServiceSpecArgs

from components.component import Component
from components.pods import metadata
from workshop.model.names import CODER_METRICS, EXPORTER, MANAGED_BY_LABEL, MARK

CODER_PORT: Final = 2112
"""Where Coder's chart has CODER_PROMETHEUS_ADDRESS; it makes no Service for it."""

_INTERVAL: Final = "15s"


@dataclass(frozen=True, kw_only=True)
class ScrapingArgs:
    """region: the label of all series. server: name of Coder's; server_namespace: None where it does not run.

    labels: by which the operator's Prometheus selects monitors. has_operator: whether the cluster knows its kinds;
    without, Prometheus has to be pointed to the Services by hand.
    """

    region: str
    server_namespace: str | None
    server: str
    labels: Mapping[str, str]
    has_operator: bool


class Scraping(Component):
    """Declares a Service for Coder's metrics, which its chart leaves out, and a ServiceMonitor for each Service.

    Outputs: services (their names).
    """

    def __init__(self, name: str, args: ScrapingArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        targets = {EXPORTER: EXPORTER}
        if args.server_namespace is not None:
            targets[CODER_METRICS] = args.server_namespace
            kubernetes.core.v1.Service(
                self.child_name(CODER_METRICS),
                metadata=metadata(
                    CODER_METRICS,
                    args.server_namespace,
                    labels={"app.kubernetes.io/name": CODER_METRICS},
                    annotations={"pulumi.com/skipAwait": "true"},
                ),
                spec=ServiceSpecArgs(
                    cluster_ip="None",  # each replica by itself: they count apart
                    selector={"app.kubernetes.io/name": args.server, "app.kubernetes.io/instance": args.server},
                    ports=[ServicePortArgs(name="http", port=CODER_PORT, target_port=CODER_PORT)],
                ),
                opts=self.child_options(),
            )
        for service, namespace in targets.items() if args.has_operator else ():
            self._declare_monitor(args, service, namespace)
        self.register_outputs({"services": sorted(targets)})

    def _declare_monitor(self, args: ScrapingArgs, service: str, namespace: str) -> None:
        CustomResource(
            self.child_name(f"{service}-monitor"),
            api_version="monitoring.coreos.com/v1",
            kind="ServiceMonitor",
            metadata={
                "name": service,
                "namespace": namespace,
                "labels": {MANAGED_BY_LABEL: MARK, **args.labels},
            },
            spec={
                "selector": {"matchLabels": {MANAGED_BY_LABEL: MARK, "app.kubernetes.io/name": service}},
                "endpoints": [
                    {
                        "port": "http",
                        "interval": _INTERVAL,
                        "honorLabels": True,  # the exporter names regions itself
                        "relabelings": [{"targetLabel": "region", "replacement": args.region}],
                    }
                ],
            },
            opts=self.child_options(),
        )
