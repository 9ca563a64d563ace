"""`workshop event new`: the next event, from the settings of the last."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from workshop.cli.commands.event.stack import event_of
from workshop.cli.commands.event.store import event_names, store_of
from workshop.cli.options import SANDBOX, StackName
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_command, print_message
from workshop.cli.render.tables import plain_table
from workshop.cli.render.times import with_offset
from workshop.cli.session import reporting_problems
from workshop.cli.shell import workshop_command
from workshop.cli.stack import Stack, read_stack, stack_names
from workshop.event.store.cached import remember
from workshop.model.event.keeper import kept_until
from workshop.model.event.phase import phase_of
from workshop.model.legible import one_line
from workshop.model.settings.file.edit import CannotEdit
from workshop.model.settings.file.leaves import changed_leaves, leaves
from workshop.model.settings.file.settings import setting, with_settings
from workshop.model.window.phases import moment
from workshop.observe.project import project_folder
from workshop.sandbox.files import write_whole

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the new event, which no other had.")]
Last = Annotated[
    str | None,
    typer.Option("--from", metavar="LAST", help="Event whose settings it gets, of any stack; unset: this stack's."),
]
Start = Annotated[
    str | None,
    typer.Option("--start", metavar="MOMENT", help="Start of the window, such as 2027-10-02T09:00-07:00."),
]


_ELSE: Final = ("announced", "settled")
"""Phases in which nothing of an event runs."""


def new(name: Name, last: Last = None, start: Start = None, stack: StackName = SANDBOX) -> None:
    """Writes the next event into Pulumi.<stack>.yaml: as the last one, with a name and a start of its own.

    Comments and layout of the file stay. Nothing else changes before the next `up`.

    \b
    Examples:
      workshop event new november --start 2027-11-06T09:00-07:00
      workshop event new november --from rehearsal --stack workshop
    """
    with reporting_problems(stack) as screen:
        present = read_stack(stack, users_if_unknown=1)  # what is written does not depend on it
        file = project_folder() / f"Pulumi.{stack}.yaml"
        _refuse_used(present, name)
        _refuse_while_running(present)
        if present.settings.window is None:
            raise CannotRun(f"Stack {stack} has no window: set workshop:window in {file.name} first (docs/window.md)")
        try:
            text = _text(file)
            event = {**_settings_of(last, file), "name": name}
            window = {**setting(text, "window"), **({"start": start} if start else {})}
            changed = with_settings(text, {"event": event, "window": window})
        except CannotEdit as error:
            raise CannotRun(f"Cannot edit {file.name}: {error}. Nothing was changed.") from None
        planned = read_stack(stack, users_if_unknown=1, text=changed)
        begins = planned.settings.window
        if begins is not None and begins.start <= present.read_at:
            raise CannotRun(f"The window's start, {moment(begins.start)}, is past: add --start. Nothing was changed.")
        write_whole(file, changed)
        print_message(screen.results, f"Event {name} is in {file.name}.")
        table = plain_table("setting", "before", "after")
        for path, before, after in changed_leaves(leaves(text), leaves(changed)):
            table.add_row(path.removeprefix("config."), one_line(before) or "-", one_line(after))
        screen.results.print(table)
        if present.settings.event is not None:
            kept = f"Event {present.settings.event.name}, if it was declared, is kept until "
            kept += f"{moment(kept_until(present.settings))}: up takes no other before (rule event-kept)."
            print_message(screen.results, with_offset(kept, present.settings.window))
        screen.results.print("Next:")
        print_command(screen.results, workshop_command(stack, "event plan"))


def _refuse_used(stack: Stack, name: str) -> None:
    """Raises CannotRun."""
    event = stack.settings.event
    if (event is not None and event.name == name) or name in event_names(stack):
        raise CannotRun(
            f"There was an event {one_line(name)} already, and what is kept goes by its name: choose another"
        )


def _refuse_while_running(stack: Stack) -> None:
    """Every command of the event goes by the stack's settings: the present one could not be ended any more.

    Raises CannotRun.
    """
    event = stack.settings.event
    if event is None or stack.settings.window is None or event.name not in event_names(stack):
        return
    planned = event_of(stack)[1]
    with store_of(stack) as store:
        kept = remember(store.records, stack.settings)
    phase = phase_of(planned, stack.settings.window, kept, stack.read_at)
    if stack.read_at < planned.gone_at and phase not in _ELSE:
        raise CannotRun(
            f"Event {event.name} is {phase}, and the commands that extend, save and end it go by {stack.name}'s "
            "settings: wait until it is settled (workshop event status)"
        )


def _settings_of(last: str | None, own: Path) -> Mapping[str, object]:
    """workshop:event as it is written where it has this name, or in this stack. Raises CannotRun and CannotEdit."""
    if last is None:
        found = setting(_text(own), "event")
        if not found:
            raise CannotRun(f"{own.name} has no event to begin with: add --from, or set workshop:event (docs/event.md)")
        return found
    files = [own, *(own.with_name(f"Pulumi.{name}.yaml") for name in stack_names(own.parent))]
    events = [setting(_text(file), "event") for file in files]
    for event in events:
        if event.get("name") == last:
            return event
    known = ", ".join(sorted({str(event["name"]) for event in events if "name" in event})) or "none"
    raise CannotRun(f"No stack has an event {one_line(last)}; there is {known}")


def _text(file: Path) -> str:
    """As it is: its line ends stay."""
    return file.read_bytes().decode()
