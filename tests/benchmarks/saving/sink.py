"""A bucket that keeps nothing: it counts what comes and forgets it, since moto would hold all of it in memory."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

_CHUNK: Final = 1024 * 1024
_UPLOAD: Final = "<InitiateMultipartUploadResult><UploadId>one</UploadId></InitiateMultipartUploadResult>"
_COMPLETE: Final = "<CompleteMultipartUploadResult><ETag>one</ETag></CompleteMultipartUploadResult>"


class Sink(BaseHTTPRequestHandler):
    """Answers what `workshop/event/work/bucket.py` asks."""

    protocol_version = "HTTP/1.1"
    sizes: Final[dict[str, int]] = {}
    lock: Final = threading.Lock()

    def do_PUT(self) -> None:
        """An object, or a part of one."""
        left = size = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, _CHUNK)))
        key = urlsplit(self.path).path
        with self.lock:
            self.sizes[key] = self.sizes.get(key, 0) + size
        self._answer(b"", ETag='"one"')

    def do_POST(self) -> None:
        """Begins an upload, or ends it."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer((_UPLOAD if urlsplit(self.path).query == "uploads" else _COMPLETE).encode())

    def do_HEAD(self) -> None:
        """How large an object is."""
        self.send_response(200)
        self.send_header("Content-Length", str(self.sizes[urlsplit(self.path).path]))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _answer(self, body: bytes, **headers: str) -> None:
        self.send_response(200)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Prints its port, and serves until it is ended."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
