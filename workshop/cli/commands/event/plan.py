"""`workshop event plan`: what the event costs."""

from __future__ import annotations

from workshop.cli.commands.event.stack import event_of
from workshop.cli.options import SANDBOX, AsJson, StackName, Users
from workshop.cli.render.event.seats import plan_json, print_event_plan
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.model.findings import Refused
from workshop.model.plan.plan import plan_of_event
from workshop.model.rules.judgement import judge_settings


def plan(users: Users = None, stack: StackName = SANDBOX, as_json: AsJson = False) -> None:
    """Shows what the event costs and when, and whether it keeps its budget. Asks no cloud and changes nothing.

    \b
    Examples:
      workshop event plan --users 60
      workshop event plan --stack workshop --json
    """
    with reporting_problems(stack, as_json=as_json) as screen:
        target = read_stack(stack, users)
        event, planned = event_of(target)
        findings = judge_settings(target.settings, plan_of_event(target.settings, target.zones))
        if findings:
            raise Refused(findings)
        if as_json:
            screen.results.print(plan_json(event, planned), soft_wrap=True)
        else:
            print_event_plan(event, planned, target.settings.window, screen.results)
