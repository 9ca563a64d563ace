"""A run's report as text: first the result, then tables, then what to do next."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.text import Text

from workshop.cli.render.tables import change_table, hosts_table, plan_table, retained_table
from workshop.cli.reports import RunReport
from workshop.cli.stack import Stack
from workshop.model.outcome import Change, Violation
from workshop.model.plan.plan import Plan
from workshop.model.window.phases import Phase, meaning

_DONE: Final = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "import": "adopted",
}
_TO_DO: Final = {
    "create": "to create",
    "update": "to update",
    "replace": "to replace",
    "delete": "to delete",
    "import": "to adopt",
}


def headline(stack: Stack) -> str:
    """Which stack and account it is about."""
    account = stack.settings.account or "not set"
    kind = "simulated on this machine" if stack.is_sandbox else "real"
    return f"Stack {stack.name} ({kind}), account {account}"


def print_run(report: RunReport, screen: Console) -> None:
    """The whole report."""
    if report.stack is None:
        screen.print(f"Stack {report.stack_name}")
    if report.is_declined:
        screen.print(Text("Declined: nothing was changed.", style="yellow"))
        return
    print_outcome(report, screen)
    if report.exit_code == 0:
        for line in _next(report):
            screen.print(line, soft_wrap=True)


def print_outcome(report: RunReport, screen: Console) -> None:
    """The result and the tables."""
    outcome = report.outcome
    screen.print(_verdict(report))
    reasons = [violation for violation in outcome.violations if violation.is_mandatory]
    for number, violation in enumerate(reasons, 1):
        screen.print(Text(f"{number}. [{violation.policy}] {_message(violation)}"))
    if outcome.is_refused or outcome.error is not None:
        return
    if report.operation in ("plan", "preview", "up") and report.plan is not None and report.stack is not None:
        screen.print(_meaning(report.stack), soft_wrap=True)
        screen.print()
        screen.print(plan_table(report.plan))
        for line in _plan_lines(report.plan):
            screen.print(line)
        if report.operation == "plan":
            screen.print()
            screen.print(hosts_table(report.plan))
    if _changed(report.changes):
        screen.print()
        screen.print(change_table(report.changes))
    drifted = [(change.name, what) for change in report.changes for what in change.drift]
    if drifted:
        screen.print()
        screen.print("Changed by others since the last run:")
        for name, what in drifted:
            screen.print(f"{name}: {what}")
    if report.operation == "destroy" and report.retained:
        screen.print()
        screen.print(retained_table(report.retained))
    for violation in outcome.violations:
        if not violation.is_mandatory:
            screen.print()
            screen.print(Text(f"Advice: [{violation.policy}] {_message(violation)}"))
    for name, value in outcome.outputs.items() if report.operation == "outputs" else ():
        screen.print(f"{name}: {value if isinstance(value, str) else json.dumps(value)}")


def _message(violation: Violation) -> str:
    """A rule's message names its resource; a policy's follows the policy's title, and its resource is a URN."""
    name = violation.resource.rpartition("::")[2]
    message = violation.message.rpartition("\n")[2]
    return message if message.startswith(name) else f"{name}: {message}"


def _changed(changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if change.operation in _DONE]


def _and_kept(error: str) -> str:
    """The error of a run that has changed something; what to do next is said once."""
    next_step = "" if "again" in error else "; run the same command again to go on"
    return f"{error.removesuffix('.')}. What was done until then is kept{next_step}."


def _verdict(report: RunReport) -> Text:
    outcome = report.outcome
    if outcome.error is not None:
        error = _and_kept(outcome.error) if outcome.applied else outcome.error
        return Text.assemble(("Could not run: ", "bold red"), error)
    if outcome.is_refused:
        count = sum(violation.is_mandatory for violation in outcome.violations)
        reasons = "one reason" if count == 1 else f"{count} reasons"
        return Text.assemble(("Refused", "bold red"), f"{_for_users(report)}: {reasons}; nothing was changed.")
    if report.operation == "plan":
        return Text.assemble(("Plan", "bold green"), f"{_for_users(report)}.")
    if report.operation == "outputs":
        return Text(f"{len(outcome.outputs) or 'No'} outputs of the last up.")
    if report.operation == "destroy" and report.is_carried_out:
        return Text.assemble(("Released", "bold green"), f": {_counts(report.changes, _DONE)}.")
    if report.operation == "up" and report.is_carried_out and _is_baseline(report.stack):
        return Text.assemble(
            ("Baseline declared", "bold yellow"), f"{_for_users(report)}: {_counts(report.changes, _DONE)}."
        )
    if report.operation == "up" and report.is_carried_out:
        return Text.assemble(("Ready", "bold green"), f"{_for_users(report)}: {_counts(report.changes, _DONE)}.")
    count = len(_changed(report.changes))
    if not count:
        return Text.assemble(
            ("Nothing to change", "bold green"), f"{_for_users(report)}: {_counts(report.changes, _TO_DO)}."
        )
    return Text.assemble(
        (f"{count} to change", "bold yellow"), f"{_for_users(report)}: {_counts(report.changes, _TO_DO)}."
    )


def _for_users(report: RunReport) -> str:
    stack = report.stack
    if stack is None or report.operation == "destroy":
        return ""
    if report.operation != "plan" and _is_baseline(stack):
        return f" {stack.phase} the window"
    new, previous = stack.settings.users, stack.previous_users
    before = "" if previous == new else f" (before: {'none' if previous is None else previous})"
    return f" for {new} users{before}"


def _is_baseline(stack: Stack | None) -> bool:
    """Whether `up` makes room for nobody now."""
    return stack is not None and stack.phase in (Phase.BEFORE, Phase.AFTER)


def _meaning(stack: Stack) -> str:
    """What the phase means."""
    return meaning(stack.phase, stack.settings.window, stack.settings.users)


def _counts(changes: Iterable[Change], words: dict[str, str]) -> str:
    counted = Counter(change.operation for change in changes)
    parts = [f"{counted[operation]} {word}" for operation, word in words.items() if counted[operation]]
    if not parts:
        return f"nothing changed, {counted['same']} as before"
    return ", ".join([*parts, f"{counted['same']} unchanged"] if counted["same"] else parts)


def _plan_lines(plan: Plan) -> list[str]:
    cost = plan.cost
    workshop = (
        "" if cost.usd_per_workshop is None else f", {cost.usd_per_workshop:.2f} USD a workshop of {cost.hours} h"
    )
    return [
        f"Coder server {plan.server} pods, proxy {plan.proxy} in each proxy region, LiteLLM {plan.litellm}.",
        f"Nodes and volumes cost {cost.usd_per_hour:.2f} USD an hour{workshop}; "
        f"not in it: {', '.join(cost.not_included)}.",
    ]


def _next(report: RunReport) -> list[str]:
    stack = "" if report.stack_name == "sandbox" else f" --stack {report.stack_name}"
    users = f" --users {report.stack.settings.users}" if report.stack else ""
    if report.operation in ("plan", "preview"):
        return ["", f"Next: scripts/workshop up{users}{stack}"]
    if report.operation == "up":
        command = "destroy" if report.stack is None or report.stack.phase is None else "up"
        return ["", f"Next: scripts/workshop outputs{stack}; after the workshop: scripts/workshop {command}{stack}"]
    if report.operation == "destroy":
        return [
            "",
            f"Next: scripts/workshop up{users}{stack} takes it all up again. Replica counts that are left come down",
            f"with scripts/workshop up --users 1{stack}, then destroy.",
        ]
    return []
