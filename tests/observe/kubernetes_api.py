"""A Kubernetes API on loopback that answers GET from a dictionary, and a kubeconfig for it."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

Manifest = Mapping[str, Any]


@contextmanager
def serving(objects: Mapping[str, Manifest]) -> Generator[str]:
    """Serves objects by their path, lists by what is under one; answers the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path in objects:
                self._answer(200, objects[url.path])
                return
            under = [found for path, found in objects.items() if url.path in _lists(path)]
            is_namespaced = url.path.partition("/namespaces/")[2].count("/") == 1 or url.path == "/api/v1/pods"
            if not under and not is_namespaced:
                self._answer(404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404})
                return
            selector = parse_qs(url.query).get("labelSelector", [""])[0]
            wanted = dict(pair.split("=") for pair in selector.split(",") if pair)
            items = [found for found in under if wanted.items() <= found["metadata"].get("labels", {}).items()]
            self._answer(200, {"kind": "List", "apiVersion": "v1", "metadata": {}, "items": items})

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

        def _answer(self, status: int, body: Manifest) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _lists(path: str) -> tuple[str, str]:
    """Which lists an object is in: its namespace's and all namespaces'."""
    listed = path.rpartition("/")[0]
    return listed, re.sub("/namespaces/[^/]+/", "/", listed)


def kubeconfig(file: Path, url: str, *contexts: str) -> str:
    """Writes a kubeconfig in which every context reaches the same API."""
    content: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "here", "cluster": {"server": url}}],
        "users": [{"name": "me", "user": {}}],
        "contexts": [{"name": context, "context": {"cluster": "here", "user": "me"}} for context in contexts],
    }
    file.write_text(json.dumps(content))
    return str(file)
