"""The gate's report as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict

from workshop.cli.reports import GateReport


def as_json(report: GateReport) -> str:
    """Everything there is to say."""
    document = {
        "stack": report.stack,
        "users": report.users,
        "exit_code": int(report.exit_code),
        "judged": list(report.policies) if report.are_judged else [],
        "violations": [asdict(violation) for violation in report.violations],
    }
    return json.dumps(document, indent=2) + "\n"
