"""A run's report as one JSON document, with the same facts as the text."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from workshop.cli.reports import RunReport
from workshop.cli.stack import Stack
from workshop.model.plan.arrival import plan_arrival
from workshop.model.plan.plan import Plan
from workshop.model.plan.scaling import plan_scaling
from workshop.model.plan.warm import plan_warm
from workshop.model.window.phases import meaning


def document(report: RunReport) -> str:
    """plan, changes (how many of each), steps (which, unless unchanged), violations, error, exit code.

    changes.retain: no longer managed and otherwise unchanged, no steps; `retained` lists them beside what is protected.
    arrival: what people meet at the event, in seconds. scaling: of provisioners that follow the
    queue, by region. warm: nodes that are made ready before it. phase and
    phase_means: now, in which the plan need not be.
    """
    outcome, stack = report.outcome, report.stack
    counted = Counter(change.operation for change in report.changes)
    return json.dumps(
        {
            "operation": report.operation,
            "stack": report.stack_name,
            "account": stack.settings.account if stack else None,
            "users": stack.settings.users if stack else None,
            "phase": stack.phase if stack else None,
            "phase_means": meaning(stack.phase, stack.settings.window, stack.settings.users) if stack else None,
            "previous_users": stack.previous_users if stack else None,
            "exit_code": int(report.exit_code),
            "error": outcome.error,
            "is_declined": report.is_declined,
            "applied": outcome.applied,
            "plan": _plan(report.plan) if report.plan else None,
            "arrival": asdict(plan_arrival(stack.settings)) if report.plan and stack else None,
            "scaling": _scaling(report.plan, stack) if report.plan and stack else None,
            "warm": _warm(stack) if report.plan and stack else None,
            "changes": {
                **{name: counted[name] for name in ("create", "update", "replace", "delete", "import", "same")},
                "retain": report.retained_count,
            },
            "steps": [
                {key: value for key, value in asdict(change).items() if value or key != "drift"}
                for change in report.changes
                if change.operation != "same"
            ],
            "warnings": list(report.warnings),
            "violations": [asdict(violation) for violation in outcome.violations],
            "retained": [asdict(retained) for retained in report.retained],
            "outputs": outcome.outputs,
        },
        indent=2,
        default=_plain,
    )


def _plan(plan: Plan) -> dict[str, Any]:
    """The plan without the files that its records were read from."""
    facts = asdict(plan)
    return {**facts, "dns": {"records": facts["dns"]["records"]}}


def _scaling(plan: Plan, stack: Stack) -> dict[str, object]:
    return {name: asdict(one) for name, one in plan_scaling(stack.settings, plan).items()}


def _warm(stack: Stack) -> dict[str, Any] | None:
    planned = plan_warm(stack.settings)
    return None if planned is None else asdict(planned)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
