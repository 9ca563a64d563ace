"""`workshop images mirror`: every image to every region, by digest."""

from __future__ import annotations

from typing import Annotated

import typer

from workshop.cli.commands.images.registries import registries_of, settings_of
from workshop.cli.options import SANDBOX, AsJson, StackName
from workshop.cli.problem import CannotRun
from workshop.cli.render.mirrored import as_json as document
from workshop.cli.render.mirrored import print_mirrored
from workshop.cli.reports import Exit
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.images.__main__ import mirrored
from workshop.images.failure import ImagesFailure
from workshop.model.images.mirroring import mirror_request

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be copied, and copy nothing.")]


def mirror(stack: StackName = SANDBOX, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Copies each image of the settings to the control plane's registry, as its tag leads to and as it is pinned, gives
    the copy a tag that never moves, and waits until every region holds all of it.

    What is there already is not sent again; whatever ends a run, the next one goes on. Ends with 1 where an image is
    not in every region.

    \b
    Examples:
      workshop images mirror
      workshop images mirror --stack workshop --dry-run
      workshop images mirror --json
    """
    with reporting_problems(stack, as_json=as_json) as screen:
        target = read_stack(stack, users_if_unknown=1)  # images do not depend on it
        settings = settings_of(target, screen)
        try:
            with registries_of(settings) as registries, screen.saying("Mirroring images"):
                report = mirrored(mirror_request(settings), registries, is_dry=dry_run)
        except ImagesFailure as failure:
            raise CannotRun(str(failure)) from None
        code = Exit.REFUSED if report.failed else Exit.DONE
        if as_json:
            screen.results.print(document(report, code), soft_wrap=True)
        else:
            print_mirrored(screen.text, report)
    raise typer.Exit(code)
