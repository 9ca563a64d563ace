"""Looks at everything again and again, and answers meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Final
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry

from workshop.checks.site import Site
from workshop.event.coder.client import Coder
from workshop.exporter.jobs import Jobs, JobsCollector, check_token, jobs_of
from workshop.exporter.look import Look
from workshop.exporter.server import Application, LooksCollector
from workshop.exporter.watch.looks import INTERVAL_SECONDS as WATCH_INTERVAL_SECONDS
from workshop.exporter.watch.looks import watch_looks
from workshop.exporter.watch.planned import planned_samples
from workshop.exporter.watch.sample import SampleCollector, Samples
from workshop.model.exporter import FRESH_SECONDS, ExportRequest

INTERVAL_SECONDS: Final = 5
"""Between two looks at Coder, each three calls of different paths; Coder lets 512 a minute through for each path."""


def run(
    request: ExportRequest,
    coder: Coder,
    server: WSGIServer,
    stopped: Event,
    site: Callable[[], Site] | None = None,
) -> None:
    """Until it is stopped. site: what is watched beside the queue, where the request says so.

    Raises ExporterFailure for a token that is too short-lived, once Coder has said so.
    """
    jobs: Look[Jobs] = Look(
        "coder_jobs", lambda: jobs_of(request, coder), lambda: datetime.now(UTC), fresh_seconds=FRESH_SECONDS
    )
    registry = CollectorRegistry()
    watched: tuple[Look[Samples], ...] = ()
    if site is not None and request.watch is not None:
        region, watched = request.watch.region, watch_looks(site, request.watch.region)
        registry.register(SampleCollector(watched, lambda: _planned(site(), region)))
    looks = [jobs, *watched]
    registry.register(JobsCollector(jobs, request.organization))
    registry.register(LooksCollector(looks))
    server.set_app(Application(registry, jobs, looks))
    answering = Thread(target=server.serve_forever, args=(0.05,))
    answering.start()
    for look in watched:
        asking = {"interval_seconds": WATCH_INTERVAL_SECONDS}
        Thread(target=look.run, args=(stopped,), kwargs=asking, daemon=True, name=look.name).start()
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


def _planned(site: Site, region: str) -> Samples:
    return planned_samples(site.settings, site.plan, region, site.now)
