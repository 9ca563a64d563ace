"""`workshop gate`: rules and policies judge what `up` would declare, and other tools get to read what they found."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workshop.cli.options import SANDBOX, StackName, Users

if TYPE_CHECKING:
    from workshop.cli.answer import Answer

Formats = Annotated[str, typer.Option("--format", metavar="LIST", help="Also write: sarif,junit,github,markdown,json.")]
Folder = Annotated[Path, typer.Option("--to", metavar="DIR", help="Where to write them.")]


def gate(users: Users = None, stack: StackName = SANDBOX, formats: Formats = "", to: Folder = Path()) -> None:
    """Says whether `up` would be refused, and why. Changes nothing but the files that --format asks for."""
    from workshop.cli.answer import answering
    from workshop.cli.backend import open_backend
    from workshop.cli.reports import WRITERS
    from workshop.cli.stack import read_stack

    wanted = [name.strip() for name in formats.split(",") if name.strip()]
    if unknown := sorted(set(wanted) - set(WRITERS)):
        raise typer.BadParameter(f"{', '.join(unknown)}: must be of {', '.join(WRITERS)}", param_hint="--format")
    with ExitStack() as when_told, answering("preview", stack, as_json=False) as answer:
        when_told.callback(_write, answer, wanted, to)
        target = read_stack(stack, users)
        answer.about(target)
        answer.make_plan(target)
        answer.outcome = open_backend(target, answer.screen).preview()


def _write(answer: Answer, formats: Sequence[str], folder: Path) -> None:
    from policies.exemptions import Ledger
    from policies.pack import with_exemptions
    from workshop.cli.reports import WRITERS, Report
    from workshop.sandbox.files import write_whole

    if answer.stack is None or answer.outcome.error is not None:
        return
    report = Report(
        stack=answer.stack_name,
        users=answer.stack.settings.users,
        judged={policy.id: policy.title for policy in with_exemptions(Ledger((), date.min))},
        violations=answer.outcome.violations,
        exit_code=int(answer.exit),
    )
    for name in formats:
        file, writer = WRITERS[name]
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / file, writer(report))
        answer.screen.notes.print(f"Wrote {folder / file}")
