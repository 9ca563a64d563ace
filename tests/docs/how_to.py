"""Follows a how-to of docs/how-to step by step in a checkout of its own.

Its fenced blocks are the steps, by what stands behind the backticks:

    python PATH, yaml PATH   writes that file
    diff PATH                changes that file: "+" lines for "-" lines between " " lines; "@@" separates places
    sh                       commands that must end with 0; "sh exits 1": the block must end with 1
    text                     each line is somewhere in what the commands before printed

Blocks of other kinds (console: what takes a real stack) are for people only.
"""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.sandbox.servers_for_tests import free_port
from workshop.sandbox.paths import CHECKOUT

_SECONDS: Final = 600
_BLOCK: Final = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LEFT_OUT: Final = shutil.ignore_patterns(".*", "*.egg-info")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One block. kind: the first word of its info string; about: the rest, a path or `exits 1`."""

    kind: str
    about: str
    body: str


def steps(markdown: str) -> Iterator[Step]:
    """The blocks of a page, in their order."""
    for kind, about, body in _BLOCK.findall(markdown):
        yield Step(kind=kind, about=about, body=body)


def follow(page: Path, folder: Path) -> None:
    """Does what the page says, in a copy of the checkout made at `folder`. Raises AssertionError where it is not so."""
    locks = ("requirements.txt", "requirements-dev.txt")
    assert filecmp.cmpfiles(CHECKOUT, sys.prefix, locks)[0] == list(locks), "scripts/test installs what is pinned"
    shutil.copytree(CHECKOUT, folder, ignore=_LEFT_OUT)
    (folder / ".venv").symlink_to(sys.prefix)  # which the page's scripts would else install into
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WORKSHOP_", "PYTHON"))}
    environment |= {"WORKSHOP_SANDBOX_PORT": str(free_port()), "COLUMNS": "200"}
    printed = ""
    try:
        for step in steps(page.read_text("utf-8")):
            match step.kind:
                case "python" | "yaml":
                    (folder / step.about).parent.mkdir(parents=True, exist_ok=True)
                    (folder / step.about).write_text(step.body, "utf-8")
                case "diff":
                    file = folder / step.about
                    file.write_text(patched(file.read_text("utf-8"), step), "utf-8")
                case "sh":
                    printed = _run(step, folder, environment)
                case "text":
                    missing = [line for line in step.body.splitlines() if _words(line) not in _words(printed)]
                    assert missing == [], f"{page.name}: not printed: {missing}; printed was:\n{printed}"
                case _:
                    pass
    finally:
        stop = Step(kind="sh", about="", body="scripts/workshop sandbox stop")
        _run(stop, folder, environment)


def patched(text: str, step: Step) -> str:
    """The text with a diff block's places changed. Each must be there exactly once."""
    for place in re.split(r"^@@.*\n", step.body, flags=re.MULTILINE):
        lines = [(line[:1], line[1:]) for line in place.splitlines(keepends=True)]
        old = "".join(line for mark, line in lines if mark in (" ", "-"))
        new = "".join(line for mark, line in lines if mark in (" ", "+"))
        found = f"\n{text}".count(f"\n{old}")
        assert found == 1, f"{step.about}: these lines are there {found} times:\n{old}"
        text = f"\n{text}".replace(f"\n{old}", f"\n{new}")[1:]
    return text


def _run(step: Step, folder: Path, environment: dict[str, str]) -> str:
    expected = int(step.about.removeprefix("exits ")) if step.about else 0
    done = subprocess.run(
        ["bash", "-e", "-c", step.body],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == expected, f"ended with {done.returncode}:\n{step.body}\n{done.stdout}"
    return done.stdout


def _words(text: str) -> str:
    return " ".join(text.split())
