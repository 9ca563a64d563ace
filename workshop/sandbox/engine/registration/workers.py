"""Threads for the SDK's calls: one, so that calls are served in order, and more only while one must wait."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

from workshop.sandbox.json_values import Json


class Workers(ThreadPoolExecutor):
    """An executor with one thread and a `turn` that only one call holds.

    A call that holds the turn and waits for the program (a hook, which may ask for more) would block a
    pool of any fixed size. `waiting`, a lent turn and a taken one therefore add a thread instead.
    """

    def __init__(self) -> None:
        super().__init__(max_workers=1)
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads_started: list[threading.Thread] = []
        self._turn = _Turn()
        self._is_ending = False
        self._free, self._counting = 0, threading.Lock()
        self._add()

    def submit(self, fn: Callable[..., Any], /, *args: Json, **kwargs: Json) -> Future[Any]:
        """Queues a call; calls begin in the order in which they were queued."""
        future: Future[Any] = Future()
        self._calls.put(partial(_run, future, partial(fn, *args, **kwargs)))
        return future

    @contextmanager
    def turn(self) -> Generator[None]:
        """For a call that plans or changes something: one at a time."""
        if (ours := self._turn.take()) is not None:
            self._add()
            ours.wait()
        try:
            yield
        finally:
            self._turn.hand_on()

    @contextmanager
    def lending_turn(self) -> Generator[None]:
        """For a call that has the turn and waits for a cluster: until then others may have it."""
        self._turn.hand_on()
        self._add()
        try:
            yield
        finally:
            if (ours := self._turn.take(is_first=True)) is not None:
                ours.wait()

    @contextmanager
    def waiting(self) -> Generator[None]:
        """While this call waits for the program, other calls are served."""
        self._add()
        yield

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Lets the calls under way end and stops the threads."""
        self._is_ending = True
        for _ in self._threads_started:
            self._calls.put(None)
        if wait:
            for thread in self._threads_started:  # one that is added meanwhile is at its end
                thread.join()
        super().shutdown(wait, cancel_futures=cancel_futures)

    def _add(self) -> None:
        """A thread for the next call, unless one waits for it."""
        if self._free:
            return
        thread = threading.Thread(target=self._serve, name="engine", daemon=True)
        thread.start()
        self._threads_started.append(thread)
        if self._is_ending:
            self._calls.put(None)

    def _serve(self) -> None:
        while call := self._next():
            call()

    def _next(self) -> Callable[[], None] | None:
        with self._counting:
            self._free += 1
        call = self._calls.get()
        with self._counting:
            self._free -= 1
        return call


class _Turn:
    """A lock that is had in the order in which it was asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Event] = deque()

    def take(self, *, is_first: bool = False) -> threading.Event | None:
        """Has it, or answers what tells when one has it. is_first: before all who wait."""
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return None
            ours = threading.Event()
            if is_first:
                self._waiting.appendleft(ours)
            else:
                self._waiting.append(ours)
            return ours

    def hand_on(self) -> None:
        """Gives it to whoever is next."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False


def _run(future: Future[Any], call: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001  whatever it is, it belongs to who asked
        future.set_exception(error)
