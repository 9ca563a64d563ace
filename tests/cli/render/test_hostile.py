"""Hostile text through every renderer: no control character, nothing live in Markdown, valid XML, SARIF and JSON.

scripts/hostile-reports runs it with 10,000 cases.
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Final
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as cases
from hypothesis import strategies as st
from rich.table import Table
from sarif_kit.validate import validation_errors  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from tests.cli.render.github import live_in
from tests.model.given import ROOT
from workshop.cli.declared import Declared
from workshop.cli.differences import Comparison, Difference
from workshop.cli.render import dns_check, preflight, status
from workshop.cli.render import json as run_json
from workshop.cli.render.checklist import print_checklist
from workshop.cli.render.diff import Shared, document
from workshop.cli.render.gate.formats import FORMATS as GATE
from workshop.cli.render.gate.text import print_gate
from workshop.cli.render.markdown import bounded
from workshop.cli.render.text import print_run
from workshop.cli.reports import GateReport, PreflightReport, RunReport, StatusReport
from workshop.cli.retained import Retained
from workshop.cli.screen import Screen
from workshop.cli.stack import Stack, read_stack
from workshop.dns.check import Certificate
from workshop.model.comparison import Version
from workshop.model.findings import Finding, Refused
from workshop.model.outcome import Change, Outcome, Violation
from workshop.model.preflight.checklist import Line, State
from workshop.model.preflight.record import Record, Result, Stage, Verdict
from workshop.model.preflight.runbook import ITEMS

CASES: Final = int(os.environ.get("HOSTILE_CASES", "200"))

ATTACKS: Final = (
    "\x1b[2J\x1b[31m",
    "\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x9b31m\x9d0;x\x9c",
    "\u202egnp.exe\u2066",
    "a\u200bb\ufeff\u2028c\u2029\x85\x0b\x0c\r",
    "\ud800\udfff\uffff\ufffe\0",
    "@user @org/team &#64;user",
    "#1 GH-1 owner/repo#1 deadbeef01 owner/repo@deadbeef01",
    "[a](https://evil.example) <https://evil.example> www.evil.example a@evil.example",
    "![x](https://evil.example) <img src=x> </code></summary></details> <!-- ",
    "`@user` ``` @user\n```\n@user | @user \\| @user \\",
    "[bold red]x[/bold red] [/] [link=https://evil.example]x[/link]",
    "]]> <![CDATA[ & < > \" '",
    "\n::add-mask::x\n::error file=x::y\n%0A%25",
    "\n[some-rule] name: problem; why: fix",
)

texts = st.lists(
    st.one_of(
        st.sampled_from(ATTACKS),
        st.text(st.characters(codec=None), max_size=12),
        st.text(st.sampled_from("`|\\<>@#[]()*_~!&\n\r\x1b\u202e a.:/1"), max_size=20),
    ),
    max_size=3,
).map("".join)
hostile = cases(
    max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

NOW: Final = datetime(2026, 11, 30, tzinfo=UTC)


@cache
def sandbox() -> Stack:
    os.environ["WORKSHOP_PROJECT"] = str(ROOT)
    try:
        return read_stack("sandbox", 20)
    finally:
        del os.environ["WORKSHOP_PROJECT"]


def printed(show: Callable[[Screen], object], *, as_json: bool = False) -> str:
    """Everything that reaches the terminal."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        show(Screen(as_json))
    return out.getvalue()


def hold(text: str) -> None:
    """No control character but newline, nothing invisible, and nothing that can't be written."""
    wrong = [one for one in text if one != "\n" and not one.isprintable()]
    assert wrong == []
    text.encode("utf-8")


def violations(text: str) -> tuple[Violation, ...]:
    urn = f"urn:pulumi:sandbox::workshop::kubernetes:core/v1:Secret::{text}"
    return tuple(
        Violation(policy=f"density{text}", resource=urn, message=text, is_mandatory=kind != 1, is_judged=kind != 2)
        for kind in range(3)
    )


