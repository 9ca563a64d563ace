"""Figures as looks give them, and as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from workshop.exporter.look import Look
from workshop.model.monitoring.metrics import METRICS


@dataclass(frozen=True)
class Sample:
    """One figure of a metric in workshop/model/monitoring/metrics.py."""

    name: str
    value: float
    labels: dict[str, str] = field(default_factory=dict[str, str])


Samples: TypeAlias = tuple[Sample, ...]

_MEANING = {metric.name: metric.meaning for metric in METRICS}


class SampleCollector:
    """What each look saw last, however long ago: workshop_look_timestamp_seconds says when. always: needs no look."""

    def __init__(self, looks: Sequence[Look[Samples]], always: Callable[[], Samples]) -> None:
        self._looks = looks
        self._always = always

    def collect(self) -> Iterator[Metric]:
        """As prometheus-client asks for them."""
        families: dict[str, GaugeMetricFamily] = {}
        seen = [look.seen.value for look in self._looks if look.seen is not None]
        for sample in (one for samples in (self._always(), *seen) for one in samples):
            family = families.setdefault(
                sample.name, GaugeMetricFamily(sample.name, _MEANING[sample.name], labels=tuple(sample.labels))
            )
            family.add_metric(tuple(sample.labels.values()), sample.value)
        yield from families.values()
