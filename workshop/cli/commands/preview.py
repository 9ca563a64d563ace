"""`workshop preview`: what `up` would change, judged by rules and policies."""

from workshop.cli.backends import backend
from workshop.cli.options import SANDBOX, AsJson, StackName, Users
from workshop.cli.session import running
from workshop.cli.stack import read_stack


def preview(users: Users = None, stack: StackName = SANDBOX, as_json: AsJson = False) -> None:
    """Shows what `up` would change, or why it would refuse. Changes nothing.

    \b
    Examples:
      workshop preview --users 20
      workshop preview --users 20 --stack workshop
    """
    with running("preview", stack, as_json) as session:
        target = read_stack(stack, users)
        session.begin(target)
        session.make_plan(target)
        session.report.outcome = backend.open_backend(target, session.screen).preview()
