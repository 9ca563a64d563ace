"""`workshop destroy`: release what the workshop took."""

from workshop.cli.options import SANDBOX, AsJson, StackName, Yes


def destroy(stack: StackName = SANDBOX, yes: Yes = False, as_json: AsJson = False) -> None:
    """Releases what the workshop took; what is protected stays and is listed.

    Patched replica counts and images keep their values, rotation resumes, workspace nodes go. The sandbox doesn't ask.
    """
    from workshop.cli.answer import answering
    from workshop.cli.backends.backend import confirmed, open_backend
    from workshop.cli.stack import read_stack

    with answering("destroy", stack, as_json) as answer:
        target = read_stack(stack)
        answer.about(target)
        backend = open_backend(target, answer.screen)
        answer.kept = backend.kept()
        if not backend.asks or confirmed(answer, backend.preview_destroy, yes):
            answer.outcome = backend.destroy()
            answer.is_carried_out = True
