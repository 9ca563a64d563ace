"""A registry that sends whoever pulls to its token service, as ghcr.io does; the sandbox's takes its own token."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from typing_extensions import override

from workshop.checks.published import published_digest
from workshop.checks.service import Inconclusive, Service

MANIFEST = b"{}"
CHALLENGE = 'Bearer realm="{realm}",service="registry",scope="repository:coder/coder:pull"'


class _Registry(ThreadingHTTPServer):
    challenge = CHALLENGE
    asked: dict[str, list[str]]


class _Handler(BaseHTTPRequestHandler):
    server: _Registry  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/token":
            self.server.asked = parse_qs(url.query)
            self._answer(200, json.dumps({"token": "pull"}).encode())
        elif self.headers["Authorization"] != "Bearer pull":
            self._answer(401, b"{}")
        else:
            self._answer(200 if url.path == "/v2/coder/coder/manifests/latest" else 404, MANIFEST)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if status == 401:
            realm = f"http://127.0.0.1:{self.server.server_port}/token"
            self.send_header("WWW-Authenticate", self.server.challenge.format(realm=realm))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def registry() -> Generator[_Registry]:
    with _Registry(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def service(registry: _Registry) -> Service:
    return Service(name="the registry", url=f"http://127.0.0.1:{registry.server_port}", if_refused="log in")


def test_the_token_service_that_is_named_is_asked(registry: _Registry) -> None:
    found = published_digest(service(registry), "coder/coder", "latest")
    assert found == f"sha256:{hashlib.sha256(MANIFEST).hexdigest()}"
    assert registry.asked == {"service": ["registry"], "scope": ["repository:coder/coder:pull"]}


def test_what_is_not_there_is_none(registry: _Registry) -> None:
    assert published_digest(service(registry), "coder/coder", "nonsense") is None


def test_a_registry_that_names_no_token_service_is_told(registry: _Registry) -> None:
    registry.challenge = "Basic"
    with pytest.raises(Inconclusive, match="requires a login"):
        published_digest(service(registry), "coder/coder", "latest")
