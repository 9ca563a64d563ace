"""What an alert rule is, and how Prometheus reads a file of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

Severity = Literal["critical", "warning"]
"""critical: people are losing work, or soon will; warning: within the hour."""

INTERVAL: Final = timedelta(seconds=15)
"""How often rules are evaluated; targets have to be scraped as often."""


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One alerting rule. name: CamelCase. expr: PromQL. lasts: how long it has to hold before the alert fires.

    summary: one sentence with the numbers, in Prometheus' template language.
    """

    name: str
    expr: str
    lasts: timedelta
    severity: Severity
    summary: str

    @property
    def runbook(self) -> str:
        """The name of its page in docs/runbooks: the alert's, in words with dashes; levels of one share it."""
        words = self.name.removeprefix("Workshop").rstrip("0123456789")
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", words).lower() + ".md"


def minutes(number: float) -> timedelta:
    """For `lasts`."""
    return timedelta(minutes=number)


def rules_file(groups: Mapping[str, Iterable[Alert]], runbooks_url: str) -> dict[str, Any]:
    """Groups as Prometheus' rule files and PrometheusRule objects have them."""
    return {
        "groups": [
            {
                "name": f"workshop-{name}",
                "interval": written(INTERVAL),
                "rules": [_rule(alert, runbooks_url) for alert in alerts],
            }
            for name, alerts in groups.items()
        ]
    }


def written(duration: timedelta) -> str:
    """As Prometheus writes durations, to the second."""
    return f"{int(duration.total_seconds())}s"


def _rule(alert: Alert, runbooks_url: str) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": " ".join(alert.expr.split()),
        "for": written(alert.lasts),
        "labels": {"severity": alert.severity, "source": "ai-coder-workshop"},
        "annotations": {"summary": alert.summary, "runbook_url": f"{runbooks_url.rstrip('/')}/{alert.runbook}"},
    }
