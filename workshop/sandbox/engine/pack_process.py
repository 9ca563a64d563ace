"""A policy pack's process: pulumi.policy, which ends when the engine does, however that ended.

Run as a file with the engine's end of a pipe as standard input: python pack_process.py ADDRESS PACK.
"""

import os
import runpy
import sys
import threading
from pathlib import Path


def _end_with_the_engine() -> None:
    sys.stdin.buffer.read()  # nothing is ever written: it returns when the other end closes
    os._exit(0)


if __name__ == "__main__":
    sys.path[0] = str(Path.cwd())  # as with -m: the pack's folder, not this one
    threading.Thread(target=_end_with_the_engine, daemon=True).start()
    runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)
