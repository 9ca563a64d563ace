"""Looks at everything again and again, and answers meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event, Thread
from typing import Final
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry

from workshop.event.coder.client import Coder
from workshop.exporter.jobs import Jobs, JobsCollector, check_token, jobs_of
from workshop.exporter.look import Look
from workshop.exporter.server import Application, LooksCollector
from workshop.model.exporter import FRESH_SECONDS, ExportRequest

INTERVAL_SECONDS: Final = 5
"""Between two looks at Coder, each three calls of different paths; Coder lets 512 a minute through for each path."""


def run(request: ExportRequest, coder: Coder, token: str, server: WSGIServer, stopped: Event) -> None:
    """Until it is stopped. Raises ExporterFailure for a token that is too short-lived, once Coder has said so."""
    jobs: Look[Jobs] = Look(
        "coder_jobs", lambda: jobs_of(request, coder, token), lambda: datetime.now(UTC), fresh_seconds=FRESH_SECONDS
    )
    looks = [jobs]
    registry = CollectorRegistry()
    registry.register(JobsCollector(jobs, request.organization))
    registry.register(LooksCollector(looks))
    server.set_app(Application(registry, jobs, looks))
    answering = Thread(target=server.serve_forever, args=(0.05,))
    answering.start()
    try:
        while jobs.seen is None and not stopped.is_set():
            jobs.once()
            stopped.wait(0 if jobs.seen else INTERVAL_SECONDS)
        if jobs.seen is not None:
            check_token(jobs.seen.value, request.until)
        jobs.run(stopped, interval_seconds=INTERVAL_SECONDS)
    finally:
        server.shutdown()
        answering.join()
        server.server_close()
