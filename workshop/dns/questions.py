"""Asks name servers, following aliases, and times it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver

TIMEOUT_SECONDS: Final = 3.0
PUBLIC_RESOLVERS: Final = ("1.1.1.1", "8.8.8.8", "9.9.9.9")
"""Cloudflare, Google and Quad9."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A name server. is_authority: it answers from the zone itself and never from memory."""

    address: str
    port: int = 53
    is_authority: bool = False

    def __str__(self) -> str:
        port = "" if self.port == 53 else f":{self.port}"
        return f"{self.address}{port} ({'authority' if self.is_authority else 'resolver'})"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """chain: names passed, the one asked first; addresses: what the last one has. problem: "" where it answered."""

    chain: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    ttl_seconds: int = 0
    latency_seconds: float = 0.0
    problem: str = ""


def ask(server: Server, name: str, kind: str) -> Answer:
    """Asks for a name's A or AAAA records. Failures are in the answer."""
    started = time.perf_counter()
    try:
        query = dns.message.make_query(name, kind)
        if server.is_authority:
            query.flags &= ~dns.flags.RD
        response, _ = dns.query.udp_with_fallback(query, server.address, TIMEOUT_SECONDS, server.port)
    except (dns.exception.DNSException, OSError, ValueError, EOFError) as error:
        return Answer(problem=f"no answer: {str(error) or type(error).__name__}")
    latency = time.perf_counter() - started
    if response.rcode() != dns.rcode.NOERROR:
        return Answer(latency_seconds=latency, problem=dns.rcode.to_text(response.rcode()))
    chain, ttls, addresses = [name], [0], tuple[str, ...]()
    aliases = {
        rrset.name.to_text(omit_final_dot=True).lower(): rrset
        for rrset in response.answer
        if rrset.rdtype == dns.rdatatype.CNAME
    }
    while chain[-1] in aliases and len(chain) <= len(aliases):
        rrset = aliases[chain[-1]]
        ttls.append(rrset.ttl)
        chain.append(_contents(rrset)[0].rstrip(".").lower())
    for rrset in response.answer:
        if dns.rdatatype.to_text(rrset.rdtype) == kind and rrset.name.to_text(omit_final_dot=True).lower() == chain[-1]:
            addresses = tuple(sorted(_contents(rrset)))
            ttls.append(rrset.ttl)
    return Answer(
        chain=tuple(chain),
        addresses=addresses,
        ttl_seconds=min(ttls[1:], default=0),
        latency_seconds=latency,
    )


def _contents(rrset: Iterable[object]) -> list[str]:
    """What the records say, as text."""
    return [str(record) for record in rrset]


def authorities(zone: str) -> tuple[Server, ...]:
    """The zone's own name servers, by the system's resolver. Raises dns.exception.DNSException, OSError."""
    names = sorted(_contents(dns.resolver.resolve(zone, "NS")))
    addresses = [address for name in names[:2] for address in _contents(dns.resolver.resolve(name, "A"))]
    return tuple(Server(address=address, is_authority=True) for address in dict.fromkeys(addresses))
