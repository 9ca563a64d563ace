"""Whether name servers and certificates agree with the plan, name by name."""

from __future__ import annotations

import secrets
import socket
import ssl
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from workshop.dns.questions import Answer, Server, ask
from workshop.model.zones.plan import PlannedRecord

Verdict = Literal["ok", "old answer", "wrong", "no answer"]

_AT_ONCE: Final = 16
_TLS_SECONDS: Final = 5.0


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One name at one server. asked: the name itself, or a random one under a wildcard."""

    record: PlannedRecord
    asked: str
    server: Server
    answer: Answer
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What a host shows on port 443.

    problem: "" where it is valid for that name. expires_at: None where it isn't. is_reached: whether it answered.
    """

    host: str
    problem: str
    expires_at: datetime | None = None
    is_reached: bool = True


def check_records(records: Iterable[PlannedRecord], servers: Mapping[str, tuple[Server, ...]]) -> list[Checked]:
    """Asks every server of a record's zone for every record."""
    questions = [
        (record, server) for record in records if record.target is not None for server in servers.get(record.zone, ())
    ]
    resolvers = tuple({server: None for ours in servers.values() for server in ours if not server.is_authority})

    def answered(question: tuple[PlannedRecord, Server]) -> Checked:
        return _check(*question, resolvers)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(answered, questions))


def check_certificates(hosts: Iterable[str]) -> list[Certificate]:
    """Connects to each host as a browser does."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(certificate, hosts))


def name_to_ask(host: str) -> str:
    """The host, or a name under its wildcard that nobody has asked for yet."""
    return host.replace("*", f"check-{secrets.token_hex(6)}", 1)


def _check(record: PlannedRecord, server: Server, resolvers: tuple[Server, ...]) -> Checked:
    asked = name_to_ask(record.host)
    kind = "AAAA" if record.kind == "AAAA" else "A"
    answer = ask(server, asked, kind)
    is_flattened = record.kind == "CNAME" and len(answer.chain) == 1 and answer.addresses != ()
    verdict = _verdict(record, server, answer)
    if is_flattened and verdict != "ok":
        verdict = _verdict_of_flattened(record, server, answer, resolvers)
    return Checked(record=record, asked=asked, server=server, answer=answer, verdict=verdict)


def _verdict(record: PlannedRecord, server: Server, answer: Answer) -> Verdict:
    if answer.problem:
        return "no answer"
    if record.is_proxied:
        return "ok" if answer.addresses else "wrong"
    found = answer.chain[1:2] if record.kind == "CNAME" else answer.addresses
    if record.target in found and (answer.addresses or server.is_authority):
        return "ok"
    return "wrong" if server.is_authority else "old answer" if found else "wrong"


def _verdict_of_flattened(
    record: PlannedRecord, server: Server, answer: Answer, resolvers: tuple[Server, ...]
) -> Verdict:
    """Cloudflare answers with the target's addresses in place of a CNAME at the apex, or where it is told to."""
    target = record.target or ""
    asked = resolvers if server.is_authority else (server, *resolvers)  # an authority knows no other names
    known = {address for one in dict.fromkeys(asked) for address in ask(one, target, "A").addresses}
    if not known:
        return "no answer"
    if known & {*answer.addresses}:
        return "ok"
    return "wrong" if server.is_authority else "old answer"


def certificate(host: str, *, address: str = "", port: int = 443, authority: str = "") -> Certificate:
    """What a host shows to a browser. address: where to connect, unset: where the host's name leads.

    authority: PEM file of the certificates that sign the host's, unset: those that this machine trusts.
    """
    try:
        with (
            socket.create_connection((address or host, port), timeout=_TLS_SECONDS) as connection,
            ssl.create_default_context(cafile=authority or None).wrap_socket(
                connection, server_hostname=host
            ) as session,
        ):
            shown = session.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return Certificate(host=host, problem=error.verify_message)
    except (OSError, ValueError) as error:  # ValueError: a name that can't be sent
        return Certificate(host=host, problem=f"no connection: {error}", is_reached=False)
    expires_at = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    return Certificate(host=host, problem="", expires_at=expires_at)
