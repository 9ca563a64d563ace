"""python -m workshop.exporter export REQUEST: what the autoscaler and Prometheus read of Coder's queue.

REQUEST: JSON, as workshop/model/exporter.py has it. The token is in CODER_SESSION_TOKEN. Runs until it is asked to end;
says on standard error which upstream fails. Exit codes: as workshop/entry_point.py has them. Prints no credential.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Final

from workshop.entry_point import handle
from workshop.event.coder.client import Coder
from workshop.event.coder.errors import CoderError
from workshop.exporter.failure import ExporterFailure
from workshop.exporter.run import run
from workshop.exporter.server import server
from workshop.exporter.watch.site import in_cluster, site_of
from workshop.model.exporter import PORT, TOKEN_VARIABLE, ExportRequest

EVERY_ADDRESS: Final = ""
"""Of the Pod."""


def main(arguments: Sequence[str]) -> int:
    """Handles one request."""
    return handle("workshop.exporter", COMMANDS, arguments, ExporterFailure, CoderError, OSError)


def _export(text: str) -> str:
    request = ExportRequest.model_validate_json(text)
    stopped, token = Event(), os.environ.get(TOKEN_VARIABLE, "")

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    with Coder(request.coder_url, token) as coder, tempfile.TemporaryDirectory() as folder:
        site = None
        if request.watch is not None:
            settings = in_cluster(request.watch.settings, request.watch.region, Path(folder))
            site = site_of(settings, os.environ)
        run(request, coder, server(EVERY_ADDRESS, PORT), stopped, site)
    return "ended, as asked"


COMMANDS: Final[Mapping[str, Callable[[str], str]]] = {"export": _export}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
