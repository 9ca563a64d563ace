"""Dashboards as Grafana's JSON, by its own Foundation SDK (Grafana 11.6 and newer)."""

from __future__ import annotations

import json
from typing import Final

from grafana_foundation_sdk.builders import common, dashboard, prometheus, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import GraphThresholdsStyleMode
from grafana_foundation_sdk.models.dashboard import DataSourceRef, Threshold, ThresholdsMode

from workshop.model.monitoring.dashboards.panel import Dashboard, Panel

_SOURCE: Final = "source"
"""The variable by which whoever looks chooses the Prometheus."""

_WIDTH, _HEIGHT = 8, 8
"""Three panels a row of Grafana's grid, which is 24 wide."""

_UNITS: Final = {"gib": "suffix: GiB"}


def grafana_json(shown: Dashboard) -> str:
    """The dashboard as Grafana imports it, and its sidecar provisions it."""
    builder = (
        dashboard.Dashboard(shown.title)
        .uid(shown.uid)
        .tags(["ai-coder-workshop"])
        .refresh("30s")
        .time(f"now-{shown.hours}h", "now")
        .with_variable(dashboard.DatasourceVariable(_SOURCE).label("Prometheus").type("prometheus"))
    )
    identity = 0
    for heading, panels in shown.rows.items():
        builder = builder.with_row(dashboard.Row(heading))
        for panel in panels:
            identity += 1
            builder = builder.with_panel(_panel(panel).id(identity))
    return json.dumps(json.loads(JSONEncoder(sort_keys=True).encode(builder.build())), indent=1, sort_keys=True) + "\n"


def _panel(panel: Panel) -> timeseries.Panel:
    builder = (
        timeseries.Panel()
        .title(panel.title)
        .description(panel.meaning)
        .unit(_UNITS.get(panel.unit, panel.unit))
        .span(_WIDTH)
        .height(_HEIGHT)
        .datasource(DataSourceRef(type_val="prometheus", uid=f"${{{_SOURCE}}}"))
    )
    if panel.unit != "short":  # proxies' health goes below
        builder = builder.min(0)
    for number, (legend, expression) in enumerate(panel.queries.items()):
        query = prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(chr(ord("A") + number))
        builder = builder.with_target(query)
    if panel.limit is not None:
        steps = [Threshold(value=None, color="transparent"), Threshold(value=panel.limit, color="red")]
        absolute = dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
        lines = common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
        builder = builder.thresholds(absolute).thresholds_style(lines)
    return builder
