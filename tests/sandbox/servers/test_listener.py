"""Connections that send too much, too slowly or nothing, and others that are answered all the same."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Generator, Iterable
from contextlib import ExitStack

import httpx
import pytest

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers import listener
from workshop.sandbox.servers.admission import read_body
from workshop.sandbox.servers.listener import BODY_BYTES, Listener
from workshop.sandbox.servers.peers import Peers

THREADS = 2
MANY = 3 * THREADS


def application(environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
    """Answers how much it was sent."""
    refusal = read_body(environ)
    if refusal is not None:
        return refusal(environ, start_response)
    body = str(len(environ["wsgi.input"].read())).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture
def port(request: pytest.FixtureRequest) -> Generator[int]:
    server = Listener(0, application, THREADS)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield server.port
    server.stop()
    thread.join()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "REQUEST_SECONDS", 0.5)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def answered(port: int) -> str:
    return httpx.post(f"http://127.0.0.1:{port}/", content=b"x" * 5, timeout=30, trust_env=False).text


def sent(port: int, request: bytes) -> bytes:
    """What comes back, until the server hangs up."""
    with connect(port) as client:
        try:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it didn't want to hear the rest
        answer = b""
        try:
            while received := client.recv(65536):
                answer += received
        except ConnectionError:
            pass
        return answer


def is_open(client: socket.socket) -> bool:
    """Also not answered, such as that it took too long."""
    client.setblocking(False)
    try:
        client.recv(1)
    except BlockingIOError:
        return True
    return False


def test_silent_connections_hold_no_thread(port: int) -> None:
    with ExitStack() as held:
        silent = [held.enter_context(connect(port)) for _ in range(MANY)]
        assert answered(port) == "5"
        assert all(map(is_open, silent))


def test_a_silent_connection_is_closed(impatient: None, port: int) -> None:
    with connect(port) as client:
        assert client.recv(1) == b""


@pytest.mark.parametrize(
    "beginning", [b"GET / HTTP/1.1\r\nX: ", b"GET /", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"]
)
def test_a_byte_now_and_then_keeps_nobody_waiting(impatient: None, port: int, beginning: bytes) -> None:
    ends: list[bool] = []

    def trickle() -> None:
        with connect(port) as client:
            client.sendall(beginning)
            try:
                for _ in range(1000):
                    client.sendall(b"x")
                    time.sleep(0.05)
                ends.append(False)
            except ConnectionError:
                ends.append(True)

    clients = [threading.Thread(target=trickle) for _ in range(MANY)]
    for client in clients:
        client.start()
    assert answered(port) == "5"
    for client in clients:
        client.join()
    assert ends == [True] * MANY


def headers(count: int, size: int) -> bytes:
    return b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * size) for n in range(count))


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (headers(100000, 10) + b"\r\n", b"413"),
        (headers(3, 60000) + b"\r\n", b"413"),
        (b"GET /" + b"x" * 200000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"414"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (BODY_BYTES + 1), b"413"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nx", b"411"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx", b"400"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", b"411"),
    ],
)
def test_what_is_too_large_or_unbounded_is_refused(port: int, request_: bytes, status: bytes) -> None:
    found = sent(port, request_).split(b" ")[1:2]
    assert found == [status] or (not found and len(request_) > 1000)  # it may hang up before all of it was sent
    assert answered(port) == "5"


def test_a_body_as_large_as_allowed_is_taken(port: int) -> None:
    answer = httpx.post(f"http://127.0.0.1:{port}/", content=b"x" * BODY_BYTES, timeout=30, trust_env=False)
    assert answer.text == str(BODY_BYTES)


def test_more_connections_than_allowed_are_closed_and_room_comes_back(
    monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    monkeypatch.setattr(listener, "CONNECTIONS", MANY)
    with ExitStack() as held:
        first = [held.enter_context(connect(port)) for _ in range(MANY)]
        with connect(port) as further:
            assert further.recv(1) == b""
        assert all(map(is_open, first))
        first[0].close()
        for _ in range(1000):
            try:
                assert answered(port) == "5"
                break
            except httpx.TransportError:
                time.sleep(0.01)
        else:
            pytest.fail("no room came back")


def test_a_peer_that_is_not_ours_is_hung_up_on(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    def nobody(_self: object, _peer: object) -> bool:
        return False

    monkeypatch.setattr(Peers, "is_own", nobody)
    assert sent(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") == b""
