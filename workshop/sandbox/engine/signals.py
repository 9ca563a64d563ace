"""Ctrl-C and SIGTERM: the step under way is finished and recorded, then the run ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Stop:
    """Whether someone asked to stop."""

    def __init__(self) -> None:
        self.is_asked = False

    def may_continue(self) -> bool:
        """Whether another step may begin."""
        return not self.is_asked

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Listens while a run changes things; only the main thread gets signals."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before: dict[signal.Signals, Any] = {
            number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.is_asked = True
        raise KeyboardInterrupt
