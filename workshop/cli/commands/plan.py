"""`workshop plan`: what a number of users needs."""

from workshop.cli.options import SANDBOX, AsJson, StackName, Users


def plan(users: Users = None, stack: StackName = SANDBOX, as_json: AsJson = False) -> None:
    """Shows what so many users need at the event, and what the phase means. Asks no cloud and changes nothing."""
    from workshop.cli.answer import answering
    from workshop.cli.stack import read_stack

    with answering("plan", stack, as_json) as answer:
        target = read_stack(stack, users)
        answer.about(target)
        answer.make_plan(target)
