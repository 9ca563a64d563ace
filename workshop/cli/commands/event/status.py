"""`workshop event status`: how the event stands."""

from __future__ import annotations

from workshop.cli.commands.event.stack import event_of
from workshop.cli.commands.event.store import store_of
from workshop.cli.options import SANDBOX, AsJson, StackName, Users
from workshop.cli.render.event.status import EventStatus, print_status, status_json
from workshop.cli.render.message import print_command
from workshop.cli.session import reporting_problems
from workshop.cli.shell import workshop_command
from workshop.cli.stack import read_stack
from workshop.event.store.cached import remember
from workshop.event.store.failing import failing_steps
from workshop.model.event.preservation import preservation
from workshop.model.ledger import bill
from workshop.observe.clock import now


def status(users: Users = None, stack: StackName = SANDBOX, as_json: AsJson = False) -> None:
    """Shows seats by state, money, saved work, and what the keeper could not see or do. Asks the event's store alone.

    \b
    Examples:
      workshop event status
      workshop event status --json
    """
    with reporting_problems(stack, as_json=as_json) as screen:
        target, at = read_stack(stack, users), now()
        event, plan = event_of(target)
        with store_of(target) as store:
            looks = store.ledger.looks()
            seats = store.records.seats()
            found = EventStatus(
                event=event,
                plan=plan,
                window=target.settings.window,
                now=at,
                record=store.records.event(),
                failing=failing_steps(store.records.engine, event.name),
                seats=seats,
                kept=remember(store.records, target.settings),
                bill=bill(
                    event,
                    plan,
                    store.ledger.runs(),
                    {region.name: looks.get(region.name) for region in target.settings.regions},
                    at,
                ),
                mails=store.outbox.all(),
                work=preservation(
                    event.name, [one.seat for one in seats if one.workspace_id is not None], store.records.receipts()
                ),
            )
        if as_json:
            screen.results.print(status_json(found), soft_wrap=True)
        else:
            print_status(found, screen.results)
            if found.phase == "settled":
                screen.results.print("Next:")
                print_command(screen.results, workshop_command(stack, "event report"))
