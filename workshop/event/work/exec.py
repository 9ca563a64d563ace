"""Commands in pods, as kubectl's exec runs them: a websocket with a channel for each stream (v5.channel.k8s.io).

lightkube's own exec queues 512 messages of each command, and sends all of the input before it reads any output; this
one is for streams of any size from many pods at once.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias

import httpx2
from httpx2.websockets import HTTPXWSException, WebSocketDisconnect, WebSocketSession, WebSocketUpgradeError
from lightkube import ConfigError, KubeConfig
from lightkube.config import client_adapter
from pydantic import BaseModel, ValidationError
from typing_extensions import override
from wsproto.utilities import LocalProtocolError

STDIN, STDOUT, STDERR, STATUS, CLOSE = 0, 1, 2, 3, 255
PROTOCOL: Final = "v5.channel.k8s.io"
"""The first one in which a client can say that its input has ended."""

STALL_SECONDS: Final = 120
"""For how long a command may have nothing to say before it is given up."""

MOST_SECONDS: Final = 600
"""For how long a command may run at all, by default: one that says a word now and then is given up too."""

_END_SECONDS: Final = 0.01
_LOOK_SECONDS: Final = 1
"""How often a command that says nothing is looked after."""

_QUEUED_MESSAGES: Final = 8
"""API servers send 32 KiB in one; whoever takes them slowly holds the command up."""

_MESSAGE_BYTES: Final = 1024 * 1024
_INPUT_BYTES: Final = 128 * 1024
_CONNECT_SECONDS: Final = 15
_SWITCHING_PROTOCOLS: Final = 101
_KEEPALIVE: Final = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
        if hasattr(socket, name)  # not on every system
    ),
]
"""A peer that is gone without a word ends a read after a minute: no thread waits for it for ever."""

Take: TypeAlias = Callable[[bytes], None]
"""Is given each piece of a stream; what it raises ends the command."""


class ExecError(Exception):
    """A command was not run, or it is not known how it ended: refused, cut off, or silent. Its text says which."""


@dataclass(frozen=True, kw_only=True)
class Container:
    """Where a command runs."""

    namespace: str
    pod: str
    name: str


class _Cause(BaseModel):
    reason: str = ""
    message: str = ""


class _Details(BaseModel):
    causes: tuple[_Cause, ...] = ()


class _Status(BaseModel):
    """Kubernetes' Status, as far as it is read."""

    status: str = ""
    reason: str = ""
    message: str = ""
    details: _Details | None = None

    def exit_code(self) -> int:
        """Of the command. Raises ExecError where it has none: it could not be started, or was cut off."""
        if self.status == "Success":
            return 0
        causes = self.details.causes if self.details else ()
        code = next((one.message for one in causes if one.reason == "ExitCode"), "")
        if self.reason != "NonZeroExitCode" or not code.isdecimal():
            raise ExecError(self.message or "the cluster does not say how the command ended")
        return int(code)


