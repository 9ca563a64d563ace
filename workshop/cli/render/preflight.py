"""Preflight's report: on one screen, and in the formats that other tools read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final, cast

from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite
from rich.console import Console
from rich.text import Text

from workshop.cli.render.markdown import code, table
from workshop.cli.render.message import print_message
from workshop.cli.reports import PreflightReport
from workshop.model.counting import counted
from workshop.model.preflight.record import Result, Verdict

_STYLES: Final = {
    Verdict.GO: "green",
    Verdict.WARNING: "yellow",
    Verdict.NO_GO: "bold red",
    Verdict.INCONCLUSIVE: "magenta",
}


def print_preflight(report: PreflightReport, screen: Console) -> None:
    """The verdict, what was found and needed and the fix of everything that needs somebody, and the rest in brief."""
    verdict = report.verdict
    screen.print(Text.assemble((verdict.capitalize(), _STYLES[verdict]), f" {summary(report)}"))
    for heading, results in report.by_verdict.items():
        if heading is not Verdict.GO:
            screen.print()
            screen.print(Text(heading.capitalize(), style=_STYLES[heading]))
            _print_results(results, screen)
    passed = Counter(result.check for result in report.by_verdict.get(Verdict.GO, ()))
    if passed:
        screen.print()
        names = (check if number == 1 else f"{check} ({number})" for check, number in passed.items())
        screen.print(Text.assemble(("Go: ", _STYLES[Verdict.GO]), ", ".join(names)))


def _print_results(results: Iterable[Result], screen: Console) -> None:
    """What several regions have in common is said once."""
    regions: dict[tuple[str, str, str, str], list[str]] = {}
    for one in results:
        regions.setdefault((one.check, one.found, one.needed, one.fix), []).append(one.region)
    for (check, found, needed, fix), names in regions.items():
        where = ", ".join(filter(None, names))
        print_message(screen, f"- {check}{f' {where}' if where else ''}: {found}; needed: {needed}", indent=2)
        if fix:
            print_message(screen, f"  Fix: {fix}", indent=2)


def summary(report: PreflightReport) -> str:
    """How many of each, and for how many users."""
    parts = [f"{len(results)} {verdict}" for verdict, results in report.by_verdict.items()]
    return f"for {counted(report.users, 'user')}: {', '.join(parts)}."


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
    rows = [
        (one.check, one.region, one.verdict, one.found, one.needed, one.fix)
        for results in report.by_verdict.values()
        for one in results
    ]
    lines = [
        f"# Preflight: {code(record.stack)}, {report.verdict}",
        "",
        f"{record.made_at:%Y-%m-%d %H:%M %Z} {summary(report)} Expires {record.expires_at:%Y-%m-%d %H:%M %Z}.",
        "",
        table(("check", "region", "verdict", "found", "needed", "how to fix"), rows),
        code(record.digest),
    ]
    return "\n".join(lines) + "\n"


FORMATS: Final[Mapping[str, tuple[str, Callable[[PreflightReport], str]]]] = {
    "json": ("preflight.json", as_json),
    "junit": ("preflight.junit.xml", as_junit),
    "markdown": ("preflight.md", as_markdown),
}
"""File name and writer by name."""
