"""`workshop destroy`: release what the workshop took."""

from workshop.cli.backends import backend
from workshop.cli.options import SANDBOX, AsJson, StackName, Yes
from workshop.cli.retained import retained_by_destroy
from workshop.cli.session import running
from workshop.cli.stack import read_stack


def destroy(stack: StackName = SANDBOX, yes: Yes = False, as_json: AsJson = False) -> None:
    """Releases what the workshop took; what is protected stays and is listed.

    Patched replica counts and images keep their values, rotation resumes, workspace nodes go. The sandbox doesn't ask.

    \b
    Examples:
      workshop destroy
      workshop destroy --stack workshop
    """
    with running("destroy", stack, as_json) as session:
        target = read_stack(stack, users_if_unknown=1)  # sizes nothing that is released
        session.begin(target)
        engine = backend.open_backend(target, session.screen)
        resources = engine.resources()
        session.report.retained = retained_by_destroy(resources)
        if not resources:
            session.report.is_carried_out = True
        elif not engine.asks or session.is_confirmed(engine.preview_destroy, yes):
            session.report.outcome = engine.destroy()
            session.report.is_carried_out = True
