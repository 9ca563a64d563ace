"""`workshop checklist`: the runbook, each item done, due, or for a person to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workshop.cli.options import SANDBOX, StackName, Users

if TYPE_CHECKING:
    from workshop.cli.screen import Screen
    from workshop.cli.stack import Stack
    from workshop.model.preflight.checklist import Line, Ticks
    from workshop.model.preflight.record import Record

Tick = Annotated[str | None, typer.Option("--tick", metavar="ITEM", help="Say that an item is done; with --by.")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so.")]


def checklist(users: Users = None, stack: StackName = SANDBOX, tick: Tick = None, by: By = None) -> None:
    """Prints T-7, T-2, T-1, day and after, from the last preflight and from what people ticked.

    Ends with 0 where nothing is due, 1 where something is.
    """
    from workshop.cli.answer import Exit, conversation
    from workshop.cli.problem import CannotRun
    from workshop.cli.render.text import headline
    from workshop.cli.stack import read_stack
    from workshop.model.preflight.checklist import State, by_hand, checklist, ticked
    from workshop.model.preflight.checklist import Tick as Ticked
    from workshop.observe.clock import now

    with conversation() as screen:
        target = read_stack(stack, users)
        screen.text.print(headline(target))
        file = _file(target)
        ticks = _read(file)
        window = target.settings.window
        if tick is not None:
            if not by:
                raise CannotRun("Who says so? Add --by NAME.")
            if tick not in by_hand():
                raise CannotRun(f"{tick} is not for a person to tick, only {', '.join(by_hand())} are.")
            ticks = ticked(
                ticks, window.start if window else None, tick, Ticked(by=by, at=now().replace(microsecond=0))
            )
            _write(file, ticks)
            screen.notes.print(f"Ticked in {file}: commit it.", soft_wrap=True)
        lines = checklist(window, _record(target, screen), ticks, now())
        _tell(lines, screen)
        is_due = any(line.state in (State.DUE, State.BY_HAND) for line in lines)
        raise typer.Exit(Exit.REFUSED if is_due else Exit.DONE)


def _file(stack: Stack) -> Path:
    """Under version control for a real stack, with the sandbox's data for one of its own."""
    from workshop.cli import stack as stacks
    from workshop.sandbox.paths import SandboxPaths

    folder = SandboxPaths.from_environment().folder if stack.is_sandbox else stacks.CHECKOUT
    return folder / "checklists" / f"{stack.name}.yaml"


def _read(file: Path) -> Ticks:
    import yaml
    from pydantic import ValidationError

    from workshop.cli.problem import CannotRun
    from workshop.model.preflight.checklist import Ticks

    try:
        return Ticks.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except FileNotFoundError:
        return Ticks()
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0]
        raise CannotRun(f"{file} can't be read: {first}; fix it by hand, or delete it.") from None


def _write(file: Path, ticks: Ticks) -> None:
    import yaml

    from workshop.sandbox.files import write_whole

    text = yaml.safe_dump(ticks.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    write_whole(file, f"# What people say of the runbook; written by scripts/workshop checklist --tick.\n{text}")


def _record(stack: Stack, screen: Screen) -> Record | None:
    """The last one, if it is of these settings and still holds."""
    from workshop.cli import stack as stacks
    from workshop.cli.backends.sandbox import SandboxBackend
    from workshop.model.observations import Found
    from workshop.model.preflight.record import settings_digest
    from workshop.model.settings.config import settings_from_config
    from workshop.observe.preflight import observe_preflight
    from workshop.sandbox.paths import SandboxPaths

    settings, folder = stack.settings, stacks.CHECKOUT / "preflight"
    if stack.is_sandbox:
        settings = settings_from_config(SandboxBackend(stack, screen).config())
        folder = SandboxPaths.from_environment().folder / "preflight"
    observed = observe_preflight(folder, stack.name)
    if not isinstance(observed, Found):
        return None
    record = observed.value
    holds = (
        record.is_whole and record.settings == settings_digest(settings) and observed.observed_at < record.expires_at
    )
    return record if holds else None


def _tell(lines: tuple[Line, ...], screen: Screen) -> None:
    from collections import Counter

    from workshop.cli.render.tables import plain_table
    from workshop.model.preflight.checklist import Day, lines_of

    counted = Counter(line.state for line in lines)
    screen.text.print(", ".join(f"{count} {state}" for state, count in counted.items()) + ".")
    table = plain_table("when", "item", "", "what", "said by, or how")
    for day in Day:
        for line in lines_of(lines, day):
            told = line.told or line.item.command
            if line.state != "done" and line.told:
                told = f"{line.told}; {line.item.command}"
            table.add_row(day.value, line.item.id, line.state.value, line.item.what, told)
    screen.text.print(table)
