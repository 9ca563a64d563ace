"""The engine's threads: whose turn it is."""

from __future__ import annotations

import time
from threading import Event

from workshop.sandbox.engine.registration.workers import Workers

_SECONDS = 10


def await_queue(workers: Workers, length: int) -> None:
    waiting = workers._turn._waiting  # pyright: ignore[reportPrivateUsage]  nothing else tells
    deadline = time.monotonic() + _SECONDS
    while len(waiting) < length:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_whoever_lent_the_turn_is_before_those_who_wait_and_these_in_their_order() -> None:
    workers, had = Workers(), list[str]()
    lent, is_back_wanted, holds, may_end = Event(), Event(), Event(), Event()

    def lender() -> None:
        with workers.turn():
            with workers.lending_turn():
                lent.set()
                assert is_back_wanted.wait(_SECONDS)
            had.append("lender")

    def holder() -> None:
        with workers.turn(), workers.waiting():
            holds.set()
            assert may_end.wait(_SECONDS)

    def other(name: str) -> None:
        with workers.turn():
            had.append(name)

    calls = [workers.submit(lender)]
    assert lent.wait(_SECONDS)
    calls.append(workers.submit(holder))
    assert holds.wait(_SECONDS)
    calls += [workers.submit(other, name) for name in ("first", "second", "third")]
    await_queue(workers, 3)
    is_back_wanted.set()
    await_queue(workers, 4)
    may_end.set()
    for call in calls:
        call.result(_SECONDS)
    workers.shutdown()
    assert had == ["lender", "first", "second", "third"]
