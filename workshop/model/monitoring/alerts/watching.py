"""Whether there is anybody who watches: an alert whose metric is absent never fires."""

from __future__ import annotations

from typing import Final

from workshop.model.monitoring.metrics import METRICS, Source
from workshop.model.monitoring.rule import Alert, minutes
from workshop.model.monitoring.series import WINDOW_OPEN

_OWN: Final = "|".join(
    (
        *("subdomain-apps", "hosts-resolve", "running-digests", "image-digests", "workspace-images"),
        *("litellm-key", "litellm-ready", "litellm-pods", "other-pools", "free-places", "warm-nodes"),
    )
)
"""Checks that have an alert of their own."""


def watching_alerts() -> tuple[Alert, ...]:
    """Of the exporter, what it asks, and all that is scraped."""
    vital = [metric for metric in METRICS if metric.is_vital and metric.source is not Source.EXPORTER]
    absent = " or ".join(
        f'label_replace(absent({metric.name}), "source", "{metric.source}", "", "")' for metric in vital
    )
    return (
        Alert(
            name="WorkshopExporterDown",
            expr="absent(workshop_window_open)",
            lasts=minutes(2),
            severity="critical",
            summary="The workshop's exporter is not scraped: alerts on keys, routes, queue and places can't fire.",
        ),
        Alert(
            name="WorkshopUpstreamSilent",
            expr="(time() - max by (look) (workshop_look_timestamp_seconds)) / 60 > 5",
            lasts=minutes(0),
            severity="warning",
            summary='{{ $labels.look }} has not answered the exporter for {{ $value | printf "%.0f" }} minutes.',
        ),
        Alert(
            name="WorkshopMetricsMissing",
            expr=absent,
            lasts=minutes(10),
            severity="critical",
            summary="Nothing of {{ $labels.source }} is scraped: alerts that need it can't fire (docs/metrics.md).",
        ),
        Alert(
            name="WorkshopCheckFails",
            expr=f'max by (check, region) (workshop_check_verdict{{check!~"{_OWN}"}}) == 2 and {WINDOW_OPEN}',
            lasts=minutes(10),
            severity="warning",
            summary="Preflight's check {{ $labels.check }} says no-go ({{ $labels.region }}) in the window.",
        ),
        Alert(
            name="WorkshopTokenEnds",
            expr="(max(workshop_coder_token_expiry_timestamp_seconds) - time()) / 86400 < 3",
            lasts=minutes(0),
            severity="warning",
            summary='The exporter\'s token of Coder ends in {{ $value | printf "%.1f" }} days.',
        ),
    )
