"""Alert rules, as the Prometheus operator reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import ResourceOptions
from pulumi_kubernetes.apiextensions import CustomResource

from components.component import Component
from workshop.model.names import ALERT_RULES, MANAGED_BY_LABEL, MARK


@dataclass(frozen=True, kw_only=True)
class AlertRulesArgs:
    """namespace: where Prometheus finds them. labels: by which it selects them. rules: a file of rules."""

    namespace: str
    labels: Mapping[str, str]
    rules: Mapping[str, Any]


class AlertRules(Component):
    """Declares a PrometheusRule; the cluster has to know the operator's kinds.

    Outputs: prometheus_rule (its name in the cluster).
    """

    def __init__(self, name: str, args: AlertRulesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        CustomResource(
            self.child_name("alert-rules"),
            api_version="monitoring.coreos.com/v1",
            kind="PrometheusRule",
            metadata={
                "name": ALERT_RULES,
                "namespace": args.namespace,
                "labels": {MANAGED_BY_LABEL: MARK, **args.labels},
            },
            spec=args.rules,
            opts=self.child_options(),
        )
        self.register_outputs({"prometheus_rule": ALERT_RULES})