@hostile
@example("".join(ATTACKS))
@given(texts)
def test_the_terminal_obeys_nothing(text: str) -> None:
    change = Change(operation="update", type=text, name=text, urn=text, properties=(text,), drift=(text,))
    outcome = Outcome(
        changes=(change, replace(change, operation="delete", urn=f"{text}2")), violations=violations(text)
    )
    run = RunReport(operation="preview", stack_name=text, outcome=outcome)
    retained = (Retained(urn=text, type=text, name=text, is_protected=True),)
    table = Table(text, title=text)
    table.add_row(text)
    shows: Sequence[Callable[[Screen], object]] = (
        lambda screen: print_run(run, screen.text),
        lambda screen: print_run(replace(run, outcome=replace(outcome, error=text)), screen.text),
        lambda screen: print_run(replace(run, outcome=Outcome(outputs={text: text}), operation="outputs"), screen.text),
        lambda screen: print_run(replace(run, outcome=Outcome(), retained=retained, operation="destroy"), screen.text),
        lambda screen: print_gate(gate(text), screen.text, None),
        lambda screen: preflight.print_preflight(preflight_report(text), screen.text),
        lambda screen: status.print_status(StatusReport(stack=sandbox(), users=1, problem=text), screen.text),
        lambda screen: print_checklist([Line(item=ITEMS[0], state=State.DUE, summary=text)], None, text, screen.text),
        lambda screen: dns_check.print_checked(screen.text, text, (), (Certificate(host=text, problem=text),)),
        lambda screen: screen.results.print(table),
        lambda screen: screen.notes.print(str(Refused((finding(text),)))),
        lambda screen: saying(screen, text),
    )
    for show in shows:
        hold(printed(show))


def saying(screen: Screen, text: str) -> None:
    with screen.saying(text) as say:
        say(text)


def finding(text: str) -> Finding:
    return Finding(rule="some-rule", resource=text, problem=text, why=text, fix=text)


def gate(text: str) -> GateReport:
    return GateReport(stack="sandbox", users=20, policies={}, are_judged=True, violations=violations(text))


def preflight_report(text: str) -> PreflightReport:
    results = tuple(
        Result(check="tls-lifetime", stage=Stage.BEFORE_UP, region=text, verdict=one, found=text, needed=text, fix=text)
        for one in Verdict
    )
    record = Record(
        stack="sandbox", settings="x", made_at=NOW, expires_at=NOW, checks=("tls-lifetime",), results=results
    )
    return PreflightReport(users=20, record=record.with_digest())


@hostile
@example("".join(ATTACKS))
@given(texts)
def test_files_for_other_tools_are_valid_and_legible(text: str) -> None:
    written = {f"gate {name}": write(gate(text)) for name, (_, write) in GATE.items()}
    written |= {f"preflight {name}": write(preflight_report(text)) for name, (_, write) in preflight.FORMATS.items()}
    for content in written.values():
        hold(content)
    for name in ("gate junit", "preflight junit"):
        ElementTree.fromstring(written[name])
    assert validation_errors(json.loads(written["gate sarif"])) == []
    for name in ("gate json", "preflight json"):
        json.loads(written[name])
    for name in ("gate markdown", "preflight markdown"):
        assert live_in(written[name]) == []
    commands = written["gate github"].splitlines()
    assert [one.partition(" ")[0] for one in commands] == ["::error", "::warning", "::notice"]


@hostile
@example("".join(ATTACKS))
@given(texts)
def test_json_is_ascii_and_says_the_same(text: str) -> None:
    run = RunReport(operation="outputs", stack_name=text, outcome=Outcome(outputs={"x": text}, error=text))
    for content in (
        run_json.document(run),
        status.as_json(StatusReport(stack=sandbox(), users=1, problem=text)),
        dns_check.as_json((), (Certificate(host=text, problem=text),)),
    ):
        assert content.isascii()
        hold(content)
        json.loads(content)
    if not re.search(r"[\ud800-\udfff]", text):  # JSON makes one character of two halves
        assert json.loads(run_json.document(run))["outputs"]["x"] == text


@hostile
@example("".join(ATTACKS))
@given(texts)
def test_nothing_of_a_commit_is_live_in_the_comment(text: str) -> None:
    blocks = document(
        "0" * 40,
        "1" * 40,
        {f"policies/{text}": "changed", f"docs/{text}": "added"},
        [compared(text)],
        [Shared(path=f"zones/{text}.yaml", rows=((text, text, ""),)), Shared(path=f"zones/2{text}.yaml", rows=())],
        [text],
    )
    for most in (None, 60_000, 2_000):
        comment = printed(lambda screen, most=most: screen.results.print(bounded(blocks, most), end="", soft_wrap=True))
        hold(comment)
        assert live_in(comment) == []
        assert most is None or len(comment.encode()) <= most


def compared(text: str) -> Comparison:
    before, after = (
        Declared(type=f"kubernetes:{text}", name=text, inputs={text: value}, is_protected=False, import_id="")
        for value in (text, f"{text} more")
    )
    return Comparison(
        stack=text,
        before=Version(values={text: text}),
        after=Version(values={}),
        problems=(text, f"[some-rule] {text}"),
        resources=(Difference(before=before, after=after), Difference(before=before, after=None)),
    )


def test_the_checks_notice_what_is_wrong() -> None:
    for text in ("\x1b", "\u202e", "\x85", "\t"):
        with pytest.raises(AssertionError):
            hold(text)
    assert live_in("@user") == ["@u"]
