"""Preflight's report: on one screen, and in the formats that other tools read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final, cast

from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workshop.cli.render.markdown import cell
from workshop.cli.render.tables import plain_table
from workshop.cli.reports import PreflightReport
from workshop.model.preflight.record import Result, Verdict

_STYLES: Final = {
    Verdict.GO: "green",
    Verdict.WARNING: "yellow",
    Verdict.NO_GO: "bold red",
    Verdict.INCONCLUSIVE: "magenta",
}


def print_preflight(report: PreflightReport, screen: Console) -> None:
    """One screen: the verdict, a row for everything that needs somebody, and the rest in brief."""
    verdict = report.verdict
    screen.print(Text.assemble((verdict.capitalize(), _STYLES[verdict]), f" {summary(report)}"))
    for heading, results in report.by_verdict.items():
        if heading is not Verdict.GO:
            screen.print()
            screen.print(_table(heading, results))
    passed = Counter(result.check for result in report.by_verdict.get(Verdict.GO, ()))
    if passed:
        screen.print()
        names = (check if count == 1 else f"{check} ({count})" for check, count in passed.items())
        screen.print(Text.assemble(("Go: ", _STYLES[Verdict.GO]), ", ".join(names)))


def _table(heading: Verdict, results: Iterable[Result]) -> Table:
    table = plain_table()
    table.add_column(Text(heading.capitalize(), style=_STYLES[heading]), no_wrap=True)
    table.add_column("region", no_wrap=True)
    for column in ("found", "needed", "how to fix"):
        table.add_column(column, overflow="fold", ratio=1)
    for result in results:
        table.add_row(
            result.check, result.region or "-", Text(result.found), Text(result.needed), Text(result.fix or "-")
        )
    return table


def summary(report: PreflightReport) -> str:
    """How many of each, and for how many users."""
    parts = [f"{len(results)} {verdict}" for verdict, results in report.by_verdict.items()]
    return f"for {report.users} users: {', '.join(parts)}."


def as_json(report: PreflightReport) -> str:
    """The record as it is saved."""
    return report.record.model_dump_json(indent=1) + "\n"


def as_junit(report: PreflightReport) -> str:
    """JUnit XML: a case for every part of every check, failed by no-go, skipped where it was inconclusive."""
    suite = TestSuite("workshop preflight")
    for result in report.record.results:
        name = f"{result.check} {result.region}".rstrip()
        case = TestCase(name, classname=result.stage.value)
        message = f"{result.found}; needed: {result.needed}; fix: {result.fix}"
        if result.verdict is Verdict.NO_GO:
            case.result = [Failure(message, type_=result.check)]
        elif result.verdict is Verdict.INCONCLUSIVE:
            case.result = [Skipped(message, type_="inconclusive")]
        suite.add_testcase(case)
    document = JUnitXml("workshop preflight")
    document.add_testsuite(suite)
    return cast("bytes", document.tostring()).decode("utf-8")


def as_markdown(report: PreflightReport) -> str:
    """A summary for a pull request or a job."""
    record = report.record
    lines = [
        f"# Preflight: {record.stack}, {report.verdict}",
        "",
        f"{record.made_at:%Y-%m-%d %H:%M %Z} {summary(report)} Holds until {record.expires_at:%Y-%m-%d %H:%M %Z}.",
        "",
        "| check | region | verdict | found | needed | how to fix |",
        "|---|---|---|---|---|---|",
    ]
    for results in report.by_verdict.values():
        for one in results:
            cells = (one.check, one.region or "-", one.verdict, one.found, one.needed, one.fix or "-")
            lines.append("| " + " | ".join(cell(text) for text in cells) + " |")
    return "\n".join([*lines, "", f"`{record.digest}`"]) + "\n"


FORMATS: Final[Mapping[str, tuple[str, Callable[[PreflightReport], str]]]] = {
    "json": ("preflight.json", as_json),
    "junit": ("preflight.junit.xml", as_junit),
    "markdown": ("preflight.md", as_markdown),
}
"""File name and writer by name."""