class Cluster:
    """One cluster's pods. May be used from many threads."""

    def __init__(self, config: KubeConfig, context: str | None = None) -> None:
        """context: None for the current one; in a pod KubeConfig.from_env() has its own account.

        Raises lightkube.ConfigError where there is no such context. No request is made yet.
        """
        chosen: Any = config.get(context_name=context)
        if chosen is None or chosen.user is None:
            raise ConfigError(f"context {context} names no user")
        adapter: Any = client_adapter
        if chosen.cluster.server.startswith("http://"):
            chosen.cluster.insecure = True  # nothing to verify, and a machine's authorities take a while to load
        verify = adapter.verify_cluster(chosen.cluster, chosen.user, chosen.abs_file, trust_env=False)
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
        self._client = httpx2.Client(
            base_url=chosen.cluster.server,
            auth=_Credentials(adapter.user_auth(chosen.user)),
            transport=httpx2.HTTPTransport(verify=verify, limits=limits, socket_options=_KEEPALIVE),
            timeout=httpx2.Timeout(STALL_SECONDS, connect=_CONNECT_SECONDS),
            event_hooks={"response": [_read_refusal]},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends what still runs."""
        self._client.close()

    def run(
        self,
        container: Container,
        command: Iterable[str],
        *,
        stdout: Take,
        stderr: Take,
        stdin: Callable[[Take], None] | None = None,
        stall_seconds: float = STALL_SECONDS,
        most_seconds: float = MOST_SECONDS,
    ) -> int:
        """Runs a command to its end and answers its exit code.

        stdin: writes the command's input, in a thread of its own, by what it is given. Raises ExecError, and what
        stdout, stderr and stdin raise.
        """
        query = [("container", container.name), ("stdout", "true"), ("stderr", "true")]
        if stdin is not None:
            query.append(("stdin", "true"))
        query += [("command", word) for word in command]
        path = f"api/v1/namespaces/{container.namespace}/pods/{container.pod}/exec"
        with self._connected(path, query) as session, _Input(session, stdin) as given:
            began = quiet_since = time.monotonic()
            while True:
                if time.monotonic() - began >= most_seconds:
                    raise ExecError(f"the command took more than {most_seconds:g} s")
                try:
                    message = session.receive_bytes(timeout=min(stall_seconds, most_seconds, _LOOK_SECONDS))
                except TimeoutError:
                    given.raise_failure()
                    if time.monotonic() - quiet_since >= stall_seconds:
                        raise ExecError(f"the command said nothing for {stall_seconds:g} s") from None
                    continue
                channel, data = message[:1], message[1:]
                if channel == bytes([STATUS]):
                    return _read_status(data).exit_code()
                if data and channel in (bytes([STDOUT]), bytes([STDERR])):
                    (stdout if channel == bytes([STDOUT]) else stderr)(data)
                quiet_since = time.monotonic()

    @contextmanager
    def _connected(self, path: str, query: list[tuple[str, str]]) -> Generator[WebSocketSession]:
        try:
            with self._client.websocket(
                path,
                params=tuple(query),
                subprotocols=[PROTOCOL],
                max_message_size_bytes=_MESSAGE_BYTES,
                queue_size=_QUEUED_MESSAGES,
                keepalive_ping_interval_seconds=None,  # a pong would wait behind what is queued
            ) as session:
                try:
                    if session.subprotocol != PROTOCOL:
                        raise ExecError(f"the cluster does not speak {PROTOCOL}: it needs Kubernetes 1.30 or newer")
                    yield session
                finally:
                    _end(session)
        except WebSocketUpgradeError as refused:
            raise ExecError(_refusal(refused.response)) from None
        except WebSocketDisconnect as end:
            raise ExecError(f"the stream was cut off: {end.reason or f'code {end.code}'}") from None
        except HTTPXWSException:
            raise ExecError("the stream was cut off: the connection broke") from None
        except httpx2.HTTPError as error:
            raise ExecError(f"the cluster can't be reached: {str(error) or type(error).__name__}") from None


def _end(session: WebSocketSession) -> None:
    """Ends a session's reading before its connection is closed.

    httpx2 closes it under a thread that still reads. Whatever is opened next gets its number, and TLS then writes into
    that: a database's file, or another connection.
    """
    connected: Any = session.stream.get_extra_info("socket")
    with suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
    reading: Any = session
    deadline = time.monotonic() + STALL_SECONDS
    while reading._background_receive_task.is_alive() and time.monotonic() < deadline:
        with suppress(queue.Empty):
            reading._events.get(timeout=_END_SECONDS)  # it may wait for room


class _Credentials(httpx2.Auth):
    """Those of the kubeconfig, which may have to be asked for: a program that prints a token, or a file."""

    def __init__(self, given: httpx2.Auth | None) -> None:
        self._given = given or httpx2.Auth()

    @override
    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        try:
            yield from self._given.sync_auth_flow(request)
        except Exception as error:  # noqa: BLE001 -- whatever a program's answer makes of lightkube
            raise ExecError(f"there are no credentials for the cluster: {error or type(error).__name__}") from None


class _Input:
    """Writes a command's input beside what is read of it."""

    def __init__(self, session: WebSocketSession, write: Callable[[Take], None] | None) -> None:
        self._session = session
        self._write = write
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        if self._write is not None:
            self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        if self._write is None:
            return
        if failure[0] is not None:
            _end(self._session)  # or it would write on
        self._thread.join(STALL_SECONDS)
        if failure[0] is None:
            self.raise_failure()

    def raise_failure(self) -> None:
        """Raises what went wrong with the input itself."""
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        assert self._write is not None
        try:
            self._write(self._send)
            self._session.send_bytes(bytes([CLOSE, STDIN]))
        except (HTTPXWSException, LocalProtocolError):
            pass  # the command has ended without reading all, which its exit code says
        except BaseException as failure:  # noqa: BLE001 -- raised again by whoever waits
            self._failure = failure

    def _send(self, data: bytes) -> None:
        for at in range(0, len(data), _INPUT_BYTES):
            self._session.send_bytes(bytes([STDIN]) + data[at : at + _INPUT_BYTES])


def _read_status(data: bytes) -> _Status:
    try:
        return _Status.model_validate_json(data)
    except ValidationError:
        raise ExecError("the cluster does not say how the command ended") from None


def _read_refusal(response: httpx2.Response) -> None:
    """As long as it can be read: afterwards it is closed."""
    if response.status_code != _SWITCHING_PROTOCOLS:
        response.read()


def _refusal(response: httpx2.Response) -> str:
    try:
        said = _Status.model_validate_json(response.content).message
    except ValidationError:
        said = ""
    return f"the cluster refused to run the command: {response.status_code} {said or response.reason_phrase}"
