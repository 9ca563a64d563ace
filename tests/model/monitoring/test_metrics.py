"""Metrics that alerts use are known, exposed and documented."""

from __future__ import annotations

import re

import pytest

from tests.model.given import ROOT
from tests.model.monitoring.test_rules import ALERTS
from workshop.model.monitoring.metrics import METRICS, metrics_in


def test_whatever_an_alert_uses_is_exposed_by_somebody_and_whatever_is_exposed_is_documented() -> None:
    for alert in ALERTS.values():
        assert metrics_in(alert.expr) != (), alert.name
    rows = re.findall(
        r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", (ROOT / "docs/metrics.md").read_text(), re.M
    )
    labels = [", ".join(f"`{label}`" for label in metric.labels) or "-" for metric in METRICS]
    assert rows == [
        (metric.name, named, metric.source, metric.since, metric.meaning)
        for metric, named in zip(METRICS, labels, strict=True)
    ]


def test_a_metric_that_nobody_exposes_is_an_error() -> None:
    with pytest.raises(KeyError):
        metrics_in("sum(workshop_unheard_of)")
