"""What Prometheus and Grafana are given (docs/monitoring.md), where the settings ask for it."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi import Resource, ResourceOptions

from components.monitoring.alert_rules import AlertRules, AlertRulesArgs
from components.monitoring.dashboards import Dashboards, DashboardsArgs
from components.monitoring.scraping import Scraping, ScrapingArgs
from workshop.model.monitoring.dashboards.all import dashboards
from workshop.model.monitoring.rules import rules_of
from workshop.model.observations import Found, Observations
from workshop.model.plan.plan import plan_of_event
from workshop.model.settings.regions import Role
from workshop.model.settings.stack import Settings
from workshop.observe.providers import Providers


def declare_monitoring(
    settings: Settings, observations: Observations, providers: Providers, exporters: Mapping[str, Resource]
) -> None:
    """Targets in each region; rules and dashboards where the control plane is. exporters: by region.

    Rules and monitors only where the cluster knows the operator's kinds: else there is `workshop monitoring rules`.
    """
    monitoring = settings.monitoring
    if monitoring is None:
        return
    for region in settings.regions:
        in_cluster = ResourceOptions(provider=providers.kubernetes[region.name])
        is_home = region.role is Role.CONTROL_PLANE
        has_operator = isinstance(observations.regions[region.name].prometheus_operator, Found)
        scraping = ScrapingArgs(
            region=region.name,
            server_namespace=settings.server.namespace if is_home else None,
            server=settings.server.deployment,
            labels=monitoring.labels,
            has_operator=has_operator,
        )
        after_exporter = ResourceOptions(depends_on=[exporters[region.name]])
        Scraping(region.name, scraping, ResourceOptions.merge(in_cluster, after_exporter))
        if is_home and has_operator:
            rules = rules_of(settings, plan_of_event(settings))
            args = AlertRulesArgs(namespace=monitoring.namespace, labels=monitoring.labels, rules=rules)
            AlertRules(region.name, args, in_cluster)
        if is_home:
            from workshop.program.grafana import grafana_json  # 100 ms that others need not wait

            shown = {dashboard.uid: grafana_json(dashboard) for dashboard in dashboards(settings)}
            Dashboards(region.name, DashboardsArgs(namespace=monitoring.namespace, dashboards=shown), in_cluster)
