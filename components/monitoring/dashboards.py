"""Dashboards, as Grafana's sidecar picks them up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi_kubernetes as kubernetes
from pulumi import ResourceOptions

from components.component import Component
from components.pods import metadata
from workshop.model.names import MARK

LABEL: Final = "grafana_dashboard"
"""By which the sidecar of Grafana's chart finds ConfigMaps (its default)."""


@dataclass(frozen=True, kw_only=True)
class DashboardsArgs:
    """namespace: where the sidecar looks. dashboards: by uid, as Grafana's JSON."""

    namespace: str
    dashboards: Mapping[str, str]


class Dashboards(Component):
    """Declares a ConfigMap for each dashboard.

    Outputs: config_maps (their names).
    """

    def __init__(self, name: str, args: DashboardsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        names = {uid: f"{MARK}-dashboard-{uid.removeprefix('workshop-')}" for uid in args.dashboards}
        for uid, text in args.dashboards.items():
            kubernetes.core.v1.ConfigMap(
                self.child_name(uid),
                metadata=metadata(names[uid], args.namespace, labels={LABEL: "1"}),
                data={f"{uid}.json": text},
                opts=self.child_options(),
            )
        self.register_outputs({"config_maps": list(names.values())})
