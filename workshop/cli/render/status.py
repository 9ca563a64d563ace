"""How a stack stands, as text and as JSON."""

from __future__ import annotations

import json

from rich.console import Console

from workshop.cli.render.message import print_command, print_message
from workshop.cli.render.text import headline
from workshop.cli.render.times import with_offset
from workshop.cli.reports import StatusReport
from workshop.cli.shell import fit, workshop_command
from workshop.model.counting import counted
from workshop.model.preflight.record import overall
from workshop.model.window.phases import meaning, moment


def print_status(report: StatusReport, screen: Console) -> None:
    """A line for each thing to know, then the next command."""
    stack = report.stack
    screen.print(headline(stack))
    window = stack.settings.window
    print_message(screen, with_offset(f"Deployed: {_deployed(report)}", window))
    users = "not known" if report.users is None else str(report.users)
    screen.print(f"Users: {users}, at most {stack.settings.max_users}.")
    print_message(screen, with_offset(f"Phase: {stack.phase or 'no window'}. {_meaning(report) or ''}", window))
    print_message(screen, with_offset(f"Preflight: {_preflight(report)}", window))
    screen.print()
    screen.print("Next:")
    print_command(screen, workshop_command(stack.name, *report.next_command))


def as_json(report: StatusReport) -> str:
    """The same facts."""
    run, record, stack = report.last_run, report.record, report.stack
    return json.dumps(
        {
            "stack": stack.name,
            "account": stack.settings.account,
            "users": report.users,
            "resources": report.resources,
            "last_run": None if run is None else run.model_dump(mode="json"),
            "phase": stack.phase,
            "phase_means": _meaning(report),
            "preflight": None
            if record is None
            else {
                "verdict": overall(record.results),
                "made_at": record.made_at.isoformat(),
                "expires_at": record.expires_at.isoformat(),
            },
            "next": workshop_command(stack.name, *report.next_command),
            "error": report.problem,
            "exit_code": int(report.exit_code),
        },
        indent=2,
    )


def _deployed(report: StatusReport) -> str:
    run = report.last_run
    if report.problem is not None:
        return f"not known. {fit(report.problem, report.stack.name)}"
    resources = counted(report.resources, "resource") if report.resources else "nothing"
    if run is None:
        return f"{resources}."
    ended = "did not end: it was killed, or still runs" if run.result == "unfinished" else run.result
    state = f"{resources}, retained after destroy" if run.has_released and report.resources else resources
    return f"{state}; {run.operation} of {moment(run.started_at)} {ended}."


def _meaning(report: StatusReport) -> str | None:
    """None where it depends on a number of users that is not known."""
    stack = report.stack
    return None if report.users is None else meaning(stack.phase, stack.settings.window, report.users)


def _preflight(report: StatusReport) -> str:
    record = report.record
    if record is None:
        return "none that counts: none was run with these settings, or it has expired."
    return f"{overall(record.results)}, made {moment(record.made_at)}, expires {moment(record.expires_at)}."
