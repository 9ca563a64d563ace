"""A client for exec, as kubectl's: a websocket with a channel for each stream (v5.channel.k8s.io)."""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from workshop.sandbox.clusters.api import Access
from workshop.sandbox.json_values import Json

STDIN, STDOUT, STDERR, STATUS, CLOSE = 0, 1, 2, 3, 255
BINARY, END = 0x82, 0x88
CHUNK = 32 * 1024


class Result(NamedTuple):
    """exit_code: 0 where the command ended well; stdout, stderr: what it printed."""

    exit_code: int
    stdout: bytes
    stderr: bytes


def execute(access: Access, namespace: str, pod: str, *command: str, stdin: bytes | None = None) -> Result:
    """Runs a command in the pod's container main. Raises ConnectionError with the server's answer where it refuses."""
    query = [("container", "main"), ("stdout", "true"), ("stderr", "true"), *(("command", word) for word in command)]
    if stdin is not None:
        query.append(("stdin", "true"))
    path = f"/api/v1/namespaces/{namespace}/pods/{pod}/exec?{urlencode(query)}"
    streams = {STDOUT: b"", STDERR: b"", STATUS: b""}
    with _connected(access, path) as connection:
        writing = threading.Thread(target=_write, args=(connection, stdin))
        writing.start()
        received: dict[int, list[bytes]] = {channel: [] for channel in streams}
        for message in _messages(connection):
            received[message[0]].append(message[1:])
        writing.join()
    streams = {channel: b"".join(parts) for channel, parts in received.items()}
    return Result(_exit_code(json.loads(streams[STATUS])), streams[STDOUT], streams[STDERR])


@contextmanager
def _connected(access: Access, path: str) -> Generator[ssl.SSLSocket]:
    url = urlsplit(access.server)
    assert url.hostname is not None
    context = ssl.create_default_context(cadata=access.authority)
    with (
        socket.create_connection((url.hostname, url.port or 443), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname=url.hostname) as connection,
    ):
        key = base64.b64encode(os.urandom(16)).decode()
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: Bearer {access.token}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += _read(connection, 1)
        if b" 101 " not in head.partition(b"\r\n")[0]:
            raise ConnectionError((head + connection.recv(4096)).decode())
        yield connection


def _write(connection: ssl.SSLSocket, stdin: bytes | None) -> None:
    if stdin is None:
        return
    for at in range(0, len(stdin), CHUNK):
        _send(connection, bytes([STDIN]) + stdin[at : at + CHUNK])
    _send(connection, bytes([CLOSE, STDIN]))


def _send(connection: ssl.SSLSocket, message: bytes) -> None:
    # A mask of zeros leaves the message as it is, and is one.
    connection.sendall(bytes([BINARY, 0x80 | 127]) + len(message).to_bytes(8) + bytes(4) + message)


def _messages(connection: ssl.SSLSocket) -> Generator[bytes]:
    while True:
        kind, length = _read(connection, 2)
        if length >= 126:
            length = int.from_bytes(_read(connection, 2 if length == 126 else 8))
        content = _read(connection, length)
        if kind == END:
            return
        if kind == BINARY and content:
            yield content


def _read(connection: ssl.SSLSocket, length: int) -> bytes:
    parts: list[bytes] = []
    while length:
        part = connection.recv(min(length, 65536))
        if not part:
            raise ConnectionError("the server ended the connection")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _exit_code(status: dict[str, Json]) -> int:
    if status["status"] == "Success":
        return 0
    if status.get("reason") != "NonZeroExitCode":
        raise ConnectionError(status.get("message"))
    return next(int(cause["message"]) for cause in status["details"]["causes"] if cause["reason"] == "ExitCode")
