"""exec into pods of clusters in folders: the command runs as a process of this machine in the pod's home.

The websocket takes its connection over from the HTTP server, whose threads answer requests meanwhile: a command may run
for long, and wait for its reader.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import BytesMessage, CloseConnection, Event, Ping
from wsproto.utilities import LocalProtocolError, RemoteProtocolError, generate_accept_token

from workshop.sandbox.json_values import Json

STDIN, STDOUT, STDERR, STATUS, CLOSE = 0, 1, 2, 3, 255
PROTOCOL: Final = "v5.channel.k8s.io"
SESSIONS: Final = 128
"""At once; more are refused."""

_CHUNK: Final = 32 * 1024
"""What Kubernetes copies at a time."""

MESSAGE_BYTES: Final = 1024 * 1024
_NO_COMMAND: Final = 127
_SIGNALED: Final = 128
_NORMAL: Final = 1000
_LINGER_SECONDS: Final = 60
"""For a client to read what is on its way: a connection that is closed before it has may lose that."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """What is to be run. variables: the container's own; has_stdin: whether input comes for it."""

    words: Sequence[str]
    home: Path
    variables: Mapping[str, str]
    has_stdin: bool

    def start(self) -> subprocess.Popen[bytes]:
        """Starts it, with nothing of this process's environment. Raises OSError where there is no such command."""
        return subprocess.Popen(
            self.words,
            cwd=self.home,
            env={"PATH": os.defpath, "HOME": str(self.home), **self.variables},
            stdin=subprocess.PIPE if self.has_stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )


_running = threading.BoundedSemaphore(SESSIONS)


def serve(take_over: Callable[[], socket.socket], key: str, command: Command) -> bool:
    """Answers the handshake and runs the command, in threads of its own; False where too many run already."""
    if not _running.acquire(blocking=False):
        return False
    connected = take_over()

    def run() -> None:
        try:
            with connected:
                connected.settimeout(None)
                connected.sendall(_accepted(key))
                _Session(connected).run(command)
        except OSError:
            pass  # the client has gone
        finally:
            _running.release()

    threading.Thread(target=run, daemon=True).start()
    return True


def _accepted(key: str) -> bytes:
    token = generate_accept_token(key.encode()).decode()
    lines = (
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {token}",
        f"Sec-WebSocket-Protocol: {PROTOCOL}",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


class _Session:
    """One command on one connection."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._websocket = Connection(ConnectionType.SERVER)
        self._writing = threading.Lock()

    def run(self, command: Command) -> None:
        """Returns when the client knows how the command ended, or has gone, with which the command ends."""
        try:
            process = command.start()
        except OSError:
            self._send(STDERR, f"{command.words[0]}: there is no such command\n".encode())
            self._end(_NO_COMMAND)
            return
        with process:
            assert process.stdout is not None
            assert process.stderr is not None
            reader = threading.Thread(target=self._read, args=(process,), daemon=True)
            reader.start()
            pumps = [
                threading.Thread(target=self._pump, args=(process, channel, stream), daemon=True)
                for channel, stream in ((STDOUT, process.stdout), (STDERR, process.stderr))
            ]
            for pump in pumps:
                pump.start()
            for pump in pumps:
                pump.join()
            code = process.wait()
        self._end(code if code >= 0 else _SIGNALED - code)
        reader.join(_LINGER_SECONDS)

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        """Takes what the client sends; its end ends the command."""
        message = bytearray()
        try:
            while data := self._socket.recv(2 * _CHUNK):
                self._websocket.receive_data(data)
                for event in self._websocket.events():
                    if isinstance(event, CloseConnection):
                        return
                    if isinstance(event, Ping):
                        self._write(event.response())
                    elif isinstance(event, BytesMessage):
                        message += event.data
                        if len(message) > MESSAGE_BYTES:
                            return
                        if event.message_finished:
                            _feed(process.stdin, bytes(message))
                            message.clear()
        except (OSError, RemoteProtocolError, LocalProtocolError):
            pass  # as if it had gone
        finally:
            _kill(process)

    def _pump(self, process: subprocess.Popen[bytes], channel: int, stream: IO[bytes]) -> None:
        try:
            while data := os.read(stream.fileno(), _CHUNK):
                self._send(channel, data)
        except (OSError, LocalProtocolError):
            _kill(process)

    def _send(self, channel: int, data: bytes) -> None:
        self._write(BytesMessage(data=bytes([channel]) + data))

    def _write(self, event: Event) -> None:
        with self._writing:
            self._socket.sendall(self._websocket.send(event))

    def _end(self, code: int) -> None:
        with suppress(OSError, LocalProtocolError):
            self._send(STATUS, json.dumps(_status(code)).encode())
            self._write(CloseConnection(code=_NORMAL))
            self._socket.shutdown(socket.SHUT_WR)


def _feed(stdin: IO[bytes] | None, message: bytes) -> None:
    with suppress(OSError, ValueError):  # the command has ended, or closed it
        if stdin is None:
            return
        if message[:1] == bytes([STDIN]):
            stdin.write(message[1:])
            stdin.flush()
        elif message == bytes([CLOSE, STDIN]):
            stdin.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With all that it has started."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _status(code: int) -> Json:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "reason": "NonZeroExitCode",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }
