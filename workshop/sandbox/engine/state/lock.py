"""One run at a time changes a stack; the lock file says who."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from workshop.sandbox.engine.errors import Locked, StateError
from workshop.sandbox.files import is_at


@contextmanager
def locked(path: Path, operation: str) -> Generator[None]:
    """Holds the lock. The kernel releases it with the process, so a crash leaves only a stale name behind.

    Raises Locked with the holder's process id, host and start; StateError where the file can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StateError(f"{path}: can't take the lock: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(_held_by(path)) from None
        if not is_at(descriptor, path):
            raise Locked(f"{path.stem}: another process has just deleted what the sandbox held: run again")
        try:
            _name_holder(descriptor, operation)
        except OSError as error:
            raise StateError(f"{path}: can't take the lock: {error.strerror}") from error
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _name_holder(descriptor: int, operation: str) -> None:
    holder = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
        "operation": operation,
    }
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(holder).encode(), 0)


def _held_by(path: Path) -> str:
    try:
        holder = cast("dict[str, Any]", json.loads(path.read_text()))
        who = f"process {holder['pid']} on {holder['host']} ({holder['operation']} since {holder['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return f"{path.stem}: {who} is changing this stack: wait for it to end, or stop it, and run again"
