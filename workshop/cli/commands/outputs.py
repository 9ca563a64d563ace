"""`workshop outputs`: what the last `up` exported."""

from workshop.cli.options import SANDBOX, AsJson, StackName


def outputs(stack: StackName = SANDBOX, as_json: AsJson = False) -> None:
    """Shows what the last `up` exported."""
    from workshop.cli.answer import answering
    from workshop.cli.backends.backend import open_backend
    from workshop.cli.stack import read_stack
    from workshop.model.outcome import Outcome

    with answering("outputs", stack, as_json) as answer:
        target = read_stack(stack)
        answer.about(target)
        answer.outcome = Outcome(outputs=open_backend(target, answer.screen).outputs())
