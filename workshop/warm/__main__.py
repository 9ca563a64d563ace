"""python -m workshop.warm up|place|stay REQUEST: what makes nodes ready before people come.

up: with a request of workshop/model/warm.py as JSON, in the CronJob. place: writes a program to a path, and stay: does
nothing for so many seconds, both in the pods that start the nodes. Prints in one line what it did, or what is wrong, on
standard output or error. Exit codes: 0 done, 1 failed, 2 called wrongly.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from workshop.entry_point import handle
from workshop.warm.failure import WarmFailure
from workshop.warm.program import place


def main(arguments: Sequence[str]) -> int:
    """Handles one request."""
    return handle("workshop.warm", COMMANDS, arguments, WarmFailure)


def _up(text: str) -> str:
    # Imported here: the pods that stay, one a node, need none of it.
    from workshop.model.warm import WarmRequest
    from workshop.warm.cluster import Cluster
    from workshop.warm.nodes import up

    request = WarmRequest.model_validate_json(text)
    with Cluster() as cluster:
        return up(request, cluster, lambda: datetime.now(UTC), time.sleep)


def _stay(seconds: str) -> str:
    time.sleep(float(seconds))
    return "nobody made room for workspaces in time"


COMMANDS: Final[Mapping[str, Callable[[str], str]]] = {"up": _up, "place": place, "stay": _stay}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
