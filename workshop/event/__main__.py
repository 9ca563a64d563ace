"""python -m workshop.event keep|keep-once|door|dead-man REQUEST: what runs in the clusters for an event.

REQUEST: JSON, as workshop/model/event has it. Prints in one line what it did, or what is wrong, on standard output or
error. Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted. Prints no credential, answer or traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Final

from workshop.entry_point import handle
from workshop.event.dead_man import dead_man
from workshop.event.failure import EventFailure
from workshop.event.keeper.connections import connected
from workshop.event.keeper.keeper import Keeper
from workshop.event.mail.beside import mail_of
from workshop.event.store.cached import opened
from workshop.event.systems.cluster import Cluster
from workshop.model.event.dead_man import DeadManRequest
from workshop.model.event.door import DoorRequest
from workshop.model.event.keeper import DATABASE_VARIABLE, KeepRequest
from workshop.model.settings.section import given

INTERRUPTED: Final = 130


def main(arguments: Sequence[str]) -> int:
    """Handles one request."""
    try:
        return handle("workshop.event", COMMANDS, arguments, EventFailure)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted: nothing is kept until the next keeper begins\n")
        return INTERRUPTED


def _dead_man(text: str) -> str:
    request = DeadManRequest.model_validate_json(text)
    with Cluster() as cluster:
        return dead_man(request, cluster, datetime.now(UTC))


def _keep(text: str) -> str:
    with _keeper(text) as keeper:
        keeper.run()
    return "another keeper has taken over"


def _keep_once(text: str) -> str:
    with _keeper(text) as keeper:
        round_ = keeper.once()
    if round_.failed:
        raise EventFailure(round_.text())
    return round_.text()


def _door(text: str) -> str:
    request = DoorRequest.model_validate_json(text)
    url = os.environ.get(DATABASE_VARIABLE, "")
    if not url:
        raise EventFailure(f"{DATABASE_VARIABLE} is empty: the door has no database")
    serve = import_module("workshop.event.door.serve").serve  # its packages are no one else's
    serve(request, url)
    return "the door is closed"


@contextmanager
def _keeper(text: str) -> Generator[Keeper]:
    settings = KeepRequest.model_validate_json(text).settings
    event, url = given(settings.event), os.environ.get(DATABASE_VARIABLE, "")
    if not url:
        raise EventFailure(f"{DATABASE_VARIABLE} is empty: the keeper has no database")
    with (
        opened(url, event.name) as store,
        connected(settings) as (systems, in_pods),
        Keeper(
            settings,
            systems,
            store,
            in_pods,
            clock=_now,
            journal=Path(f"{event.name}.jsonl"),
            mail=mail_of(settings, store, _now),
        ) as keeper,
    ):
        yield keeper


def _now() -> datetime:
    return datetime.now(UTC)


COMMANDS: Final[Mapping[str, Callable[[str], str]]] = {
    "keep": _keep,
    "keep-once": _keep_once,
    "door": _door,
    "dead-man": _dead_man,
}

if __name__ == "__main__":
    code = main(sys.argv[1:])
    if code == INTERRUPTED:
        os._exit(code)  # steps that were begun are begun again: nobody waits for them
    sys.exit(code)
