"""`workshop outputs`: what the last `up` exported."""

from workshop.cli.backends import backend
from workshop.cli.options import SANDBOX, AsJson, StackName
from workshop.cli.session import running
from workshop.cli.stack import read_stack
from workshop.model.outcome import Outcome


def outputs(stack: StackName = SANDBOX, as_json: AsJson = False) -> None:
    """Shows what the last `up` exported.

    \b
    Examples:
      workshop outputs
      workshop outputs --stack workshop --json
    """
    with running("outputs", stack, as_json) as session:
        target = read_stack(stack, users_if_unknown=1)  # exported, not planned
        session.begin(target)
        session.report.outcome = Outcome(outputs=backend.open_backend(target, session.screen).outputs())
