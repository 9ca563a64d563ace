"""`workshop dns check`: what name servers answer, against the plan."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Final

import typer
from dns.exception import DNSException

from workshop.cli.options import SANDBOX, StackName
from workshop.cli.problem import CannotRun
from workshop.cli.render.tables import plain_table
from workshop.cli.reports import Exit
from workshop.cli.session import reporting_problems
from workshop.cli.stack import Stack, read_stack
from workshop.dns.check import Certificate, Checked, check_certificates, check_records
from workshop.dns.questions import PUBLIC_RESOLVERS, Server, authorities
from workshop.model.plan.plan import Plan
from workshop.sandbox.lifecycle import ensure_running
from workshop.sandbox.paths import SandboxPaths

_MOST_SHOWN: Final = 200
"""Answers; a longer table hides what matters."""


class Form(StrEnum):
    """How the answer is written."""

    TABLE = "table"
    JSON = "json"
    PROMETHEUS = "prometheus"


Output = Annotated[Form, typer.Option("--output", help="table, json, or prometheus: text for a node exporter.")]
Resolvers = Annotated[
    list[str] | None, typer.Option("--resolver", metavar="IP", help="Resolver to ask; unset: three public ones.")
]


def check(stack: StackName = SANDBOX, output: Output = Form.TABLE, resolver: Resolvers = None) -> None:
    """Asks authorities and resolvers for every host, and for a random name under each wildcard.

    \b
    Examples:
      workshop dns check
      workshop dns check --stack dns --resolver 1.1.1.1 --output prometheus
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users_if_unknown=1)  # records do not depend on it
        plan = target.plan()
        checked = check_records(plan.dns.records, _servers(target, plan, resolver))
        hosts = [record.host for record in plan.dns.records if not record.host.startswith("*.") and record.target]
        certificates = [] if target.is_sandbox else check_certificates(hosts)
        is_fine = all(one.verdict == "ok" for one in checked) and not any(one.problem for one in certificates)
        if output is Form.JSON:
            screen.results.print(_document(checked, certificates), soft_wrap=True)
        elif output is Form.PROMETHEUS:
            screen.results.print(_metrics(checked, certificates), end="", soft_wrap=True)
        else:
            _tell(screen.results.print, checked, certificates, is_sandbox=target.is_sandbox)
        raise typer.Exit(Exit.DONE if is_fine else Exit.REFUSED)


def _servers(stack: Stack, plan: Plan, resolvers: list[str] | None) -> dict[str, tuple[Server, ...]]:
    """By zone, whom to ask. Raises CannotRun."""
    if stack.is_sandbox:
        paths = SandboxPaths.from_environment()
        ensure_running(paths)
        both = tuple(
            Server(address="127.0.0.1", port=paths.port, is_authority=is_authority) for is_authority in (True, False)
        )
        return dict.fromkeys(plan.dns.zones, both)
    asked = tuple(Server(address=address) for address in resolvers or PUBLIC_RESOLVERS)
    try:
        return {zone: (*authorities(zone), *asked) for zone in plan.dns.zones}
    except (DNSException, OSError) as error:
        raise CannotRun(f"The zones' own name servers can't be found: {error}") from None


def _tell(
    say: Callable[[object], None], checked: list[Checked], certificates: list[Certificate], *, is_sandbox: bool
) -> None:
    wrong = [one for one in checked if one.verdict != "ok"]
    untrusted = [one for one in certificates if one.problem]
    say(
        f"{len(checked) - len(wrong)} of {len(checked)} answers are as planned; certificates: "
        + ("not looked at, the sandbox has none." if is_sandbox else f"{len(untrusted)} of {len(certificates)} wrong.")
    )
    shown = checked if len(checked) <= _MOST_SHOWN else wrong
    if shown is wrong:
        say("Listed are those that are not; --output json has all.")
    table = plain_table("host", "server", "answer", "ttl", "ms", "verdict")
    for one in shown:
        leads = " -> ".join((*one.answer.chain[1:], *one.answer.addresses[:1])) or one.answer.problem or "nothing"
        ms = f"{one.answer.latency_seconds * 1000:.1f}"
        table.add_row(one.record.host, str(one.server), leads, str(one.answer.ttl_seconds), ms, one.verdict)
    if shown:
        say(table)
    for one in untrusted:
        say(f"{one.host}: certificate: {one.problem}")
    for one in wrong:
        fix = "wait until its TTL is over" if one.verdict == "old answer" else "compare with scripts/workshop dns drift"
        say(f"{one.record.host} at {one.server}: {one.verdict}, planned is {one.record.target}: {fix}")


def _document(checked: list[Checked], certificates: list[Certificate]) -> str:
    answers = [
        {
            "host": one.record.host,
            "asked": one.asked,
            "server": str(one.server),
            "planned": one.record.target,
            "chain": one.answer.chain,
            "addresses": one.answer.addresses,
            "ttl_seconds": one.answer.ttl_seconds,
            "latency_seconds": round(one.answer.latency_seconds, 6),
            "verdict": one.verdict,
            "problem": one.answer.problem,
        }
        for one in checked
    ]
    shown = [{"host": one.host, "problem": one.problem} for one in certificates]
    return json.dumps({"answers": answers, "certificates": shown}, indent=2)


def _metrics(checked: list[Checked], certificates: list[Certificate]) -> str:
    """Prometheus' text format."""
    lines = ["# TYPE workshop_dns_as_planned gauge"]
    labels = [f'{{host="{one.record.host}",server="{one.server}"}}' for one in checked]
    lines += [
        f"workshop_dns_as_planned{label} {int(one.verdict == 'ok')}" for label, one in zip(labels, checked, strict=True)
    ]
    lines.append("# TYPE workshop_dns_latency_seconds gauge")
    lines += [
        f"workshop_dns_latency_seconds{label} {one.answer.latency_seconds:.6f}"
        for label, one in zip(labels, checked, strict=True)
    ]
    lines.append("# TYPE workshop_dns_ttl_seconds gauge")
    lines += [
        f"workshop_dns_ttl_seconds{label} {one.answer.ttl_seconds}" for label, one in zip(labels, checked, strict=True)
    ]
    lines.append("# TYPE workshop_dns_certificate_valid gauge")
    lines += [f'workshop_dns_certificate_valid{{host="{one.host}"}} {int(not one.problem)}' for one in certificates]
    return "".join(f"{line}\n" for line in lines)
