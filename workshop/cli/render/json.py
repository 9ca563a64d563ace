"""The answer as one JSON document, with the same facts as the words."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workshop.model.plan.plan import Plan
from workshop.model.window.phases import meaning

if TYPE_CHECKING:
    from workshop.cli.answer import Answer


def document(answer: Answer) -> str:
    """plan, changes (how many of each), steps (which, unless unchanged), violations, error, exit code.

    phase and phase_means: now, in which the plan need not be.
    """
    outcome, stack = answer.outcome, answer.stack
    counted = Counter(change.operation for change in answer.changes)
    return json.dumps(
        {
            "operation": answer.operation,
            "stack": answer.stack_name,
            "account": stack.settings.account if stack else None,
            "users": stack.settings.users if stack else None,
            "phase": stack.phase if stack else None,
            "phase_means": meaning(stack.phase, stack.settings.window, stack.settings.users) if stack else None,
            "previous_users": stack.previous_users if stack else None,
            "exit_code": int(answer.exit),
            "error": outcome.error,
            "is_declined": answer.is_declined,
            "applied": outcome.applied,
            "plan": _plan(answer.plan) if answer.plan else None,
            "changes": {name: counted[name] for name in ("create", "update", "replace", "delete", "import", "same")},
            "steps": [
                {key: value for key, value in asdict(change).items() if value or key != "drift"}
                for change in answer.changes
                if change.operation != "same"
            ],
            "violations": [asdict(violation) for violation in outcome.violations],
            "kept": [asdict(kept) for kept in answer.kept],
            "outputs": outcome.outputs,
        },
        indent=2,
        default=_plain,
    )


def _plan(plan: Plan) -> dict[str, Any]:
    """The plan without the files that its records were read from."""
    facts = asdict(plan)
    return {**facts, "dns": {"records": facts["dns"]["records"]}}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
