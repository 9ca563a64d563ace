"""`workshop checklist`: the runbook, each item done, due, or for a person to do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import yaml
from pydantic import ValidationError

from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.problem import CannotRun
from workshop.cli.records import last_record
from workshop.cli.render.checklist import print_checklist
from workshop.cli.render.text import headline
from workshop.cli.reports import Exit
from workshop.cli.session import reporting_problems
from workshop.cli.stack import Stack, read_stack
from workshop.model.preflight.checklist import State, Tick, Ticks, by_hand, ticked
from workshop.model.preflight.checklist import checklist as checklist_of
from workshop.observe.clock import now
from workshop.observe.project import project_folder
from workshop.sandbox.files import write_whole
from workshop.sandbox.paths import SandboxPaths

Item = Annotated[str | None, typer.Option("--tick", metavar="ITEM", help="Say that an item is done; with --by.")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so.")]


def checklist(users: Users = None, stack: StackName = SANDBOX, tick: Item = None, by: By = None) -> None:
    """Prints T-7, T-2, T-1, day and after, from the last preflight and from what people ticked.

    Ends with 0 where nothing is due, 1 where something is.

    \b
    Examples:
      workshop checklist
      workshop checklist --stack workshop --tick on-call --by Ada
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users)
        screen.text.print(headline(target))
        file = _file(target)
        ticks = _read(file)
        window = target.settings.window
        if tick is not None:
            ticks = ticked(ticks, window.start if window else None, _tickable(tick), _tick(by))
            _write(file, ticks)
            # The sandbox's file is with its data, which git ignores.
            screen.notes.print(f"Ticked in {file}{'.' if target.is_sandbox else ': commit it.'}", soft_wrap=True)
        lines = checklist_of(window, last_record(target), ticks, now())
        print_checklist(lines, window, stack, screen.text)
        is_due = any(line.state in (State.DUE, State.BY_HAND) for line in lines)
        raise typer.Exit(Exit.REFUSED if is_due else Exit.DONE)


def _tickable(item: str) -> str:
    if item not in by_hand():
        raise CannotRun(f"{item} is not for a person to tick, only {', '.join(by_hand())} are.")
    return item


def _tick(by: str | None) -> Tick:
    if not by:
        raise CannotRun("Who says so? Add --by NAME.")
    return Tick(by=by, at=now().replace(microsecond=0))


def _file(stack: Stack) -> Path:
    """Under version control for a real stack, with the sandbox's data for one of its own."""
    folder = SandboxPaths.from_environment().folder if stack.is_sandbox else project_folder()
    return folder / "checklists" / f"{stack.name}.yaml"


def _read(file: Path) -> Ticks:
    try:
        return Ticks.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except FileNotFoundError:
        return Ticks()
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0]
        raise CannotRun(f"{file} can't be read: {first}; fix it by hand, or delete it.") from None


def _write(file: Path, ticks: Ticks) -> None:
    text = yaml.safe_dump(ticks.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    write_whole(file, f"# Ticks of the runbook; written by scripts/workshop checklist --tick.\n{text}")
