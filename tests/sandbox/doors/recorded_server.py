"""The sandbox's server, which writes down every request and what became of it: python -m ... FILE."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers import __main__ as server
from workshop.sandbox.servers.application import Application

_LOG = Path(sys.argv[1])


class Recorded(Application):
    def __call__(self, environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: object) -> Json:
            line = {
                "method": environ["REQUEST_METHOD"],
                "path": environ["PATH_INFO"],
                "host": environ.get("HTTP_HOST", ""),
                "status": int(status.partition(" ")[0]),
                "open_to_pages": any(name.lower().startswith("access-control") for name, _ in headers),
            }
            with _LOG.open("a") as log:
                log.write(f"{json.dumps(line)}\n")
            return start_response(status, headers, *more)

        return super().__call__(environ, start)


if __name__ == "__main__":
    server.Application = Recorded  # pyright: ignore[reportPrivateImportUsage]  the one place that makes it
    sys.exit(server.main())
