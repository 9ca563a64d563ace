"""`workshop event money`: what the event has cost, is due, and will cost."""

from __future__ import annotations

from datetime import datetime

import typer

from workshop.cli.commands.event.stack import event_of
from workshop.cli.commands.event.store import store_of
from workshop.cli.options import SANDBOX, AsJson, StackName, Users
from workshop.cli.render.event.seats import money_json, print_money
from workshop.cli.reports import Exit, MoneyReport
from workshop.cli.sandbox_config import config_for_server
from workshop.cli.session import reporting_problems
from workshop.cli.stack import Stack, read_stack
from workshop.event.failure import EventFailure
from workshop.event.store.ledger import Ledger
from workshop.event.systems.instances import instances_of_pool
from workshop.model.ledger import bill, reached
from workshop.model.settings.config import settings_from_config
from workshop.observe.aws_clients import aws_client
from workshop.observe.clock import now
from workshop.sandbox.lifecycle import ensure_running
from workshop.sandbox.paths import SandboxPaths


def money(users: Users = None, stack: StackName = SANDBOX, as_json: AsJson = False) -> None:
    """Looks at the event's nodes in every region, keeps what it sees in the ledger, and shows the bill.

    Exit code 1 when what is due has reached the budget. Changes nothing but the ledger: run it every minute or so.

    \b
    Examples:
      workshop event money
      workshop event money --stack workshop --json
    """
    with reporting_problems(stack, as_json=as_json) as screen:
        target = read_stack(stack, users)
        with store_of(target) as store:
            report = _report(target, store.ledger, now())
        if as_json:
            screen.results.print(money_json(report), soft_wrap=True)
        else:
            print_money(report, screen.results)
        raise typer.Exit(Exit.REFUSED if 100 in report.reached else Exit.DONE)


def _report(stack: Stack, ledger: Ledger, at: datetime) -> MoneyReport:
    event, plan = event_of(stack)
    settings = stack.settings
    if stack.is_sandbox:
        ensure_running(SandboxPaths.from_environment())
        settings = settings_from_config(config_for_server(stack.config))
    problems: dict[str, str] = {}
    for region in settings.regions:
        try:
            with aws_client(settings, "ec2", region.name) as client:
                found = instances_of_pool(client, region.name, at)
            ledger.record(region.name, [one.run for one in found], at)
        except EventFailure as error:
            problems[region.name] = str(error)
    seen = ledger.looks()
    looks = {region.name: seen.get(region.name) for region in settings.regions}
    found = bill(event, plan, ledger.runs(), looks, at)
    committed = reached(event, found.committed)
    return MoneyReport(
        event=event,
        window=settings.window,
        bill=found,
        reached=committed,
        reached_now=tuple(percent for percent in committed if ledger.fire(percent, event.budget_usd, at)),
        projected=reached(event, found.projected),
        problems=problems,
    )
