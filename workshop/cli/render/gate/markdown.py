"""The gate's report as Markdown."""

from __future__ import annotations

from workshop.cli.render.gate.text import coverage, reason, resource_name, title, verdict
from workshop.cli.render.markdown import code, table
from workshop.cli.reports import GateReport
from workshop.model.counting import counted


def as_markdown(report: GateReport) -> str:
    """A summary for a pull request."""
    lines = [f"# Gate: {code(report.stack)}, {counted(report.users, 'user')}", "", verdict(report)]
    if report.violations:
        rows = [(title(one), resource_name(one), reason(one)) for one in report.violations]
        lines += ["", table(("policy", "resource", "found"), rows).rstrip()]
    return "\n".join([*lines, "", coverage(report)]) + "\n"
