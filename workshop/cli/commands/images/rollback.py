"""`workshop images rollback`: back to the build with which `up` succeeded before."""

from __future__ import annotations

from collections.abc import Sequence

from workshop.checks.candidates import former
from workshop.cli.backends import backend
from workshop.cli.commands.images.pins import ROLLBACK, Overrides, Pins, read_pins, source_of, whoever_this_is
from workshop.cli.options import SANDBOX, AsJson, StackName, Users, Yes
from workshop.cli.preflight.site import site_of
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_message
from workshop.cli.screen import Screen
from workshop.cli.session import running
from workshop.cli.stack import Stack, read_stack
from workshop.model.findings import Refused
from workshop.model.images.candidate import refusals
from workshop.model.images.history import FOLDER, Promotion, Release, Risk, is_going_back, way_back
from workshop.model.outcome import Outcome
from workshop.model.window.phases import moment


def rollback(
    users: Users = None,
    override: Overrides = None,
    stack: StackName = SANDBOX,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Pins the platform's last build with which `up` succeeded before the present one, and runs `up` with it.

    A build whose `up` failed is left out, and so is one that was rolled back from. Where the database may have another
    schema by now, or the window is open, it is refused unless --override names the risk. What is refused or declined
    leaves both files as they were; what broke off goes on to the same build when it is run again.

    \b
    Examples:
      workshop images rollback
      workshop images rollback --override image-change --stack workshop
    """
    with running("up", stack, as_json) as session:
        target = read_stack(stack, users)
        pins, engine = read_pins(target), backend.open_backend(target, session.screen)
        promotion = _back(target, pins, engine.releases(), tuple(dict.fromkeys(override or ())), session.screen)
        if promotion:
            pins.write(source_of(target.settings, None), promotion)
        try:
            changed = read_stack(stack, users)
            session.begin(changed)
            session.make_plan(changed)
            engine = backend.open_backend(changed, session.screen)
            if not engine.asks or session.is_confirmed(engine.preview, yes):
                session.report.is_carried_out = True
                session.report.outcome = engine.up()
        finally:
            if promotion and (not session.report.is_carried_out or session.report.outcome.is_refused):
                pins.restore()
        if promotion and session.report.is_carried_out and not session.report.outcome.is_refused:
            print_message(session.screen.text, f"Written to {pins.file.name} and {FOLDER}/{pins.history_file.name}.")


def _back(
    stack: Stack, pins: Pins, releases: Sequence[Release], taken: tuple[Risk, ...], screen: Screen
) -> Promotion | None:
    """Where to; None where an earlier run pinned that and was not finished. Raises CannotRun and Refused."""
    source = source_of(stack.settings, None)
    pinned = source.image.digest
    if pinned is None:
        raise CannotRun("Nothing is pinned (workshop:image.digest is not set), so there is nothing to go back from.")
    if is_going_back(pins.history, releases, source.image.repository, pinned):
        message = f"Going on to {pins.known(pinned).name}, to which an earlier run went back; no `up` succeeded since."
        print_message(screen.text, message)
        return None
    to = way_back(pins.history, releases, pinned)
    if to is None:
        raise CannotRun(
            f"No `up` of stack {stack.name} succeeded with another build than {pins.known(pinned).name}, so there is "
            "none to go back to; pin one by its digest: scripts/workshop images promote DIGEST"
        )
    build = pins.known(to.digest)
    found = former(site_of(stack, Outcome, screen), source, build, pins.known(pinned))
    reasons = list(refusals(found, stack.settings, stack.phase, taken, ROLLBACK, is_rollback=True))
    if left := tuple(finding for risk, finding in reasons if risk not in taken):
        raise Refused(left)
    message = f"Going back from {pins.known(pinned).name} to {build.name}, applied {moment(to.succeeded_at)}."
    print_message(screen.text, message)
    return Promotion(
        image=source.image.repository,
        digest=build.digest,
        previous=pinned,
        version=build.version,
        previous_version=pins.known(pinned).version,
        built_at=build.built_at,
        source=f"{source.image.source}:{source.image.tag}",
        promoted_at=stack.read_at,
        promoted_by=whoever_this_is(),
        overrides=tuple(risk for risk, _ in reasons if risk),
        is_rollback=True,
    )
