"""What preflight found: on one screen, in the formats that other tools read, and in the record that `up` reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite
from rich.table import Table
from rich.text import Text

from workshop.cli.answer import Exit
from workshop.cli.render.tables import plain_table
from workshop.cli.screen import Screen
from workshop.cli.stack import CHECKOUT
from workshop.model.preflight.record import Record, Result, Verdict, overall
from workshop.observe.preflight import record_file
from workshop.sandbox.files import write_whole

_STYLES: Final = {
    Verdict.GO: "green",
    Verdict.WARNING: "yellow",
    Verdict.NO_GO: "bold red",
    Verdict.INCONCLUSIVE: "magenta",
}
_EXITS: Final = {Verdict.GO: Exit.DONE, Verdict.NO_GO: Exit.REFUSED, Verdict.INCONCLUSIVE: Exit.COULD_NOT_RUN}
_TOLD_FIRST: Final = (Verdict.NO_GO, Verdict.INCONCLUSIVE, Verdict.WARNING)


@dataclass(frozen=True, kw_only=True)
class PreflightReport:
    """A run that ended. users: how many it was about."""

    users: int
    record: Record

    @property
    def verdict(self) -> Verdict:
        """Go, no-go, or inconclusive."""
        return overall(self.record.results)

    @property
    def worst_first(self) -> list[Result]:
        """All results, those that need somebody first."""
        return sorted(
            self.record.results,
            key=lambda one: _TOLD_FIRST.index(one.verdict) if one.verdict in _TOLD_FIRST else len(_TOLD_FIRST),
        )


def exit_code(report: PreflightReport) -> Exit:
    """0 for go, 1 for no-go, 2 for inconclusive."""
    return _EXITS[report.verdict]


def keep_record(record: Record) -> Path:
    """Writes the stack's record and answers where."""
    file = record_file(CHECKOUT / "preflight", record.stack)
    write_whole(file, record.model_dump_json(indent=1) + "\n")
    return file


def tell(report: PreflightReport, screen: Screen) -> None:
    """One screen: the verdict, a row for everything that needs somebody, and the rest in brief."""
    verdict = report.verdict
    screen.text.print(Text.assemble((verdict.capitalize(), _STYLES[verdict]), f" {summary(report)}"))
    for heading in _TOLD_FIRST:
        results = [result for result in report.record.results if result.verdict is heading]
        if results:
            screen.text.print()
            screen.text.print(_table(heading, results))
    counted = Counter(result.check for result in report.record.results if result.verdict is Verdict.GO)
    if counted:
        screen.text.print()
        told = (check if count == 1 else f"{check} ({count})" for check, count in counted.items())
        screen.text.print(Text.assemble(("Go: ", _STYLES[Verdict.GO]), ", ".join(told)))


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
    counted = Counter(result.verdict for result in report.record.results)
    parts = [f"{counted[verdict]} {verdict}" for verdict in (*_TOLD_FIRST, Verdict.GO) if counted[verdict]]
    return f"for {report.users} users: {', '.join(parts)}."


def as_json(report: PreflightReport) -> str:
    """The record as it is kept."""
    return report.record.model_dump_json(indent=1) + "\n"


def as_junit(report: PreflightReport) -> str:
    """JUnit XML: a case for every part of every check, failed by no-go, skipped where it inconclusive."""
    suite = TestSuite("workshop preflight")
    for result in report.record.results:
        name = f"{result.check} {result.region}".rstrip()
        case = TestCase(name, classname=result.stage.value)
        told = f"{result.found}; needed: {result.needed}; fix: {result.fix}"
        if result.verdict is Verdict.NO_GO:
            case.result = [Failure(told, type_=result.check)]
        elif result.verdict is Verdict.INCONCLUSIVE:
            case.result = [Skipped(told, type_="inconclusive")]
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
    for one in report.worst_first:
        cells = (one.check, one.region or "-", one.verdict, one.found, one.needed, one.fix or "-")
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join([*lines, "", f"`{record.digest}`"]) + "\n"


WRITERS: Final[Mapping[str, tuple[str, Callable[[PreflightReport], str]]]] = {
    "json": ("preflight.json", as_json),
    "junit": ("preflight.junit.xml", as_junit),
    "markdown": ("preflight.md", as_markdown),
}
"""File name and writer of each format."""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
