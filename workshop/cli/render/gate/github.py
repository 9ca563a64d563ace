"""The gate's report as GitHub's workflow commands, which become annotations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from workshop.cli.render.gate.text import title
from workshop.cli.render.text import message_of
from workshop.cli.reports import GateReport
from workshop.model.outcome import Violation

MAX_ANNOTATIONS: Final = 10
"""Of each kind that GitHub shows for one step (https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md)."""

_COMMANDS: Final[tuple[tuple[str, Callable[[GateReport], tuple[Violation, ...]]], ...]] = (
    ("error", lambda report: report.refused),
    ("warning", lambda report: report.not_judged),
    ("notice", lambda report: report.advice),
)


def as_github(report: GateReport) -> str:
    """A command for each violation; what GitHub would drop shares the last one of its kind."""
    lines: list[str] = []
    for command, violations_in in _COMMANDS:
        found = [(title(one), message_of(one)) for one in violations_in(report)]
        if len(found) > MAX_ANNOTATIONS:
            rest = [f"{name}: {text}" for name, text in found[MAX_ANNOTATIONS - 1 :]]
            found = [*found[: MAX_ANNOTATIONS - 1], (f"{len(rest)} more", "\n".join(rest))]
        lines += [
            f"::{command} file={report.file},line=1,title={_escaped(name, is_property=True)}::{_escaped(text)}\n"
            for name, text in found
        ]
    return "".join(lines)


def _escaped(text: str, *, is_property: bool = False) -> str:
    """As workflow commands demand it."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if is_property else text
