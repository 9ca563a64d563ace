"""The server's application with one answer gone wrong, as clouds do it when they are busy or broken."""

from __future__ import annotations

import json
from collections.abc import Iterable
from threading import Lock

from werkzeug.wrappers import Response

from tests.faults.processes import Fault
from workshop.sandbox.json_values import Json
from workshop.sandbox.servers import __main__ as server
from workshop.sandbox.servers.application import Application

_READS = ("Describe", "Get", "List", "BatchGet", "Assume")


def inject(fault: Fault) -> None:
    """Puts the fault into the server that this process is about to run."""
    lock, count = Lock(), 0

    class Faulty(Application):
        def __call__(self, environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
            nonlocal count
            with lock:
                count += _is_meant(environ, fault)
                is_hit = _is_meant(environ, fault) and count == fault.number
            if not is_hit:
                return super().__call__(environ, start_response)
            if fault.is_done:
                Response.from_app(super().__call__, environ, buffered=True)
            return _answer(fault)(environ, start_response)

    server.Application = Faulty  # pyright: ignore[reportPrivateImportUsage]  the one place that makes it


def _is_meant(environ: dict[str, Json], fault: Fault) -> bool:
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if path.startswith("/sandbox/"):
        return False
    if path.startswith("/clusters/"):
        return fault.service == "clusters"
    if path.startswith("/client/v4/"):
        return fault.service == "cloudflare" and method != "GET"
    action = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    return fault.service == "aws" and action != "" and not action.startswith(_READS)


def _answer(fault: Fault) -> Response:
    said = {409: "conflict", 429: "too many requests", 500: "internal error"}[fault.status]
    bodies: dict[str, Json] = {
        "aws": {
            "__type": {409: "ConflictException", 429: "ThrottlingException"}.get(fault.status, "ServerException"),
            "message": said,
        },
        "cloudflare": {
            "success": False,
            "errors": [{"code": 10000 + fault.status, "message": said}],
            "messages": [],
            "result": None,
        },
        "clusters": {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": fault.status, "message": said},
    }
    answer = Response(json.dumps(bodies[fault.service]), status=fault.status, content_type="application/json")
    if fault.status == 429:
        answer.headers["Retry-After"] = "1"  # without one, Cloudflare is left alone for five minutes
    return answer
