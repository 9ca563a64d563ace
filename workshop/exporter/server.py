"""What the exporter answers, from the last looks: /metrics, /healthz, /readyz, and /queue/REGION for KEDA."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily

from workshop.exporter.jobs import Jobs
from workshop.exporter.look import Look

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

_SLOW_CLIENT_SECONDS: Final = 5
_QUEUE: Final = "/queue/"


class LooksCollector:
    """Whether each upstream answered, and when it did last."""

    def __init__(self, looks: Sequence[Look[Any]]) -> None:
        self._looks = looks

    def collect(self) -> Iterator[Metric]:
        """As prometheus-client asks for them."""
        success = GaugeMetricFamily(
            "workshop_look_success", "1 where the upstream answered last time, 0 where not.", labels=("look",)
        )
        seen = GaugeMetricFamily(
            "workshop_look_timestamp_seconds", "When the upstream answered last.", labels=("look",)
        )
        for look in self._looks:
            success.add_metric((look.name,), 0 if look.failure else 1)
            if look.seen is not None:
                seen.add_metric((look.name,), look.seen.at.timestamp())
        yield success
        yield seen


class Application:
    """The WSGI application. jobs: from which queues are answered; looks: all of them, whose health counts."""

    def __init__(self, registry: CollectorRegistry, jobs: Look[Jobs], looks: Sequence[Look[Any]]) -> None:
        self._registry = registry
        self._jobs = jobs
        self._looks = looks

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request."""
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
            return [generate_latest(self._registry)]
        status, body = self._answer(path)
        start_response(f"{status.value} {status.phrase}", [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    def _answer(self, path: str) -> tuple[HTTPStatus, object]:
        if path == "/healthz":
            stale = {look.name: look.failure or "the last answer is too old" for look in self._looks if not look.fresh}
            return (HTTPStatus.SERVICE_UNAVAILABLE if stale else HTTPStatus.OK), {"failing": stale}
        if path == "/readyz":
            return (HTTPStatus.OK if self._jobs.fresh else HTTPStatus.SERVICE_UNAVAILABLE), {
                "queue": self._jobs.failure
            }
        if not path.startswith(_QUEUE):
            return HTTPStatus.NOT_FOUND, {"error": f"/metrics, /healthz, /readyz and {_QUEUE}REGION are here"}
        found = self._jobs.fresh
        if found is None:
            why = self._jobs.failure or "the last answer is too old"
            return HTTPStatus.SERVICE_UNAVAILABLE, {"error": f"{self._jobs.name}: {why}"}
        queue = found.queues.get(path.removeprefix(_QUEUE))
        if queue is None or path == _QUEUE:
            return HTTPStatus.NOT_FOUND, {"error": "no region of this name has provisioners"}
        return HTTPStatus.OK, {**asdict(queue), "age_seconds": self._jobs.age_seconds}


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = _SLOW_CLIENT_SECONDS

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: a probe comes every few seconds."""


def server(host: str, port: int) -> WSGIServer:
    """Listens; its application is set by whoever runs it. Each request has a thread, so one slow reader holds up none.

    host: "" for every address. Raises OSError where the port is taken.
    """
    listening = _Server((host, port), _Handler)
    listening.set_app(None)
    return listening
