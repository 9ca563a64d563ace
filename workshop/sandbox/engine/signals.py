"""Ctrl-C and SIGTERM: the step under way is finished and recorded, then the run ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Whether someone asked to stop. While steps change things the first signal only asks; a second one insists."""

    def __init__(self) -> None:
        self.is_asked = False
        self._is_changing = False

    def may_continue(self) -> bool:
        """Whether another step may begin."""
        return not self.is_asked

    def changing(self) -> None:
        """From here on a step may be under way, which a signal must not cut short."""
        self._is_changing = True

    @contextmanager
    def on_signals(self) -> Generator[None]:
        """Listens while a run lasts; only the main thread gets signals."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        is_first, self.is_asked = not self.is_asked, True
        if not (is_first and self._is_changing):
            raise KeyboardInterrupt
