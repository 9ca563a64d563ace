"""python -m workshop.warm up|place|stay ARGUMENT: what makes nodes ready before people come.

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

from pydantic import ValidationError

from workshop.model.legible import legible
from workshop.model.warm import WarmRequest
from workshop.warm.cluster import Cluster
from workshop.warm.failure import WarmFailure
from workshop.warm.nodes import up
from workshop.warm.program import place


def main(arguments: Sequence[str]) -> int:
    """Handles one request."""
    if len(arguments) != 2 or arguments[0] not in COMMANDS:
        sys.stderr.write(f"usage: python -m workshop.warm {'|'.join(COMMANDS)} ARGUMENT\n")
        return 2
    try:
        sys.stdout.write(COMMANDS[arguments[0]](arguments[1]) + "\n")
    except WarmFailure as failure:
        sys.stderr.write(f"{legible(str(failure))}\n")
        return 1
    except ValidationError as error:
        where = ", ".join(".".join(map(str, found["loc"])) for found in error.errors(include_input=False))
        sys.stderr.write(f"the request can't be read: {where}: image and program are of different versions\n")
        return 2
    return 0


def _up(text: str) -> str:
    request = WarmRequest.model_validate_json(text)
    with Cluster() as cluster:
        return up(request, cluster, lambda: datetime.now(UTC), time.sleep)


def _stay(seconds: str) -> str:
    time.sleep(float(seconds))
    return "nobody made room for workspaces in time"


COMMANDS: Final[Mapping[str, Callable[[str], str]]] = {"up": _up, "place": place, "stay": _stay}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
