"""A server on 127.0.0.1 for this user's processes, of whom none can keep the others from being answered for long."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any, Final

from cheroot.server import HTTPConnection
from cheroot.wsgi import Gateway_10, Server
from typing_extensions import Buffer, override

from workshop.sandbox.servers.peers import Peers

REQUEST_SECONDS: Final = 10
"""From a request's first byte until all of it is there; and for how long a connection may be silent."""

HEADER_BYTES: Final = 64 * 1024
BODY_BYTES: Final = 4 * 1024 * 1024
"""More than a Kubernetes API server takes, 3 MiB, and than any request to the sandbox has."""

PART_BYTES: Final = 8 * 1024 * 1024
"""Of a part of an object in S3, for the server that has S3."""

CONNECTIONS: Final = 256
TAKE_OVER: Final = "workshop.take_over"
"""In an application's environ: a function that hands it the connection's socket."""

_BACKLOG: Final = 128


class Listener(Server):
    """cheroot's, with bounds. Until a connection's first byte has come it waits for it without a thread."""

    max_request_header_size = HEADER_BYTES
    max_request_body_size = BODY_BYTES

    def __init__(self, port: int, application: Any, threads: int) -> None:  # noqa: ANN401 -- cheroot has no types
        self._cheroot: Any = super()
        self._cheroot.__init__(
            ("127.0.0.1", port),
            application,
            numthreads=threads,
            request_queue_size=_BACKLOG,
            timeout=REQUEST_SECONDS,
            accepted_queue_size=CONNECTIONS,
            accepted_queue_timeout=0,
        )
        self.ConnectionClass = _Connection
        self.gateway = _Gateway
        self.connections: set[_Connection] = set()
        self._peers: Peers | None = None

    @property
    def port(self) -> int:
        """On which it listens."""
        return self._cheroot.bind_addr[1]

    @override
    def prepare(self) -> None:
        """Listens."""
        self._cheroot.prepare()
        self._peers = Peers(self.port)

    @override
    def process_conn(self, conn: _Connection) -> None:
        """Takes a connection that is new, or on which something has come."""
        if conn.last_used is not None:
            self._cheroot.process_conn(conn)
        elif len(self.connections) > CONNECTIONS or not (self._peers and self._peers.is_own(conn.peer)):
            conn.close()
        else:
            self._cheroot.put_conn(conn)


class _Connection(HTTPConnection):
    def __init__(self, server: Listener, *arguments: Any) -> None:  # noqa: ANN401
        self._cheroot: Any = super()
        self._cheroot.__init__(server, *arguments)
        self._connected: socket.socket = self.socket
        self._reads = _TimedReads(self._connected)
        self.rfile._raw = self._reads
        self._listener = server
        server.connections.add(self)

    @property
    def peer(self) -> tuple[str, int]:
        return self.remote_addr or "", self.remote_port or 0

    @override
    def communicate(self) -> bool:
        self._reads.deadline = time.monotonic() + REQUEST_SECONDS
        if isinstance(self._connected, ssl.SSLSocket) and self._connected.version() is None:
            try:
                self._connected.do_handshake()
            except OSError:
                return False
        return self._cheroot.communicate()

    def hand_over(self) -> socket.socket:
        """The connection for somebody else, who closes it; this object's own end leaves it open."""
        self.linger = True
        return self._connected.dup()

    @override
    def close(self) -> None:
        self._listener.connections.discard(self)
        self._cheroot.close()
        if self.linger:
            self._connected.close()


class _Gateway(Gateway_10):
    """Offers applications the connection itself, for what is no HTTP."""

    @override
    def get_environ(self) -> dict[str, Any]:
        cheroot: Any = super()
        return {**cheroot.get_environ(), TAKE_OVER: self._take_over}

    def _take_over(self) -> socket.socket:
        request: Any = self.req
        request.sent_headers = request.close_connection = True  # nothing is to be added to what is sent on it
        return request.conn.hand_over()


class _TimedReads(socket.SocketIO):
    """Each read has what is left of the request's time: a byte now and then would hold a thread for ever."""

    deadline = 0.0

    def __init__(self, connected: socket.socket) -> None:
        super().__init__(connected, "r")
        self._connected = connected

    @override
    def readinto(self, b: Buffer) -> int | None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._connected.settimeout(left)
        try:
            return super().readinto(b)
        finally:
            self._connected.settimeout(REQUEST_SECONDS)
