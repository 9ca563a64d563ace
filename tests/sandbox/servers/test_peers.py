from __future__ import annotations

import socket
import struct
from collections.abc import Generator
from contextlib import closing

import pytest

from tests.sandbox.doors.other_user import as_other_user
from workshop.sandbox.servers import peers
from workshop.sandbox.servers.peers import Peers


@pytest.fixture
def listener() -> Generator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        if not Peers(listening.getsockname()[1]).are_known:
            pytest.skip("this system doesn't say whose connections are (sock_diag)")
        yield listening


@pytest.fixture
def known(listener: socket.socket) -> Peers:
    return Peers(listener.getsockname()[1])


def test_our_own_connections_are_ours(listener: socket.socket, known: Peers) -> None:
    with socket.create_connection(listener.getsockname()):
        accepted, address = listener.accept()
        assert known.is_own(address)
        accepted.close()


def test_one_that_speaks_ipv4_over_ipv6_is_ours(listener: socket.socket, known: Peers) -> None:
    with socket.socket(socket.AF_INET6) as client:
        try:
            client.connect(("::ffff:127.0.0.1", listener.getsockname()[1]))
        except OSError:
            pytest.skip("this machine has no IPv6")
        accepted, address = listener.accept()
        assert known.is_own(address)
        accepted.close()


def test_one_that_has_only_said_all_it_had_to_say_is_ours(listener: socket.socket, known: Peers) -> None:
    with socket.create_connection(listener.getsockname()) as client:
        client.shutdown(socket.SHUT_WR)
        accepted, address = listener.accept()
        assert known.is_own(address)
        accepted.close()


@pytest.mark.parametrize("is_reset", [False, True])
def test_a_closed_one_is_nobodys(listener: socket.socket, known: Peers, is_reset: bool) -> None:
    client = socket.create_connection(listener.getsockname())
    if is_reset:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    accepted, address = listener.accept()
    assert not known.is_own(address)
    accepted.close()


def test_addresses_that_are_not_connected_are_nobodys(listener: socket.socket, known: Peers) -> None:
    assert not known.is_own(listener.getsockname())
    assert not known.is_own(("127.0.0.2", listener.getsockname()[1]))
    assert not known.is_own(("0.0.0.0", 0))


def test_where_the_system_does_not_say_everybody_is_let_in(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(peers.socket, "AF_NETLINK")
    unknown = Peers(listener.getsockname()[1])
    assert not unknown.are_known
    assert unknown.is_own(("127.0.0.1", 1))


def test_a_port_on_which_nobody_listens_is_not_known() -> None:
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        assert not Peers(bound.getsockname()[1]).are_known


@pytest.mark.root
def test_another_users_connection_is_not_ours(listener: socket.socket, known: Peers) -> None:
    code = """
client = socket.socket()
client.connect(("127.0.0.1", int(sys.argv[1])))
print(client.getsockname()[1], flush=True)
client.settimeout(30)
client.recv(1)
"""
    import threading

    verdicts: list[bool] = []

    def accept() -> None:
        accepted, address = listener.accept()
        verdicts.append(known.is_own(address))
        accepted.close()

    thread = threading.Thread(target=accept)
    thread.start()
    as_other_user(code, str(listener.getsockname()[1]))
    thread.join()
    assert verdicts == [False]
