"""Coder's jobs by region, and how long the token lives with which they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from workshop.event.coder.client import Coder
from workshop.event.coder.errors import CoderRefused
from workshop.exporter.failure import ExporterFailure
from workshop.exporter.look import Look
from workshop.model.exporter import ExportRequest, Queue, queues
from workshop.model.window.phases import moment


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """queues: by region. token_expires_at: None where Coder does not list the token, as an application's."""

    queues: Mapping[str, Queue]
    token_expires_at: datetime | None


def jobs_of(request: ExportRequest, coder: Coder) -> Jobs:
    """Asks Coder. Raises ExporterFailure or CoderError."""
    organization = coder.organization(request.organization)
    if organization is None:
        raise ExporterFailure(f"Coder has no organization {request.organization} that the exporter's token may see")
    try:
        jobs = coder.unfinished_jobs(organization.id)
    except CoderRefused as refused:
        raise ExporterFailure(
            f"{refused}: give the token's user the role organization-template-admin in {request.organization}"
        ) from None
    pending = [job.tags for job in jobs if job.status == "pending"]
    running = [job.tags for job in jobs if job.status != "pending"]
    return Jobs(
        queues=queues(pending, running, request.regions),
        token_expires_at=coder.expires_at(),
    )


def check_token(jobs: Jobs, until: datetime | None) -> None:
    """Raises ExporterFailure where the token ends too early."""
    if until is not None and jobs.token_expires_at is not None and jobs.token_expires_at < until:
        raise ExporterFailure(
            f"the exporter's token for Coder expires at {moment(jobs.token_expires_at)}, it is needed until "
            f"{moment(until)}: the queue could not be seen any more; put a longer one into its Secret "
            "(coder tokens create --lifetime 720h)"
        )


class JobsCollector:
    """Metrics of a look at Coder's jobs; of one that is too old, only that it is."""

    def __init__(self, look: Look[Jobs], organization: str) -> None:
        self._look = look
        self._organization = organization

    def collect(self) -> Iterator[Metric]:
        """As prometheus-client asks for them."""
        jobs = GaugeMetricFamily(
            "workshop_provisioner_jobs",
            "Builds by organization, region of the provisioners that take them, and status (pending, running).",
            labels=("organization", "region", "status"),
        )
        expires = GaugeMetricFamily(
            "workshop_coder_token_expiry_timestamp_seconds", "When the exporter's token for Coder expires."
        )
        found = self._look.fresh
        if found is not None:
            for region, queue in found.queues.items():
                jobs.add_metric((self._organization, region, "pending"), queue.pending)
                jobs.add_metric((self._organization, region, "running"), queue.running)
            if found.token_expires_at is not None:
                expires.add_metric((), found.token_expires_at.timestamp())
        yield jobs
        yield expires
