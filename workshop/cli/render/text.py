"""A run's report as text: first the result, then tables, then what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import yaml
from rich.console import Console
from rich.text import Text

from workshop.cli.render.changes import print_changes, print_retained
from workshop.cli.render.message import print_command, print_message
from workshop.cli.render.tables import arrival_table, hosts_table, plan_table, provisioners_table
from workshop.cli.render.times import with_offset
from workshop.cli.reports import RunReport
from workshop.cli.retained import Retained
from workshop.cli.shell import Part, parts, workshop_command
from workshop.cli.stack import Stack
from workshop.model.counting import counted
from workshop.model.outcome import Change, Violation
from workshop.model.plan.arrival import plan_arrival
from workshop.model.plan.plan import Plan
from workshop.model.plan.scaling import plan_scaling
from workshop.model.plan.warm import plan_warm
from workshop.model.settings.window import Window
from workshop.model.window.phases import Phase, meaning, moment

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
        _print_next(report, screen)


def print_outcome(report: RunReport, screen: Console) -> None:
    """The result and the tables."""
    outcome, stack = report.outcome, report.stack
    print_message(screen, _verdict(report))
    window = stack.settings.window if stack else None
    print_violations(screen, [violation for violation in outcome.violations if violation.is_mandatory], window)
    for warning in report.warnings:
        print_message(screen, Text.assemble(("Warning: ", "bold yellow"), with_offset(warning, window)))
    is_stopped = outcome.is_refused or outcome.error is not None
    if report.plan is not None and stack is not None and (report.operation == "plan" or not is_stopped):
        _print_plan(report.plan, stack, screen, has_hosts=report.operation == "plan")
    if is_stopped:
        return
    if _changed(report.changes):
        screen.print()
        print_changes(screen, report.changes)
    _print_drift(report.changes, screen)
    _print_retained(report.retained, screen)
    for violation in outcome.violations:
        if not violation.is_mandatory:
            screen.print()
            print_message(screen, f"Advice: [{violation.policy}] {message_of(violation)}")
    if report.operation == "outputs" and outcome.outputs:
        screen.print(yaml.safe_dump(dict(outcome.outputs), default_flow_style=None, width=80), end="", soft_wrap=True)


def print_violations(screen: Console, violations: Iterable[Violation], window: Window | None = None) -> None:
    """A numbered list; what several resources have in common is said once, their commands one below the other."""
    violations = (replace(one, message=with_offset(one.message, window)) for one in violations)
    for number, (policy, names, alike) in enumerate(grouped(violations), 1):
        start = f"{number}. "
        first, *others = (list(parts(text)) or [Part("(no message)")] for text in alike)
        print_message(screen, f"{start}[{policy}] {', '.join(names)}: {first[0].text}", indent=len(start))
        for index, part in enumerate(first[1:], 1):
            for same in dict.fromkeys((part, *(other[index] for other in others if part.is_command))):
                if same.is_command:
                    print_command(screen, same.text, len(start))
                else:
                    print_message(screen, " " * len(start) + same.text, indent=len(start))


def grouped(violations: Iterable[Violation]) -> list[tuple[str, list[str], list[str]]]:
    """Policy, resources and their messages without the resource, together where nothing but commands differs."""
    groups: dict[tuple[str, tuple[str, ...]], tuple[list[str], list[str]]] = {}
    for violation in violations:
        name, _, text = message_of(violation).partition(": ")
        prose = tuple("" if part.is_command else part.text for part in parts(text))
        names, texts = groups.setdefault((violation.policy, prose), ([], []))
        names.append(name)
        texts.append(text)
    return [(policy, names, texts) for (policy, _), (names, texts) in groups.items()]


def message_of(violation: Violation) -> str:
    """The message without the policy's title; it always begins with the resource, without the rest of its URN."""
    name = violation.resource.rpartition("::")[2]
    message = violation.message.rpartition("\n")[2]
    return message if message.startswith(name) else f"{name}: {message}"


def _print_plan(plan: Plan, stack: Stack, screen: Console, *, has_hosts: bool) -> None:
    screen.print()
    window = stack.settings.window
    print_message(screen, with_offset(meaning(stack.phase, window, stack.settings.users), window))
    screen.print()
    screen.print(plan_table(plan))
    screen.print()
    screen.print(provisioners_table(plan))
    screen.print()
    for line in _plan_lines(plan):
        print_message(screen, line)
    _print_scaling(plan, stack, screen)
    if has_hosts:
        _print_arrival(stack, screen)
        screen.print()
        screen.print(hosts_table(plan))


def _print_scaling(plan: Plan, stack: Stack, screen: Console) -> None:
    scaling = plan_scaling(stack.settings, plan)
    for name, one in scaling.items():
        numbers = f"from {one.floor} up to {one.ceiling}, down once fewer were enough for {one.drain_seconds} s"
        print_message(screen, f"Provisioners of {stack.settings.default_organization.name} in {name}: {numbers}.")


def _print_arrival(stack: Stack, screen: Console) -> None:
    planned, manner = plan_arrival(stack.settings), stack.settings.arrival.manner
    if not planned.regions:
        return
    screen.print()
    print_message(
        screen, f"People come {manner}, to provisioners of {planned.organization}; seconds from click to agent:"
    )
    screen.print()
    screen.print(arrival_table(planned))
    warm = plan_warm(stack.settings)
    if warm is not None:
        screen.print()
        ready = f"{counted(sum(warm.nodes.values()), 'node')} from {moment(warm.ready_from)} on"
        costs = f"until the window closes they cost {warm.usd:.2f} USD."
        print_message(screen, with_offset(f"Made ready beforehand: {ready}; {costs}", stack.settings.window))


