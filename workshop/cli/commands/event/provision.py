"""`workshop event provision`: start the seats before their time."""

from workshop.cli.commands.event.changes import asking
from workshop.cli.options import SANDBOX, StackName, Users, Yes
from workshop.cli.problem import CannotRun
from workshop.model.window.phases import moment


def provision(users: Users = None, stack: StackName = SANDBOX, yes: Yes = False) -> None:
    """Has the keeper start every accepted person's seat now: account, workspace, and what it costs from then on.

    Without it they start at their time, workshop:event's provisioning before the window's start.

    \b
    Examples:
      workshop event provision
      workshop event provision --stack workshop --yes
    """
    with asking(users, stack) as asked:
        asked.check_seat(None)
        asked.check_goes_on()
        if asked.now >= min(one.starts_at for one in asked.kept.seats[0].spans if one.hours is None):
            raise CannotRun("Seats are being started since their time came: see workshop event status")
        early = (asked.plan.starts_at - asked.now).total_seconds() / 3600
        usd = float(asked.plan.usd_per_hour) * early
        question = f"Start seats now? Up to {usd:.2f} USD more than at {moment(asked.plan.starts_at)}."
        if asked.is_confirmed(question, yes=yes):
            asked.records.provision(asked.now)
            asked.say_done(f"Seats start now: up to {usd:.2f} USD more than at {moment(asked.plan.starts_at)}.")
