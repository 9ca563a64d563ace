"""`workshop monitoring dashboards`: the dashboards of a stack, as files for Grafana."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_message
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.model.counting import counted
from workshop.model.monitoring.dashboards import all as every
from workshop.program.grafana import grafana_json
from workshop.sandbox.files import write_whole

To = Annotated[Path, typer.Option("--to", metavar="DIR", help="Folder for the files; made if there is none.")]


def dashboards(to: To, users: Users = None, stack: StackName = SANDBOX) -> None:
    """Writes each dashboard as JSON that Grafana imports, 11.6 or newer. Asks no cloud.

    With workshop:monitoring `up` provisions them, as ConfigMaps for the sidecar of Grafana's chart.

    \b
    Examples:
      workshop monitoring dashboards --to dashboards
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users)
        shown = every.dashboards(target.settings)
        try:
            to.mkdir(parents=True, exist_ok=True)
            for dashboard in shown:
                write_whole(to / f"{dashboard.uid}.json", grafana_json(dashboard))
        except OSError as error:
            raise CannotRun(f"Cannot write to {to}: {error.strerror}") from None
        print_message(screen.results, f"{counted(len(shown), 'dashboard')} in {to}.")
