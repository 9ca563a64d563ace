"""What name servers answered, as text, as JSON and as Prometheus reads it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from rich.console import Console

from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.cli.shell import fit
from workshop.dns.check import Certificate, Checked

_MOST_SHOWN: Final = 200
"""Answers; a longer table hides what matters."""


def print_checked(
    screen: Console, stack: str, checked: Sequence[Checked], certificates: Sequence[Certificate] | None
) -> None:
    """How many are as planned, the answers, and what to do. certificates: None where there are none to look at."""
    differing = [one for one in checked if one.verdict != "ok"]
    untrusted = [one for one in certificates or () if one.problem]
    print_message(
        screen,
        f"{len(checked) - len(differing)} of {len(checked)} answers are as planned; certificates: "
        + ("not checked, the sandbox has none." if certificates is None else f"{len(untrusted)} not trusted."),
    )
    shown = checked if len(checked) <= _MOST_SHOWN else differing
    if shown is differing:
        screen.print("Listed are those that are not; --output json has all.")
    table = plain_table("host", "server", "answer", "ttl", "ms", "verdict")
    for one in shown:
        leads = " -> ".join((*one.answer.chain[1:], *one.answer.addresses[:1])) or one.answer.problem or "nothing"
        ms = f"{one.answer.latency_seconds * 1000:.1f}"
        table.add_row(one.record.host, str(one.server), leads, str(one.answer.ttl_seconds), ms, one.verdict)
    if shown:
        screen.print(table)
    for one in untrusted:
        print_message(screen, f"{one.host}: certificate: {one.problem}")
    for one in differing:
        print_message(screen, f"{one.record.host} at {one.server}: {one.verdict}, planned is {one.record.target}")
    if any(one.verdict == "old answer" for one in differing):
        screen.print("Old answers end with their TTL: wait, then check again.")
    if any(one.verdict != "old answer" for one in differing):
        print_message(screen, fit("To see what Cloudflare has: scripts/workshop dns drift", stack))


def as_json(checked: Sequence[Checked], certificates: Sequence[Certificate]) -> str:
    """Every answer, and what is wrong with certificates."""
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


def as_prometheus(checked: Sequence[Checked], certificates: Sequence[Certificate]) -> str:
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
