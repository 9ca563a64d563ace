"""Whose process is at the other end of a connection on loopback, where Linux says so (sock_diag(7))."""

from __future__ import annotations

import os
import socket
import struct
from typing import Final, NamedTuple

_NETLINK_SOCK_DIAG: Final = 4
_SOCK_DIAG_BY_FAMILY: Final = 20
_NLM_F_REQUEST: Final = 1
_LISTEN: Final = 10
_HEADER: Final = struct.Struct("=IHHII")
"""nlmsghdr: length, type, flags, sequence, port."""
_REQUEST: Final = struct.Struct("=BBBBI")
"""inet_diag_req_v2 up to the socket: family, protocol, extensions, padding, states."""
_SOCKET: Final = struct.Struct("!HH16s16sI8s")
"""inet_diag_sockid: ports, addresses, interface, cookie."""
_ANSWER: Final = struct.Struct("=BBBB48xIIIII")
"""inet_diag_msg: family, state, timer, retransmissions; the socket; expiry, queues, user, inode."""

Address = tuple[str, int]


class _Found(NamedTuple):
    state: int
    user: int
    inode: int


class Peers:
    """Judges who connects to a port of 127.0.0.1 on which this process listens."""

    def __init__(self, port: int) -> None:
        self._own: Address = ("127.0.0.1", port)
        found = _look_up(self._own, ("0.0.0.0", 0))  # noqa: S104 -- nobody's address, as a listener has it
        self.are_known = found is not None and found.state == _LISTEN

    def is_own(self, peer: Address) -> bool:
        """Whether the peer is a process of this user; also True where this system doesn't say (are_known).

        A socket that its process has closed, which the kernel shows as root's and without an inode, is nobody's.
        """
        if not self.are_known:
            return True
        found = _look_up(peer, self._own)
        return found is not None and found.state != _LISTEN and found.user == os.getuid() and found.inode != 0


def _look_up(local: Address, remote: Address) -> _Found | None:
    """The TCP socket between two IPv4 addresses, also one of IPv6 that speaks IPv4; None where there is none."""
    addresses = (socket.inet_aton(address[0]).ljust(16, b"\0") for address in (local, remote))
    asked = _REQUEST.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF) + _SOCKET.pack(
        local[1], remote[1], *addresses, 0, b"\xff" * 8
    )
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as kernel:
            kernel.settimeout(1)
            kernel.send(_HEADER.pack(_HEADER.size + len(asked), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 0, 0) + asked)
            answer = kernel.recv(4096)
    except (AttributeError, OSError):  # another system, or a container that forbids it
        return None
    if len(answer) < _HEADER.size + _ANSWER.size or _HEADER.unpack_from(answer)[1] != _SOCK_DIAG_BY_FAMILY:
        return None
    _, state, *_, user, inode = _ANSWER.unpack_from(answer, _HEADER.size)
    return _Found(state, user, inode)
