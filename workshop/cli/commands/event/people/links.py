"""Links that are handed out, in a file that nobody else may read, or on the screen for one person."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from workshop.cli.commands.event.changes import Asking
from workshop.cli.problem import CannotRun
from workshop.event.store.invitations import Link, new_link
from workshop.model.event.keeper import JOIN_URL_VARIABLE, join_url, kept_until
from workshop.model.event.people import link_of
from workshop.model.event.roster.export import csv_text
from workshop.sandbox.files import write_private
from workshop.sandbox.pods.keeper import DOOR


def origin_of(asked: Asking) -> str:
    """Where the people's page is; of the sandbox, what `event door` serves. Raises CannotRun where there is none."""
    if origin := os.environ.get(JOIN_URL_VARIABLE):
        return origin.rstrip("/")
    if asked.event.join_host is None:
        raise CannotRun(
            "Invitations lead to a page for people, and there is none. Fix: "
            "pulumi config set --path workshop:event.join_host join.example.com"
        )
    return DOOR if asked.stack.is_sandbox else join_url(asked.stack.settings)


def links_for(asked: Asking, people: Sequence[str]) -> tuple[Mapping[str, str], tuple[Link, ...]]:
    """What each person opens, and what is kept of it. Raises CannotRun where there is no page for people."""
    origin, until = origin_of(asked), kept_until(asked.stack.settings)
    made = {person: new_link(person, asked.now, until) for person in people}
    return {one: link_of(token, origin) for one, (token, _) in made.items()}, tuple(link for _, link in made.values())


@contextmanager
def written_links(file: Path | None, rows: Sequence[tuple[str, str, str]]) -> Generator[None]:
    """Writes person, name and link of each, and takes the file away again where what follows fails.

    file: None where there is nothing to write. Raises CannotRun where it is there already: it may hold other links.
    """
    if file is None or not rows:
        yield
        return
    if file.exists():
        raise CannotRun(f"{file} is there already, and may hold links that are in nobody's hands yet: name another")
    write_private(file, csv_text(("person", "name", "link"), rows))
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise
