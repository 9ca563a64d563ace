"""`workshop images prune`: old copies that nothing pins."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from workshop.cli.backends import backend
from workshop.cli.commands.images.registries import deleting, registries_of, settings_of
from workshop.cli.options import SANDBOX, AsJson, StackName
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.cli.reports import Exit
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.images.failure import ImagesFailure
from workshop.images.prune import Pruned
from workshop.images.prune import prune as pruned
from workshop.model.counting import counted
from workshop.model.images.history import FOLDER
from workshop.model.images.pruning import KEPT
from workshop.model.images.sources import sources
from workshop.observe.project import project_folder

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")]

_DIGEST: Final = re.compile(rb"sha256:[0-9a-f]{64}")


def prune(stack: StackName = SANDBOX, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Deletes copies that `images mirror` made, in every region, with a role of its own (docs/images.md).

    Kept are: every digest that a stack's file or a history of this project names, or with which an `up` of this stack
    succeeded, the newest copy, copies of the last 30 days, and whatever has a tag that is not ours.

    \b
    Examples:
      workshop images prune --dry-run
      workshop images prune --stack workshop
    """
    with reporting_problems(stack, as_json=as_json) as screen:
        target = read_stack(stack, users_if_unknown=1)  # images do not depend on it
        settings = settings_of(target, screen)
        repositories = [source.image.repository for source in sources(settings)]
        released = {release.digest for release in backend.open_backend(target, screen).releases()}
        keep = _named(project_folder()) | released
        try:
            with ExitStack() as opened, screen.saying("Looking at copies"):
                registries = opened.enter_context(registries_of(settings) if dry_run else deleting(settings))
                done = pruned(registries, repositories, keep, target.read_at, is_dry=dry_run)
        except ImagesFailure as failure:
            raise CannotRun(str(failure)) from None
        if as_json:
            facts = {"exit_code": int(Exit.DONE), "is_dry_run": dry_run, "pruned": [asdict(one) for one in done]}
            screen.results.print(json.dumps(facts, indent=2), soft_wrap=True)
            return
        copies = sum(len(one.tags) for one in done)
        verb = "would be deleted" if dry_run else "deleted"
        if not done:
            print_message(screen.text, f"Nothing to delete: no copy is older than {KEPT.days} days and not pinned.")
            return
        print_message(screen.text, f"{counted(copies, 'copy', 'copies')} {verb}.")
        screen.text.print(_table(done))


def _table(done: tuple[Pruned, ...]) -> Any:  # noqa: ANN401 - Rich's
    table = plain_table("repository", "region", "tag")
    for one in done:
        for tag in one.tags:
            table.add_row(one.repository, one.region, tag)
    return table


def _named(project: Path) -> frozenset[str]:
    """Every digest that is pinned, or was: for whatever stack. Raises OSError: what can't be read may pin one."""
    files = [*project.glob("Pulumi.*.yaml"), *(project / FOLDER).glob("*.yaml")]
    return frozenset(found.decode() for file in files for found in _DIGEST.findall(file.read_bytes()))
