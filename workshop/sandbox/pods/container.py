"""Runs a module as a container of the sandbox would: python -m workshop.sandbox.pods.container MODULE ARGUMENTS.

The process reaches loopback only.
"""

from __future__ import annotations

import runpy
import sys

from workshop.sandbox.isolation import block_connections

if __name__ == "__main__":
    block_connections()
    module = sys.argv[1]
    sys.argv = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
