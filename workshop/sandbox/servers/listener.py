"""A server on 127.0.0.1 for this user's processes, of whom none can keep the others from being answered for long."""

from __future__ import annotations

import _pyio
import socket
import ssl
import time
from typing import Any, Final

from cheroot.makefile import MakeFile, StreamReader
from cheroot.server import HTTPConnection
from cheroot.wsgi import Server

from workshop.sandbox.peers import Peers

REQUEST_SECONDS: Final = 10.0
"""From a request's first byte until all of it is there; and for how long a connection may be silent."""

HEADER_BYTES: Final = 64 * 1024
BODY_BYTES: Final = 4 * 1024 * 1024
"""More than a Kubernetes API server takes, 3 MiB, and than any request to the sandbox has."""

CONNECTIONS: Final = 256
_BACKLOG: Final = 128


class Listener(Server):
    """cheroot's, with bounds. Until a connection's first byte has come it waits for it without a thread."""

    max_request_header_size = HEADER_BYTES
    max_request_body_size = BODY_BYTES

    def __init__(self, port: int, application: Any, threads: int) -> None:  # noqa: ANN401 -- cheroot has no types
        super().__init__(
            ("127.0.0.1", port),
            application,
            numthreads=threads,
            request_queue_size=_BACKLOG,
            timeout=REQUEST_SECONDS,
            accepted_queue_size=CONNECTIONS,
            accepted_queue_timeout=0,
        )
        self.ConnectionClass = _Connection
        self.open: set[_Connection] = set()
        self._peers: Peers | None = None

    def prepare(self) -> None:
        """Listens."""
        super().prepare()
        self._peers = Peers(self.bind_addr[1])

    def process_conn(self, conn: _Connection) -> None:
        """Takes a connection that is new, or on which something has come."""
        if conn.last_used is not None:
            super().process_conn(conn)
        elif len(self.open) > CONNECTIONS or not (self._peers and self._peers.is_own(conn.peer)):
            conn.close()
        else:
            self.put_conn(conn)


class _Connection(HTTPConnection):
    def __init__(self, server: Listener, sock: Any, makefile: Any = MakeFile) -> None:  # noqa: ANN401
        super().__init__(server, sock, makefile)
        self.rfile = _Reader(sock, self.rbufsize)
        self._listener = server
        server.open.add(self)

    @property
    def peer(self) -> tuple[str, int]:
        return self.remote_addr or "", self.remote_port or 0

    def communicate(self) -> bool:
        self.rfile.raw.deadline = time.monotonic() + REQUEST_SECONDS
        if isinstance(self.socket, ssl.SSLSocket) and self.socket.version() is None:
            try:
                self.socket.do_handshake()
            except OSError:
                return False
        return super().communicate()

    def close(self) -> None:
        self._listener.open.discard(self)
        super().close()


class _Reader(StreamReader):
    def __init__(self, sock: Any, size: int) -> None:  # noqa: ANN401
        _pyio.BufferedReader.__init__(self, _TimedReads(sock, "rb"), size)
        self.bytes_read = 0


class _TimedReads(socket.SocketIO):
    """Each read has what is left of the request's time: a byte now and then would hold a thread for ever."""

    deadline = 0.0

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        try:
            return super().readinto(buffer)
        finally:
            self._sock.settimeout(REQUEST_SECONDS)
