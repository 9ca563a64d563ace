"""What `dns check` says to do next works for the stack that was checked."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from workshop.cli.render.dns_check import print_checked
from workshop.dns.check import Checked, Verdict
from workshop.dns.questions import Answer, Server
from workshop.model.zones.plan import PlannedRecord


def said(stack: str, verdict: Verdict) -> str:
    record = PlannedRecord(
        resource="ai",
        zone="example.com",
        host="ai.example.com",
        kind="CNAME",
        target="a.elb.amazonaws.com",
        ttl_seconds=60,
        comment=None,
        place="zones/example.com.yaml:3",
    )
    checked = Checked(
        record=record, asked=record.host, server=Server(address="1.1.1.1"), answer=Answer(), verdict=verdict
    )
    text = io.StringIO()
    print_checked(Console(file=text, width=80), stack, [checked], [])
    return text.getvalue()


@pytest.mark.parametrize(
    ("stack", "command"),
    [
        ("sandbox", "scripts/workshop dns drift"),
        ("sandbox-dns", "scripts/workshop dns drift --stack sandbox-dns"),
        ("dns", "scripts/workshop dns drift --stack dns"),
    ],
)
def test_the_next_command_is_for_the_same_stack(stack: str, command: str) -> None:
    assert f"To see what Cloudflare has:\n    {command}\n" in said(stack, "wrong")


def test_an_old_answer_needs_no_command() -> None:
    assert "dns drift" not in said("sandbox-dns", "old answer")
