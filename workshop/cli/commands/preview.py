"""`workshop preview`: what `up` would change, judged by rules and policies."""

from workshop.cli.options import SANDBOX, AsJson, StackName, Users


def preview(users: Users = None, stack: StackName = SANDBOX, as_json: AsJson = False) -> None:
    """Shows what `up` would change, or why it would refuse. Changes nothing."""
    from workshop.cli.answer import answering
    from workshop.cli.backends.backend import open_backend
    from workshop.cli.stack import read_stack

    with answering("preview", stack, as_json) as answer:
        target = read_stack(stack, users)
        answer.about(target)
        answer.make_plan(target)
        backend = open_backend(target, answer.screen)
        answer.outcome = backend.preview()
