"""`workshop monitoring rules`: the alert rules of a stack, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import yaml

from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_message
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.model.counting import counted
from workshop.model.monitoring.rules import rules_of
from workshop.model.plan.plan import plan_of_event
from workshop.sandbox.files import write_whole

To = Annotated[Path | None, typer.Option("--to", metavar="FILE", help="File for the rules; unset: printed.")]


def rules(to: To = None, users: Users = None, stack: StackName = SANDBOX) -> None:
    """Writes the alert rules with the thresholds of this stack, as a rule file of Prometheus. Asks no cloud.

    Where the operator's PrometheusRule is known to the cluster, `up` declares them and no file is needed.

    \b
    Examples:
      workshop monitoring rules --users 20
      workshop monitoring rules --stack workshop --to alerts.json
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users)
        written = rules_of(target.settings, plan_of_event(target.settings, target.zones))
        text = yaml.safe_dump(written, sort_keys=False, width=1000)
        if to is None:
            screen.results.print(text, end="", soft_wrap=True, markup=False, highlight=False)
            return
        try:
            write_whole(to, text)
        except OSError as error:
            raise CannotRun(f"Cannot write {to}: {error.strerror}") from None
        count = sum(len(group["rules"]) for group in written["groups"])
        print_message(screen.results, f"{counted(count, 'rule')} in {to}.")
