"""People leave in the order of their departures, and whoever never had a workspace has none to leave."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from tests.model.rehearsal.test_verdict import rehearsal
from workshop.model.rehearsal.departures import departures
from workshop.rehearsal.play import leave
from workshop.rehearsal.region import Person, Region


class Store:
    """A cluster whose pods go with their Deployments; keeps whose went, in order."""

    def __init__(self) -> None:
        self.gone: list[str] = []

    def begin_delete(self, _kind: object, _namespace: str, name: str) -> None:
        self.gone.append(name.rpartition("-")[2])

    def list(self, *_: object) -> list[object]:
        return []


def test_everybody_leaves_in_the_order_of_departures() -> None:
    store: Any = Store()
    people = [Person(number=number, click=0, begun=0, built=0, created=1.0) for number in range(1, 21)]
    people[6].created = None
    region = Region(
        name="us-east-2", rehearsal=rehearsal(), store=store, namespace="coder-ws", provisioners=1, people=people
    )
    with ThreadPoolExecutor(max_workers=1) as pool:  # which keeps their order
        samples = list(leave([region], time.monotonic(), replace(rehearsal(), speed=10_000), pool))
    there = [person.number for person in people if person.created is not None]
    moments = departures(len(there), rehearsal().seed)
    assert store.gone == [str(number) for _, number in sorted(zip(moments, there, strict=True))]
    assert samples[-1].left == 19
