"""The gate's report as Markdown."""

from __future__ import annotations

from workshop.cli.render.gate.text import coverage, reason, resource_name, title, verdict
from workshop.cli.render.markdown import cell
from workshop.cli.reports import GateReport
from workshop.model.counting import counted


def as_markdown(report: GateReport) -> str:
    """A summary for a pull request."""
    lines = [f"# Gate: {report.stack}, {counted(report.users, 'user')}", "", verdict(report)]
    if report.violations:
        lines += ["", "| policy | resource | found |", "|---|---|---|"]
        lines += [
            f"| {title(violation)} | {cell(resource_name(violation))} | {cell(reason(violation))} |"
            for violation in report.violations
        ]
    return "\n".join([*lines, "", coverage(report)]) + "\n"
