"""`workshop status`: what is deployed, and what to do next."""

from __future__ import annotations

import typer

from workshop.cli.backends import backend
from workshop.cli.options import SANDBOX, AsJson, StackName
from workshop.cli.problem import CannotRun
from workshop.cli.records import last_record
from workshop.cli.render.status import as_json as status_json
from workshop.cli.render.status import print_status
from workshop.cli.reports import StatusReport
from workshop.cli.retained import is_deployed
from workshop.cli.screen import Screen
from workshop.cli.session import reporting_problems
from workshop.cli.stack import Stack, read_stack


def status(stack: StackName = SANDBOX, as_json: AsJson = False) -> None:
    """Shows what is deployed, the phase, the last preflight, and what to do next. Changes nothing, judges nothing.

    \b
    Examples:
      workshop status
      workshop status --stack workshop --json
    """
    with reporting_problems(stack, as_json=as_json) as screen:
        report = _report(read_stack(stack, users_if_unknown=1), screen)
        if as_json:
            screen.results.print(status_json(report), soft_wrap=True)
        else:
            print_status(report, screen.results)
        raise typer.Exit(report.exit_code)


def _report(stack: Stack, screen: Screen) -> StatusReport:
    users, record = stack.previous_users, last_record(stack)
    try:
        opened = backend.open_backend(stack, screen)
        resources = sum(is_deployed(resource) for resource in opened.resources())
        return StatusReport(stack=stack, users=users, resources=resources, last_run=opened.last_run(), record=record)
    except CannotRun as problem:
        return StatusReport(stack=stack, users=users, record=record, problem=str(problem))
