"""A way to a server by which calls fail as they are told to: HTTP/1.1 on loopback, commands in pods among it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Final

from tests.event.upstreams.schedule import Failing

_HEAD_BYTES: Final = 64 * 1024
_ANSWERS: Final = {
    Failing.BROKEN: ("500 Internal Server Error", '{"message": "planted"}'),
    Failing.LIMITED: ("429 Too Many Requests\r\nRetry-After: 1", '{"message": "planted"}'),
    Failing.GARBAGE: ("200 OK", "<html>planted</html>"),
}


@contextmanager
def relayed(port: int, fails: Callable[[], Failing | None]) -> Generator[str]:
    """A URL that leads to a port of loopback; fails: asked at each call."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                _relay(self.request, port, fails)

    class Server(ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 64

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _relay(client: socket.socket, port: int, fails: Callable[[], Failing | None]) -> None:
    """One call, after which the connection is over."""
    request = b""
    while b"\r\n\r\n" not in request:
        if len(request) > _HEAD_BYTES or not (piece := client.recv(_HEAD_BYTES)):
            return
        request += piece
    failing = fails()
    if failing is Failing.SILENT:
        return
    if failing is not None and failing in _ANSWERS:
        status, body = _ANSWERS[failing]
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        client.sendall(f"{head}\r\nConnection: close\r\n\r\n{body}".encode())
        return
    with socket.create_connection(("127.0.0.1", port)) as server:
        server.sendall(request if b"\r\nupgrade:" in request.lower() else _last(request))
        sending = Thread(target=_pump, args=(client, server), daemon=True)
        sending.start()
        _pump(server, None if failing is Failing.LOST else client)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        sending.join()


def _last(request: bytes) -> bytes:
    """The same as its connection's last one, so that the server ends it after its answer."""
    head, _, rest = request.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + rest


def _pump(source: socket.socket, target: socket.socket | None) -> None:
    """Until the source ends; with no target what comes is dropped."""
    with suppress(OSError):
        while piece := source.recv(_HEAD_BYTES):
            if target is not None:
                target.sendall(piece)
    if target is not None:
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)
