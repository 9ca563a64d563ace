"""Ends the processes of a folder when its standard input ends: python -m workshop.sandbox.clusters.guard FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

from workshop.sandbox.clusters.processes import end, running


def main(folder: Path) -> None:
    """Waits, however long."""
    sys.stdin.buffer.read()
    end(folder, running(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
