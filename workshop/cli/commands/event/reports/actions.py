"""`workshop event actions`: what an event left to do, until somebody has done it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import yaml
from pydantic import ValidationError

from workshop.cli.commands.event.store import folder_of
from workshop.cli.options import SANDBOX, AsJson, StackName
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_message
from workshop.cli.render.tables import plain_table
from workshop.cli.session import reporting_problems
from workshop.cli.stack import Stack, read_stack
from workshop.model.counting import counted
from workshop.model.legible import legible
from workshop.model.report.actions import ActionError, Actions
from workshop.observe.clock import now
from workshop.observe.project import project_folder
from workshop.sandbox.files import write_whole

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)

What = Annotated[str, typer.Argument(metavar="TEXT", help="What is to be done, in a sentence.")]
Owner = Annotated[str, typer.Option("--owner", metavar="NAME", help="Who does it.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="As the list has it.")]
All = Annotated[bool, typer.Option("--all", help="Show what is done as well.")]


@app.callback()
def actions() -> None:
    """What an event left to do, carried over to the next: the checklist asks for it a week before."""


@app.command("list")
def list_(stack: StackName = SANDBOX, show_all: All = False, as_json: AsJson = False) -> None:
    """Shows what is open. Exit code 1 where something is.

    \b
    Examples:
      workshop event actions list
      workshop event actions list --all --json
    """
    with reporting_problems(stack, as_json=as_json) as screen:
        kept = read_actions(read_stack(stack, users_if_unknown=1))
        shown = kept.actions if show_all else kept.open
        if as_json:
            screen.results.print(Actions(actions=shown).model_dump_json(indent=2), soft_wrap=True)
        else:
            table = plain_table("", "action", "who", "since", "done")
            for one in shown:
                done = "" if one.done_at is None else f"{one.done_at:%Y-%m-%d}"
                since = f"{one.event}, {one.made_at:%Y-%m-%d}"
                table.add_row(str(one.id), legible(one.what), legible(one.owner) or "nobody", since, done)
            if shown:
                screen.results.print(table)
            print_message(screen.results, f"Open: {counted(len(kept.open), 'action')}.")
        raise typer.Exit(1 if kept.open else 0)


@app.command("add")
def add(what: What, owner: Owner = "", stack: StackName = SANDBOX) -> None:
    """Adds one, left by the stack's present event.

    \b
    Examples:
      workshop event actions add "Raise the EC2 quota in London" --owner Ada
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users_if_unknown=1)
        event = target.settings.event
        try:
            changed = read_actions(target).with_one(
                what, owner, "none" if event is None else event.name, now().replace(microsecond=0)
            )
        except ValidationError:
            raise CannotRun("An action is a text of 1 to 500 characters; its owner's name has 100 at most.") from None
        except ActionError as error:
            raise CannotRun(f"{error}.") from None
        _write(target, changed)
        print_message(screen.results, f"Action {changed.actions[-1].id} is in {_file(target).name}{_commit(target)}")


@app.command("done")
def done(number: Number, stack: StackName = SANDBOX) -> None:
    """Says that one is done.

    \b
    Examples:
      workshop event actions done 3
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users_if_unknown=1)
        try:
            changed = read_actions(target).with_done(number, now().replace(microsecond=0))
        except ActionError as error:
            raise CannotRun(f"Cannot do that: {error}.") from None
        _write(target, changed)
        print_message(screen.results, f"Action {number} is done; {len(changed.open)} left{_commit(target)}")


def read_actions(stack: Stack) -> Actions:
    """Those of a stack's events. Raises CannotRun."""
    file = _file(stack)
    try:
        return Actions.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except FileNotFoundError:
        return Actions()
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0]
        raise CannotRun(f"{file} can't be read: {first}; fix it by hand, or delete it.") from None


def _write(stack: Stack, changed: Actions) -> None:
    text = yaml.safe_dump(changed.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    write_whole(_file(stack), f"# What events left to do; written by scripts/workshop event actions.\n{text}")


def _file(stack: Stack) -> Path:
    """Under version control for a real stack, with the sandbox's data for one of its own."""
    return (folder_of(stack) if stack.is_sandbox else project_folder()) / "actions" / f"{stack.name}.yaml"


def _commit(stack: Stack) -> str:
    return "." if stack.is_sandbox else ": commit it."
