"""Plays what may go wrong, and keeps how people fared: python -m scripts.pictures.rehearsal [FAULT ...].

What is kept differs a little each time, since clusters take as long as they take.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from workshop.model.rehearsal.faults import Fault
from workshop.sandbox.paths import CHECKOUT

FOLDER: Final = CHECKOUT / "docs" / "rehearsal"
USERS: Final = {fault: 60 if fault is Fault.REGION_GONE else 20 for fault in Fault}
"""Few enough find room when a region is gone."""


def people(page: str) -> str:
    """A rehearsal's first picture: who is built, waits and runs, over time."""
    begin, end = page.index("<svg"), page.index("</svg>")
    return page[begin:end] + "</svg>\n"


def play(fault: Fault) -> None:
    """Raises CalledProcessError where it does not do what it has to."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "rehearsal.html"
        command = ("rehearse", "--users", str(USERS[fault]), "--fault", fault, "--html", str(page))
        subprocess.run([sys.executable, "-P", "-m", "workshop", *command], check=True)
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{fault}.svg").write_text(people(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    for each in sys.argv[1:] or [*Fault]:
        play(Fault(each))
