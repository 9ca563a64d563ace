"""The zones' own name servers, found by the system's resolver, and what they and resolvers answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from tests.sandbox.servers_for_tests import free_port
from workshop.dns.questions import Server, ask, authorities

RECORDS = {
    ("coderdemo.io", "NS"): ["b.ns.example.com.", "a.ns.example.com.", "c.ns.example.com."],
    ("a.ns.example.com", "A"): ["192.0.2.1"],
    ("b.ns.example.com", "A"): ["192.0.2.2", "192.0.2.1"],
    ("demo.coderdemo.io", "CNAME"): ["app.example.com."],
    ("app.example.com", "A"): ["203.0.113.7"],
}


def answer_to(query: dns.message.QueryMessage) -> dns.message.Message:
    """Its records, after the aliases that lead to them; without recursion only the alias."""
    response = dns.message.make_response(query)
    response.flags |= dns.flags.RA
    name, kind = query.question[0].name.to_text(omit_final_dot=True), dns.rdatatype.to_text(query.question[0].rdtype)
    if alias := RECORDS.get((name, "CNAME")):
        response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", *alias))
        name = alias[0].rstrip(".") if query.flags & dns.flags.RD else name
    if found := RECORDS.get((name, kind)):
        response.answer.append(dns.rrset.from_text(f"{name}.", 30, "IN", kind, *found))
    return response


@contextmanager
def name_server() -> Generator[int]:
    """Answers by UDP on 127.0.0.1, on the port that it says, until a message without content comes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]

        def serve() -> None:
            while wire := listener.recvfrom(4096):
                if not wire[0]:
                    return
                query = dns.message.from_wire(wire[0])
                assert isinstance(query, dns.message.QueryMessage)
                listener.sendto(answer_to(query).to_wire(), wire[1])

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield port
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", ("127.0.0.1", port))
            thread.join()


def test_a_zones_own_name_servers_are_found_by_the_systems_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    with name_server() as port:
        system = dns.resolver.Resolver(configure=False)
        system.nameservers, system.port = ["127.0.0.1"], port
        monkeypatch.setattr(dns.resolver, "default_resolver", system)
        found = authorities("coderdemo.io")
        assert {(one.address, one.port) for one in found} == {("192.0.2.1", 53), ("192.0.2.2", 53)}
        assert all(one.is_authority for one in found)
        with pytest.raises(dns.resolver.NoAnswer):
            authorities("app.example.com")


def test_a_resolver_follows_aliases_and_an_authority_need_not() -> None:
    with name_server() as port:
        resolved = ask(Server(address="127.0.0.1", port=port), "demo.coderdemo.io", "A")
        own = ask(Server(address="127.0.0.1", port=port, is_authority=True), "demo.coderdemo.io", "A")
    assert (resolved.chain, resolved.addresses) == (("demo.coderdemo.io", "app.example.com"), ("203.0.113.7",))
    assert resolved.ttl_seconds == 30
    assert (own.chain, own.addresses, own.ttl_seconds) == (resolved.chain, (), 60)


def test_a_server_that_is_not_there_is_told() -> None:
    assert "no answer" in ask(Server(address="127.0.0.1", port=free_port()), "demo.coderdemo.io", "A").problem
