"""Another user of this machine, who tries what a test tells; only root can become one (marker root)."""

from __future__ import annotations

import os
import subprocess
import sys

from workshop.sandbox.paths import CHECKOUT

OTHER = 54321

_BECOME = f"""
import os, sys, http.client, socket, signal, json, pathlib
import encodings.idna
{{imports}}
os.setgroups([])
os.setgid({OTHER})
os.setuid({OTHER})
"""


def as_other_user(code: str, *arguments: str, imports: str = "") -> str:
    """What the code prints; arguments are sys.argv[1:]. It imports nothing that is not imported before."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _BECOME.format(imports=imports) + code, *arguments],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "GRPC_VERBOSITY": "NONE"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
