"""A short event from its first account to the last one's release, and what is left of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from sqlalchemy import Engine, PoolProxiedConnection, event
from sqlalchemy.exc import OperationalError

from tests.end_to_end.sandbox import REGIONS
from tests.event.sandbox_event import SandboxEvent, event_of
from tests.event.upstreams.relay import relayed
from tests.event.upstreams.schedule import UPSTREAMS, Failing, Schedule
from workshop.event.keeper.keeper import Keeper
from workshop.model.event.preservation import preservation
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.keeper import keeper_environment
from workshop.sandbox.servers.coder.state import Parameter
from workshop.sandbox.servers.coder.state_file import editing
from workshop.sandbox.servers.litellm.keys import Contents as LiteLLMs

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SEATS = 3
_LOOKS = 240
"""At most for one part of the event."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """end: what is left, which has to be the same whatever fails. looks: how many; failed: looks that failed whole."""

    end: Mapping[str, object]
    looks: int
    failed: int


def play(paths: SandboxPaths, name: str, url: str, schedule: Schedule) -> Played:
    """Plays one event. Raises AssertionError where it comes to no end."""
    with faulty(paths, schedule) as urls, event_of(paths, name, SEATS, url, **_CHANGES) as made:
        for store in vars(made.store).values():
            _fail_statements(store._engine, schedule)
        keys: Any = made.systems.seat_keys
        keys._url = urls["litellm"]
        with made.keeper() as keeper:
            playing = _Playing(made, keeper, schedule)
            playing.until(lambda: made.states() == ["ready"] * SEATS, MINUTE / 2)
            for seat in (1, 2):
                made.run(seat, "sh", "-c", "mkdir -p project; echo work > project/notes.txt")
            made.move(3 * HOUR + 20 * MINUTE)
            playing.until(lambda: made.store.records.event().settled_at is not None, MINUTE / 2)
            made.move(25 * HOUR)
            playing.until(lambda: not any(one.is_ours or one.key_alias for one in made.store.records.seats()), MINUTE)
        return Played(end=_end(made), looks=playing.looks, failed=playing.failed)


UNDISTURBED: Mapping[str, object] = {
    "work": ["saved", "saved", "empty"],
    "accounts": SEATS,
    "accounts that are left": 0,
    "workspaces": ["workshop-01", "workshop-02", "workshop-03"],
    "workspaces that run": [],
    "failures": [0] * SEATS,
    "nodes": 0,
    "open runs": 0,
    "keys": 0,
    "key names": [None] * SEATS,
}
"""The end of an event in which nothing fails, and so of every other."""

_CHANGES: Mapping[str, Any] = {"ai_parameter": "ai_key", "ai_usd": 20, "budget_usd": 20_000}
"""EC2 still lists nodes of events before."""


@dataclass
class _Playing:
    event: SandboxEvent
    keeper: Keeper
    schedule: Schedule
    looks: int = 0
    failed: int = 0

    def until(self, reached: Callable[[], bool], step: timedelta) -> None:
        """Looks, while calls fail; who asks whether it is reached is not disturbed."""
        last = ""
        for _ in range(_LOOKS):
            self.looks += 1
            self.schedule.is_paused = False
            try:
                self.keeper.once()
            except Exception as error:  # noqa: BLE001 - as Keeper.run does, which looks again
                self.failed += 1
                last = f"{type(error).__name__}: {error}"
            self.schedule.is_paused = True
            if reached():
                return
            self.event.move(step)
            time.sleep(0.1)
        found = [f"{one.action} {one.subject} {one.phase} {one.text}" for one in self.event.store.records.journal()]
        raise AssertionError((self.event.states(), self.failed, last, found[-20:]))


@contextmanager
def faulty(paths: SandboxPaths, schedule: Schedule) -> Generator[Mapping[str, str]]:
    """Everything that a keeper is started with leads through relays; their URLs, by upstream."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        urls = {
            upstream: stack.enter_context(relayed(paths.port, partial(schedule.next, upstream)))
            for upstream in UPSTREAMS
            if upstream != "database"
        }
        environment = keeper_environment(paths)
        kubeconfig: Any = yaml.safe_load(Path(environment["KUBECONFIG"]).read_text(encoding="utf-8"))
        for region, context in REGIONS.items():
            for one in kubeconfig["clusters"]:
                if one["name"] == context:
                    one["cluster"]["server"] = f"{urls[region]}{urlsplit(str(one['cluster']['server'])).path}"
        file = paths.folder / "faulty-kubeconfig"
        file.write_text(yaml.safe_dump(kubeconfig), encoding="utf-8")
        patch.setenv("KUBECONFIG", str(file))
        patch.setenv("CODER_URL", f"{urls['coder']}/coder")
        patch.setenv("AWS_ENDPOINT_URL_EC2", urls["ec2"])
        patch.setenv("AWS_ENDPOINT_URL_S3", urls["s3"])
        with editing(paths) as contents:
            docker = contents.templates["docker"]
            known = {one.name: one for one in docker.parameters} | {"ai_key": Parameter(name="ai_key", default="")}
            parameters = docker.model_copy(update={"parameters": (*known.values(),)})
            contents.templates = {**contents.templates, "docker": parameters}
        yield {**urls, "litellm": f"{urls['litellm']}/litellm"}


def _fail_statements(engine: Engine, schedule: Schedule) -> None:
    """A database has no status codes: a statement fails before it is done, or a commit after it."""
    lost = [False]

    def before(*_arguments: object) -> None:
        failing = schedule.next("database")
        if failing is Failing.LOST:
            lost[0] = True
        elif failing is not None:
            raise OperationalError("a statement", {}, Exception("planted"))

    commit = engine.dialect.do_commit

    def committing(connection: PoolProxiedConnection) -> None:
        commit(connection)
        if lost[0]:
            lost[0] = False
            raise OperationalError("COMMIT", {}, Exception("planted"))

    event.listen(engine, "before_cursor_execute", before)
    engine.dialect.do_commit = committing  # pyright: ignore[reportAttributeAccessIssue]


def _end(made: SandboxEvent) -> Mapping[str, object]:
    records, contents = made.store.records, made.contents()
    accounts = {key: one for key, one in contents.users.items() if one.email.startswith(made.name)}
    workspaces = [one for one in contents.workspaces.values() if one.owner_id in accounts]
    keys = LiteLLMs.model_validate_json(made.paths.litellm_file.read_text(encoding="utf-8")).keys.values()
    return {
        "work": [one.keeping for one in preservation(made.name, range(1, SEATS + 1), records.receipts()).seats],
        "accounts": len(accounts),
        "accounts that are left": sum(not one.is_deleted for one in accounts.values()),
        "workspaces": sorted(one.name for one in workspaces),
        "workspaces that run": sorted(one.name for one in workspaces if one.latest.transition != "delete"),
        "failures": [one.failures for one in records.seats()],
        "nodes": len(made.pool_claims()),
        "open runs": sum(one.ended_at is None for one in made.store.ledger.runs()),
        "keys": sum((one.key_alias or "").startswith(f"{made.name}-") for one in keys),
        "key names": [one.key_alias for one in records.seats()],
    }
