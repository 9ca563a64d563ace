"""Args of what Prometheus and Grafana are given, for the contract test."""

from __future__ import annotations

from dataclasses import replace

from components.monitoring.alert_rules import AlertRulesArgs
from components.monitoring.dashboards import DashboardsArgs
from components.monitoring.exporter_rights import ExporterRightsArgs, ExporterRoleArgs
from components.monitoring.scraping import ScrapingArgs
from tests.components.scaling_examples import EXPORTER

LABELS = {"release": "kube-prometheus-stack"}
ALERT_RULES = AlertRulesArgs(namespace="monitoring", labels=LABELS, rules={"groups": []})
DASHBOARDS = DashboardsArgs(namespace="monitoring", dashboards={"workshop-day": "{}"})
SCRAPING = ScrapingArgs(region="us-east-2", server_namespace="coder", server="coder", labels=LABELS, has_operator=True)
WITHOUT_OPERATOR = replace(SCRAPING, has_operator=False)
RIGHTS = ExporterRightsArgs(namespaces=("coder", "coder-ws"))
ROLE = ExporterRoleArgs(
    account="123456789012",
    oidc_issuer="oidc.eks.us-east-2.amazonaws.com/id/1",
    repositories=("base-ws", "coder-preview"),
    permissions_boundary="workshop-boundary",
)
WATCHING = replace(
    EXPORTER,
    readers=("monitoring",),
    ports=(443,),
    watches=True,
    role_arn="arn:aws:iam::123456789012:role/ai-coder-workshop-exporter",
    litellm=("LITELLM_API_KEY", "exporter-litellm", "key"),
)
