"""Where the event of a stack is kept, for every command that reads it or asks something of its keeper."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from workshop.cli.commands.event.stack import event_of
from workshop.cli.problem import CannotRun
from workshop.cli.stack import Stack
from workshop.event.store.cached import Store, opened
from workshop.event.store.history import read_history
from workshop.event.store.records import names_of_events
from workshop.model.event.keeper import DATABASE_VARIABLE
from workshop.model.report.history import History
from workshop.observe.project import project_folder
from workshop.sandbox.paths import SandboxPaths

DATABASE: Final = DATABASE_VARIABLE
"""An SQLAlchemy URL; unset: a file beside what else is remembered of the stack."""


def database_of(stack: Stack) -> str:
    """The URL of the event's database."""
    if url := os.environ.get(DATABASE):
        return url
    file = folder_of(stack) / f"event-{stack.name}.db"
    file.touch(mode=0o600)
    return f"sqlite:///{file}"


def folder_of(stack: Stack) -> Path:
    """Where this machine keeps what is remembered of the stack's event."""
    folder = SandboxPaths.from_environment().folder if stack.is_sandbox else project_folder() / "event"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def event_names(stack: Stack) -> frozenset[str]:
    """Every event of which something is kept. Raises CannotRun where the database does not answer."""
    with _answering():
        return names_of_events(database_of(stack))


def history_of(stack: Stack) -> History:
    """All that is kept of the event. Raises CannotRun where the database does not answer."""
    with _answering():
        return read_history(database_of(stack), event_of(stack)[0].name)


@contextmanager
def store_of(stack: Stack) -> Generator[Store]:
    """The event's records and ledger. Raises CannotRun without an event, and where its database does not answer."""
    url, event = database_of(stack), event_of(stack)[0]
    with _answering(), opened(url, event.name) as store:
        yield store


@contextmanager
def _answering() -> Generator[None]:
    try:
        yield
    except (SQLAlchemyError, ImportError) as error:  # an URL's driver may not be installed
        raise CannotRun(f"The event's database did not answer: {str(error).splitlines()[0]} ({DATABASE})") from None