def _print_retained(retained: Sequence[Retained], screen: Console) -> None:
    for is_protected, title in ((True, "Retained, protected:"), (False, "Retained unchanged, no longer managed:")):
        resources = [resource for resource in retained if resource.is_protected is is_protected]
        if resources:
            screen.print()
            screen.print(title)
            print_retained(screen, resources)


def _print_drift(changes: Iterable[Change], screen: Console) -> None:
    drifted = [f"{change.name}: {what}" for change in changes for what in change.drift]
    if drifted:
        screen.print()
        screen.print("Changed by others since the last run:")
    for line in drifted:
        print_message(screen, line)


def _changed(changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if change.operation in _DONE]


def _verdict(report: RunReport) -> Text:
    outcome = report.outcome
    if outcome.error is not None:
        return Text.assemble(("Could not run: ", "bold red"), _after_changes(outcome.error, applied=outcome.applied))
    if outcome.is_refused:
        reasons = counted(len(grouped(one for one in outcome.violations if one.is_mandatory)), "reason")
        return Text.assemble(("Refused", "bold red"), f"{_for_users(report)}: {reasons}; nothing was changed.")
    if report.operation == "outputs":
        if not outcome.outputs:
            return Text("No outputs: nothing is deployed.")
        return Text(f"{counted(len(outcome.outputs), 'output')} of the last up.")
    if report.operation == "plan":
        return Text.assemble(("Plan", "bold green"), f"{_for_users(report)}.")
    changed = len(_changed(report.changes))
    if not report.is_carried_out:
        title = (f"{changed} to change", "bold yellow") if changed else ("No changes", "bold green")
        return Text.assemble(title, f"{_for_users(report)}: {_counts(report.changes, _TO_DO)}.")
    if report.operation == "destroy" and not report.changes:
        return Text("Nothing to release: nothing is deployed.")
    if report.operation == "destroy":
        deleted = sum(change.operation == "delete" for change in report.changes)
        return Text.assemble(("Released", "bold green"), f": {deleted} deleted, {len(report.retained)} retained.")
    title = ("Baseline applied", "bold yellow") if _is_baseline(report.stack) else ("Ready", "bold green")
    return Text.assemble(title, f"{_for_users(report)}: {_counts(report.changes, _DONE)}.")


def _after_changes(error: str, *, applied: bool) -> str:
    """The error of a run that may have changed something; what to do next is said once."""
    if not applied:
        return error
    next_step = "" if "same command" in error else "; run the same command to continue"
    return f"{error.removesuffix('.')}. The changes made until then are in place{next_step}."


def _for_users(report: RunReport) -> str:
    stack = report.stack
    if stack is None or report.operation == "destroy":
        return ""
    if report.operation != "plan" and _is_baseline(stack):
        return f" {stack.phase} the window"
    new, previous = stack.settings.users, stack.previous_users
    before = "" if previous == new else f" (before: {'none' if previous is None else previous})"
    return f" for {counted(new, 'user')}{before}"


def _is_baseline(stack: Stack | None) -> bool:
    """Whether `up` makes room for nobody now."""
    return stack is not None and stack.phase in (Phase.BEFORE, Phase.AFTER)


def _counts(changes: Iterable[Change], words: dict[str, str]) -> str:
    numbers = Counter(change.operation for change in changes)
    parts = [f"{numbers[operation]} {word}" for operation, word in words.items() if numbers[operation]]
    if not parts:
        return f"{counted(numbers['same'], 'resource')} up to date"
    return ", ".join([*parts, f"{numbers['same']} unchanged"] if numbers["same"] else parts)


def _plan_lines(plan: Plan) -> list[str]:
    cost = plan.cost
    workshop = (
        "" if cost.usd_per_workshop is None else f", {cost.usd_per_workshop:.2f} USD a workshop of {cost.hours} h"
    )
    return [
        f"Coder server {counted(plan.server, 'pod')}, proxy {plan.proxy} in each proxy region, LiteLLM {plan.litellm}.",
        f"Nodes and volumes cost {cost.usd_per_hour:.2f} USD an hour{workshop}; "
        f"not included: {', '.join(cost.not_included)}.",
    ]


def _print_next(report: RunReport, screen: Console) -> None:
    users: list[str] = []
    if report.stack:
        known = report.stack.settings.users if report.operation != "destroy" else report.stack.previous_users
        users = ["--users", str(known or "N")]
    steps: list[tuple[str, list[str]]] = []
    if report.operation in ("plan", "preview"):
        steps = [("Next:", ["up", *users])]
    elif report.operation == "up":
        release = ["destroy"] if report.stack is None or report.stack.phase is None else ["up"]
        steps = [("Next:", ["outputs"]), ("After the workshop:", release)]
    elif report.operation == "destroy":
        steps = [
            ("To take it all up again:", ["up", *users]),
            ("To bring replica counts that are left down, before the next destroy:", ["up", "--users", "1"]),
        ]
    for title, command in steps:
        screen.print()
        screen.print(title)
        print_command(screen, workshop_command(report.stack_name, *command))
