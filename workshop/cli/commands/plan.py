"""`workshop plan`: what a number of users needs."""

from workshop.cli.options import SANDBOX, AsJson, StackName, Users
from workshop.cli.session import running
from workshop.cli.stack import read_stack


def plan(users: Users = None, stack: StackName = SANDBOX, as_json: AsJson = False) -> None:
    """Shows what so many users need at the event, and what the phase means. Asks no cloud and changes nothing.

    \b
    Examples:
      workshop plan --users 20
      workshop plan --users 20 --stack workshop --json
    """
    with running("plan", stack, as_json) as session:
        target = read_stack(stack, users)
        session.begin(target)
        session.make_plan(target)
