"""Files that are whole or absent, and locks that end with the process that holds them."""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_whole(path: Path, content: str | bytes, mode: int = 0o644, *, is_synced: bool = True) -> None:
    """Replaces the file's content at once: temporary file, fsync, rename.

    is_synced: whether it survives a crash of the machine, too, for which it waits for the disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            if is_synced:
                os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise


def write_private(path: Path, text: str, *, is_synced: bool = True) -> None:
    """Replaces the content of a file that nobody else may read."""
    write_whole(path, text, mode=0o600, is_synced=is_synced)


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Waits for the lock and holds it; the file itself stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with path.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if is_at(file.fileno(), path):
                yield
                return


def is_at(descriptor: int, path: Path) -> bool:
    """Whether the open file is still the one at the path: a lock on a file that was deleted excludes nobody."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock."""
    try:
        with path.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


_FLOCK = "qqihh" if sys.platform == "darwin" else "hhqqi"
"""struct flock: macOS has start, length, process, type, whence; Linux type, whence, start, length, process."""


def lock_holder(path: Path) -> int | None:
    """The process that holds the record lock (fcntl.lockf) on a file, as the kernel says; None where nobody does.

    0, or less, for one that can't be named here: it is in another container, or on another machine. Never to be asked
    by the holder itself, whose lock would end with it.
    """
    is_macos = sys.platform == "darwin"
    asked = struct.pack(_FLOCK, *((0, 0, 0, fcntl.F_WRLCK, 0) if is_macos else (fcntl.F_WRLCK, 0, 0, 0, 0)))
    try:
        with path.open("r+b") as file:
            answer = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, asked))
    except FileNotFoundError:
        return None
    kind, holder = (answer[3], answer[2]) if is_macos else (answer[0], answer[4])
    return None if kind == fcntl.F_UNLCK else holder
