"""How often a keeper asks Coder for an event, against the sandbox's Coder, which counts as Coder does.

SEATS: how many there are; 500 take a while.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.event.sandbox_event import EVENT
from tests.model.given import settings
from tests.sandbox.servers.coder.server import Server
from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.event.coder.client import Coder
from workshop.event.keeper.in_pods import InPods
from workshop.event.keeper.keeper import Keeper
from workshop.event.keeper.look import Systems
from workshop.event.store.cached import opened
from workshop.event.store.records import SeatRecord

SEATS = int(os.environ.get("SEATS", "20"))
START = datetime(2026, 12, 3, 9, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
LIMIT = 512
"""Calls a minute that Coder takes for one path from one address."""


class Counting(httpx.BaseTransport):
    """Counts calls by path and minute of a clock on which each takes a while; the server's goes with it."""

    def __init__(self, server: Server) -> None:
        self.now = START
        self.calls = Counter[tuple[int, str]]()
        self._server = server
        self._transport = httpx.WSGITransport(app=server.coder)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls[int(self.now.timestamp() // 60), request.url.path] += 1
        self.now += SECOND / 50
        return self._transport.handle_request(request)

    def wait(self, seconds: float) -> None:
        self.now += seconds * SECOND
        self._server.set_clock(self.now)

    def ticks(self) -> float:
        return (self.now - START).total_seconds()


def unused(*_arguments: object, **_named: object) -> Any:  # noqa: ANN401 - nothing is done in pods here
    raise AssertionError("no pod is seen")


@contextmanager
def kept(folder: Path) -> Generator[tuple[Keeper, Counting]]:
    """A keeper of so many seats, whose clusters nobody sees."""
    server = Server(sandbox_paths(folder))
    tiny = {**server.kept()["templates"]["docker"], "vcpu": 0, "memory_gib": 0, "storage_gib": 0}
    server.keep(build_seconds=20, agent_seconds=5, templates={**server.kept()["templates"], "docker": tiny})
    server.set_clock(START)
    token = server.user("keeper", "organization-admin")
    server.put("users/keeper/roles", {"roles": ["user-admin"]})
    event = {**EVENT, "budget_usd": 20_000}
    window = {"start": (START + HOUR).isoformat(), "duration": "3h"}
    asked = settings(users=str(SEATS), max_users="500", window=window, event=event)
    counting = Counting(server)
    people = [SeatRecord(seat=n, email=f"person{n}@example.com", name=f"Person {n}") for n in range(1, SEATS + 1)]
    coder = Coder("http://127.0.0.1/coder", token, transport=counting, clock=counting.ticks, sleep=counting.wait)
    with coder, opened(f"sqlite:///{folder / 'event.db'}", "october") as store:
        store.records.add_seats(people)
        systems = Systems(coder=coder, clusters={}, ec2={})
        pods = InPods(**dict.fromkeys((one.name for one in fields(InPods)), unused))
        journal = folder / "journal"
        with Keeper(asked, systems, store, pods, clock=lambda: counting.now, journal=journal) as keeper:
            yield keeper, counting


def test_calls_a_minute_stay_below_coders_limit(tmp_path: Path) -> None:
    with kept(tmp_path) as (keeper, counting):
        done = Counter[str]()

        def until(action: str, minutes: int) -> str:
            began = counting.now
            while counting.now < began + minutes * MINUTE:
                looked = keeper.once()
                done.update(one.action for one in looked.done if (one.action, one.subject) not in looked.failed)
                counting.wait(15)
                if done[action] >= SEATS:
                    break
            return f"{action}: {done[action]} after {(counting.now - began) / MINUTE:.1f} minutes"

        said = [until("create", 60), until("nothing", 10)]
        records = keeper._memory.records  # pyright: ignore[reportPrivateUsage]
        records.end(counting.now, "ended by command")
        said.append(until("stop", 60))
    assert [done[one] for one in ("account", "ban", "create", "stop")] == [SEATS] * 4, said
    by_minute = Counter[int]()
    for (minute, _), count in counting.calls.items():
        by_minute[minute] += count
    path, most = counting.calls.most_common(1)[0]
    said.append(f"{max(by_minute.values())} calls in a minute at most, {most} to {path[1]}")
    print("\n".join(said))  # noqa: T201 - shown by pytest -s
    assert most <= 240 < LIMIT
