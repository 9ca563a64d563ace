"""Every format of the gate's report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from workshop.cli.render.gate.github import as_github
from workshop.cli.render.gate.json import as_json
from workshop.cli.render.gate.junit import as_junit
from workshop.cli.render.gate.markdown import as_markdown
from workshop.cli.render.gate.sarif import as_sarif
from workshop.cli.reports import GateReport

FORMATS: Final[Mapping[str, tuple[str, Callable[[GateReport], str]]]] = {
    "sarif": ("gate.sarif", as_sarif),
    "junit": ("gate.junit.xml", as_junit),
    "github": ("gate.github.txt", as_github),
    "markdown": ("gate.md", as_markdown),
    "json": ("gate.json", as_json),
}
"""File name and writer by name."""
