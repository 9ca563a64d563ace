"""`workshop dns check`: what name servers answer, against the plan."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from typing import Annotated

import typer
from dns.exception import DNSException

from workshop.cli.options import SANDBOX, StackName
from workshop.cli.problem import CannotRun
from workshop.cli.render.dns_check import as_json, as_prometheus, print_checked
from workshop.cli.reports import Exit
from workshop.cli.session import reporting_problems
from workshop.cli.stack import Stack, read_stack
from workshop.dns.check import check_certificates, check_records
from workshop.dns.questions import PUBLIC_RESOLVERS, Server, authorities
from workshop.model.plan.plan import Plan
from workshop.sandbox.lifecycle import ensure_running
from workshop.sandbox.paths import SandboxPaths


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
        has_passed = all(one.verdict == "ok" for one in checked) and not any(one.problem for one in certificates)
        if output is Form.JSON:
            screen.results.print(as_json(checked, certificates), soft_wrap=True)
        elif output is Form.PROMETHEUS:
            screen.results.print(as_prometheus(checked, certificates), end="", soft_wrap=True)
        else:
            print_checked(screen.results, target.name, checked, None if target.is_sandbox else certificates)
        raise typer.Exit(Exit.DONE if has_passed else Exit.REFUSED)


def _servers(stack: Stack, plan: Plan, resolvers: list[str] | None) -> dict[str, tuple[Server, ...]]:
    """By zone, whom to ask. Raises CannotRun."""
    asked = tuple(Server(address=_address(address)) for address in resolvers or PUBLIC_RESOLVERS)
    if stack.is_sandbox:
        paths = SandboxPaths.from_environment()
        ensure_running(paths)
        both = tuple(
            Server(address="127.0.0.1", port=paths.port, is_authority=is_authority) for is_authority in (True, False)
        )
        return dict.fromkeys(plan.dns.zones, both)
    try:
        return {zone: (*authorities(zone), *asked) for zone in plan.dns.zones}
    except (DNSException, OSError, ValueError) as error:
        raise CannotRun(f"The zones' own name servers can't be found: {error}") from None


def _address(resolver: str) -> str:
    """Raises CannotRun."""
    try:
        return str(ipaddress.ip_address(resolver))
    except ValueError:
        raise CannotRun(f"--resolver {resolver} is not an IP address, such as 1.1.1.1.") from None
