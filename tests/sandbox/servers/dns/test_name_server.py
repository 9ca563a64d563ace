"""The sandbox's name server: wildcards, aliases, and a resolver that keeps an answer until its TTL is over."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.rcode
import pytest

from workshop.sandbox.servers.cloudflare.zones import Record
from workshop.sandbox.servers.dns.name_server import NameServer


def record(name: str, content: str, kind: str = "CNAME", ttl: int = 300, *, proxied: bool = False) -> Record:
    return Record(name=name, type=kind, content=content, ttl=ttl, proxied=proxied)


class World:
    """Zones that change, and a clock that is set."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.zones: dict[str, tuple[Record, ...]] = {
            "coder.com": (
                record("ai.coder.com", "lb.example"),
                record("*.ai.coder.com", "lb.example"),
                record("emea.ai.coder.com", "198.51.100.7", "A", 60),
                record("alias.coder.com", "emea.ai.coder.com"),
                record("_acme-challenge.ai.coder.com", "secret", "TXT"),
                record("shown.coder.com", "lb.example", proxied=True),
            )
        }
        self.server = NameServer(lambda: self.zones, {"lb.example": "192.0.2.1"}, lambda: self.now)

    def ask(self, name: str, kind: str = "A", *, authority: bool = False) -> dns.message.Message:
        query = dns.message.make_query(name, kind)
        if authority:
            query.flags &= ~dns.flags.RD
        wire = self.server.respond(query.to_wire())
        assert wire is not None
        return dns.message.from_wire(wire)

    def told(self, name: str, kind: str = "A", *, authority: bool = False) -> list[str]:
        return [str(rrset) for rrset in self.ask(name, kind, authority=authority).answer]


@pytest.fixture
def world() -> World:
    return World()


def test_the_authority_answers_from_the_zone_alone(world: World) -> None:
    assert world.told("ai.coder.com", authority=True) == ["ai.coder.com. 300 IN CNAME lb.example."]
    assert world.ask("ai.coder.com", authority=True).flags & dns.flags.AA
    assert world.ask("lb.example", authority=True).rcode() == dns.rcode.REFUSED


def test_an_alias_is_followed(world: World) -> None:
    assert world.told("alias.coder.com") == [
        "alias.coder.com. 300 IN CNAME emea.ai.coder.com.",
        "emea.ai.coder.com. 60 IN A 198.51.100.7",
    ]
    assert world.told("AI.coder.com")[1] == "lb.example. 60 IN A 192.0.2.1"
    assert world.told("alias.coder.com", "CNAME") == ["alias.coder.com. 300 IN CNAME emea.ai.coder.com."]


def test_a_wildcard_answers_for_what_has_no_name_of_its_own(world: World) -> None:
    assert world.told("x.y.ai.coder.com", authority=True) == ["x.y.ai.coder.com. 300 IN CNAME lb.example."]
    assert world.ask("x.emea.ai.coder.com").rcode() == dns.rcode.NXDOMAIN
    assert world.told("emea.ai.coder.com", "AAAA") == []
    assert world.ask("emea.ai.coder.com", "AAAA").rcode() == dns.rcode.NOERROR
    assert world.ask("nowhere.coder.com").rcode() == dns.rcode.NXDOMAIN


def test_texts_and_proxied_records(world: World) -> None:
    assert world.told("_acme-challenge.ai.coder.com", "TXT") == ['_acme-challenge.ai.coder.com. 300 IN TXT "secret"']
    assert world.told("shown.coder.com") == ["shown.coder.com. 300 IN A 198.51.100.1"]


def test_a_resolver_keeps_the_old_answer_until_its_ttl_is_over(world: World) -> None:
    before = world.told("emea.ai.coder.com")
    world.zones = {"coder.com": (record("emea.ai.coder.com", "198.51.100.8", "A", 60),)}
    world.now += 59
    assert world.told("emea.ai.coder.com") == [before[0].replace(" 60 ", " 1 ")]
    assert world.told("emea.ai.coder.com", authority=True) == ["emea.ai.coder.com. 60 IN A 198.51.100.8"]
    world.now += 1
    assert world.told("emea.ai.coder.com") == ["emea.ai.coder.com. 60 IN A 198.51.100.8"]


def test_that_there_is_nothing_is_remembered_too(world: World) -> None:
    assert world.ask("new.coder.com").rcode() == dns.rcode.NXDOMAIN
    world.zones = {"coder.com": (record("new.coder.com", "198.51.100.8", "A"),)}
    assert world.ask("new.coder.com").rcode() == dns.rcode.NXDOMAIN
    world.now += 60
    assert world.ask("new.coder.com").rcode() == dns.rcode.NOERROR


def test_what_is_no_question_gets_no_answer(world: World) -> None:
    assert world.server.respond(b"nonsense") is None


def test_dns_11_every_type_is_answered_as_zone_files_write_it(world: World) -> None:
    srv = Record(name="_s._tcp.coder.com", type="SRV", content="5 8443 App.example.com", priority=10)
    mail = Record(name="mail.coder.com", type="MX", content="mx.example.com", priority=20)
    text = Record(name="t.coder.com", type="TXT", content='say "hi" \\ ' + "x" * 300)
    quoted = Record(name="q.coder.com", type="TXT", content='"v=spf1 -all"')
    caa = Record(name="c.coder.com", type="CAA", content='0 issue "letsencrypt.org"')
    cut = Record(name="ns.coder.com", type="NS", content="ns1.example.com")
    world.zones = {"coder.com": (srv, mail, text, quoted, caa, cut)}
    assert world.told("_s._tcp.coder.com", "SRV")[0].endswith("IN SRV 10 5 8443 App.example.com.")
    assert world.told("mail.coder.com", "MX")[0].endswith("IN MX 20 mx.example.com.")
    assert world.told("q.coder.com", "TXT")[0].endswith('IN TXT "v=spf1 -all"')
    assert world.told("t.coder.com", "TXT")[0].count('" "') == 1
    assert world.told("c.coder.com", "CAA")[0].endswith('IN CAA 0 issue "letsencrypt.org"')
    assert world.told("ns.coder.com", "NS")[0].endswith("IN NS ns1.example.com.")
