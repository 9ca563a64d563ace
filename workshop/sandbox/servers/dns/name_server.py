"""DNS on the sandbox's port, by UDP: the zones' authority, and a resolver that remembers what it was told.

Asked without recursion (dig +norecurse) it answers as the authority, from Cloudflare's records as they are; asked
with recursion, as a resolver does, from its cache until the TTL is over. So a change can be watched arriving.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from workshop.sandbox.problem import SandboxProblem
from workshop.sandbox.servers.cloudflare.zones import Record
from workshop.sandbox.servers.dns.replies import Line, Names, Reply, answer

ELSEWHERE_TTL_SECONDS: Final = 60
"""How long the addresses of load balancers are remembered, as AWS has it."""

_LARGEST_QUESTION: Final = 4096

Zones = Callable[[], Mapping[str, tuple[Record, ...]]]


class NameServer:
    """Answers messages. clock: seconds."""

    def __init__(self, zones: Zones, elsewhere: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        """elsewhere: addresses of names outside the zones, which only the resolver knows."""
        self._zones = zones
        self._read: tuple[Mapping[str, tuple[Record, ...]], Mapping[str, Names]] = ({}, {})
        self._elsewhere = elsewhere
        self._clock = clock
        self._remembered: dict[tuple[str, str], tuple[float, Reply]] = {}

    def respond(self, wire: bytes) -> bytes | None:
        """The answer to a message; None where it is none."""
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return None
        response = dns.message.make_response(query)
        if len(query.question) != 1:
            response.set_rcode(dns.rcode.FORMERR)
            return response.to_wire()
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        if query.flags & dns.flags.RD:
            response.flags |= dns.flags.RA
            reply = self._resolve(name, kind)
        else:
            reply = answer(self._names(), name, kind)
            response.flags |= dns.flags.AA if reply.is_ours else 0
        if not reply.is_ours:
            response.set_rcode(dns.rcode.REFUSED)
        elif not reply.exists:
            response.set_rcode(dns.rcode.NXDOMAIN)
        for line in reply.lines:
            content = f"{line.content}." if line.type == "CNAME" else line.content
            response.answer.append(dns.rrset.from_text(f"{line.name}.", line.ttl_seconds, "IN", line.type, content))
        return response.to_wire()

    def _names(self) -> Mapping[str, Names]:
        """The zones as they are; read again when they have changed, which makes them another object."""
        zones, names = self._zones(), self._read[1]
        if zones is not self._read[0]:
            names = {zone: Names(zone, records) for zone, records in zones.items()}
            self._read = (zones, names)
        return names

    def _resolve(self, name: str, kind: str) -> Reply:
        """From the cache, with what is left of each TTL, or from the zones."""
        since, reply = self._remembered.get((name, kind), (0.0, None))
        now = self._clock()
        if reply is None or now - since >= reply.ttl_seconds:
            since, reply = now, self._ask(name, kind)
            self._remembered[name, kind] = (since, reply)
        age = int(now - since)
        lines = tuple(replace(line, ttl_seconds=line.ttl_seconds - age) for line in reply.lines)
        return replace(reply, lines=lines)

    def _ask(self, name: str, kind: str) -> Reply:
        reply = answer(self._names(), name, kind)
        last = reply.lines[-1].content if reply.lines and reply.lines[-1].type == "CNAME" else name
        address = self._elsewhere.get(last)
        if address is None or kind == "CNAME":
            return replace(reply, is_ours=True)
        there = (Line(name=last, type="A", ttl_seconds=ELSEWHERE_TTL_SECONDS, content=address),) if kind == "A" else ()
        return Reply(lines=(*reply.lines, *there), is_ours=True, exists=True)


def serve_dns(port: int, server: NameServer) -> None:
    """Answers on 127.0.0.1 in a thread of its own. Raises SandboxProblem where the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise SandboxProblem(f"UDP port {port} on 127.0.0.1 can't be used: {error}") from None
    threading.Thread(target=_serve, args=(listener, server), daemon=True).start()


def _serve(listener: socket.socket, server: NameServer) -> None:
    while True:
        wire, sender = listener.recvfrom(_LARGEST_QUESTION)
        response = server.respond(wire)
        if response is not None:
            listener.sendto(response, sender)
