"""What a run did so far, one JSON line a step, on disk before the next step begins."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from workshop.sandbox.engine.errors import StateError


class Journal:
    """Appends entries. An entry is whole or absent: a line torn by a crash is dropped on reading."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._size = os.fstat(self._descriptor).st_size
        except OSError as error:
            raise StateError(f"{path}: can't write the journal: {error.strerror}") from error

    def write(self, entry: Mapping[str, Any], *, sync: bool) -> None:
        """Appends one entry; with sync it is on the disk when this returns. Raises StateError."""
        data = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        size = self._size + len(data)
        try:
            while data:  # a full disk may take a part; the rest is what raises
                data = data[os.write(self._descriptor, data) :]
            if sync:
                os.fsync(self._descriptor)
            self._size = size
        except OSError as error:
            with suppress(OSError):  # what comes after half an entry could not be read
                os.ftruncate(self._descriptor, self._size)
            raise StateError(
                f"{self._path}: can't write the journal: {error.strerror}: nothing more was started; "
                "free some space and run the same command again"
            ) from error

    def close(self) -> None:
        """Closes the file, which stays until its entries are folded into the state."""
        os.close(self._descriptor)


def read_journal(path: Path) -> Iterator[Mapping[str, Any]]:
    """The entries of a run that was cut short. Raises StateError where one in the middle is damaged."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    except OSError as error:
        raise StateError(f"{path}: can't read the journal: {error.strerror}") from error
    for line_number, line in enumerate(lines[:-1], 1):
        try:
            entry = json.loads(line)
        except ValueError as error:
            if line_number == len(lines) - 1:
                return
            raise StateError(
                f"{path}: line {line_number} of the journal is damaged; the steps after it can't be trusted: "
                f"compare what exists with the state, then move {path.name} away and run again"
            ) from error
        yield entry
