"""`workshop up`: applies the plan."""

from workshop.cli.backends import backend
from workshop.cli.commands.images.pins import with_way_back
from workshop.cli.options import SANDBOX, AsJson, StackName, Users, Yes
from workshop.cli.session import running
from workshop.cli.stack import read_stack


def up(users: Users = None, stack: StackName = SANDBOX, yes: Yes = False, as_json: AsJson = False) -> None:
    """Makes everything ready for so many users, or refuses and changes nothing.

    The sandbox doesn't ask; a real stack shows what would change and asks first.

    \b
    Examples:
      workshop up --users 20
      workshop up --users 20 --stack workshop
    """
    with running("up", stack, as_json) as session:
        target = read_stack(stack, users)
        session.begin(target)
        session.make_plan(target)
        engine = backend.open_backend(target, session.screen)
        if not engine.asks or session.is_confirmed(engine.preview, yes):
            session.report.outcome = with_way_back(engine.up(), target, engine)
            session.report.is_carried_out = True
