"""coder.json: read anew where somebody changed it, and changed by one at a time."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from workshop.sandbox.files import locked, write_private
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.coder.refusals import Refusal
from workshop.sandbox.servers.coder.state import Contents


def coder_file(paths: SandboxPaths) -> Path:
    """Where the sandbox's Coder keeps its state."""
    return paths.folder / "coder.json"


class StateFile:
    """The file, with what it said when it was read last."""

    def __init__(self, paths: SandboxPaths) -> None:
        self._file = coder_file(paths)
        self._lock = paths.folder / "coder.lock"
        self._read: tuple[tuple[int, int], Contents] | None = None

    @property
    def is_there(self) -> bool:
        """Whether anything was ever kept."""
        return self._file.exists()

    @contextmanager
    def held(self) -> Generator[Contents]:
        """What it says, while nobody else changes it. Raises Refusal where it can't be read."""
        with locked(self._lock):
            yield self._load()

    def keep(self, contents: Contents) -> None:
        """Writes it; only while it is held, or where nothing is there yet."""
        # As the sandbox's etcd, this survives a crash of the process, not of the machine.
        write_private(self._file, contents.model_dump_json(indent=1) + "\n", is_synced=False)
        self._read = self._version(), contents

    def _load(self) -> Contents:
        try:
            if self._read is None or self._read[0] != self._version():
                self._read = self._version(), Contents.model_validate_json(self._file.read_bytes())
        except (OSError, ValidationError) as error:
            why = f"{self._file} is damaged, or of another version: delete it, and the sandbox's Coder begins anew"
            raise Refusal(500, f"{why} ({type(error).__name__})") from None
        return self._read[1]

    def _version(self) -> tuple[int, int]:
        found = self._file.stat()
        return found.st_ino, found.st_mtime_ns


@contextmanager
def editing(paths: SandboxPaths) -> Generator[Contents]:
    """What the sandbox's Coder keeps, to be changed while its server runs: times, faults, templates. Raises Refusal."""
    file = StateFile(paths)
    with file.held() as contents:
        yield contents
        file.keep(contents)
