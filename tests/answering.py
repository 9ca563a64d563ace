"""LiteLLM, Secrets Manager and a cluster's API as one server on loopback, which answers what a test says."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.observe.kubernetes_api import kubeconfig

Answer = tuple[int, Any]
"""Status and body: JSON, or text as it is."""


@dataclass
class Answering:
    """answers: by what is asked, one or one after another, the last for good. asked: everything, in order.

    Requests are named by method and path, those to AWS by method and operation.
    """

    answers: dict[str, Answer | Sequence[Answer]]
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def answer(self, name: str) -> Answer:
        found = self.answers.get(name, (404, {"kind": "Status", "status": "Failure", "code": 404, "message": "gone"}))
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found  # pyright: ignore[reportReturnType] a single one

    @property
    def names(self) -> list[str]:
        return [one["name"] for one in self.asked]


@contextmanager
def answering(
    answers: Mapping[str, Answer | Sequence[Answer]], certificate: ssl.SSLContext | None = None
) -> Generator[Answering]:
    served = Answering({name: list(one) if isinstance(one, list) else one for name, one in answers.items()})

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

        def _serve(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            name = f"{self.command} {operation or url.path}"
            asked: dict[str, Any] = {"name": name, "query": url.query, "body": json.loads(body) if body else None}
            if not operation and (credentials := self.headers.get("Authorization")):
                asked["credentials"] = credentials
            served.asked.append(asked)
            status, content = served.answer(name)
            text = (content if isinstance(content, str) else json.dumps(content)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815 - as http.server calls them

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        server.socket = certificate.wrap_socket(server.socket, server_side=True)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def environment(monkeypatch: pytest.MonkeyPatch, folder: Path, url: str) -> None:
    """What a Pod has, with this server for everything."""
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)  # it keeps the first credentials that it meets
    file = Path(kubeconfig(folder / "kubeconfig", url, "here"))
    file.write_text(json.dumps({**json.loads(file.read_text()), "current-context": "here"}))
    for name, value in {
        "KUBECONFIG": str(file),
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_MAX_ATTEMPTS": "1",
        "NO_PROXY": "*",
    }.items():
        monkeypatch.setenv(name, value)


def secret(key: str | None = None, field: str = "token") -> Answer:
    """A Secret that holds a key."""
    data = {} if key is None else {"data": {field: base64.b64encode(key.encode()).decode()}}
    return 200, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "litellm", "namespace": "coder-ws"}, **data}


def cron_job(**spec: object) -> Answer:
    """The rotation's CronJob."""
    template = {"spec": {"template": {"spec": {"containers": [{"name": "rotate"}]}}}}
    metadata = {"name": "rotate-key", "namespace": "coder-ws"}
    spec = {"jobTemplate": template, **spec}
    return 200, {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata, "spec": spec}


def job(name: str, condition: str | None = None, owner: str = "rotate-key", kind: str = "CronJob") -> dict[str, Any]:
    """A Job that a CronJob started; condition: how it ended."""
    status = {"conditions": [{"type": "Suspended", "status": "True"}, {"type": condition, "status": "True"}]}
    owners = [{"apiVersion": "batch/v1", "kind": kind, "name": owner, "uid": "1"}]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": "coder-ws", "ownerReferences": owners},
        **({"status": status} if condition else {}),
    }
