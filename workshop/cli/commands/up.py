"""`workshop up`: make it so."""

from workshop.cli.options import SANDBOX, AsJson, StackName, Users, Yes


def up(users: Users = None, stack: StackName = SANDBOX, yes: Yes = False, as_json: AsJson = False) -> None:
    """Makes everything ready for so many users, or refuses and changes nothing.

    The sandbox doesn't ask; a real stack shows what would change and asks first.
    """
    from workshop.cli.answer import answering
    from workshop.cli.backends.backend import confirmed, open_backend
    from workshop.cli.stack import read_stack

    with answering("up", stack, as_json) as answer:
        target = read_stack(stack, users)
        answer.about(target)
        answer.make_plan(target)
        backend = open_backend(target, answer.screen)
        if not backend.asks or confirmed(answer, backend.preview, yes):
            answer.outcome = backend.up()
            answer.is_carried_out = True
