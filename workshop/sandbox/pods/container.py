"""Runs a module as a container of the sandbox would: python -m workshop.sandbox.pods.container MODULE ARGUMENTS.

The process reaches loopback only, and ends when its standard input does: only whoever runs it holds the other end.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading
from typing import Final

from workshop.sandbox.isolation import block_connections

_TERMINATED: Final = 143


def _end_with_whoever_runs_us() -> None:
    while os.read(sys.stdin.fileno(), 1024):  # sys.stdin's own lock would be held when the interpreter ends
        pass
    os._exit(_TERMINATED)


if __name__ == "__main__":
    block_connections()
    threading.Thread(target=_end_with_whoever_runs_us, daemon=True).start()
    module = sys.argv[1]
    sys.argv = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
