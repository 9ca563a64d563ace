"""PostgreSQL of one's own, where Debian's package has put its programs."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _run(folder: Path, *command: object) -> None:
    """PostgreSQL does not run as root, but as the user that its package makes."""
    arguments = [str(part) for part in command]
    owner = "postgres" if os.geteuid() == 0 else None
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, cwd=folder, user=owner, group=owner)


@contextmanager
def server() -> Generator[Path]:
    """The folder of its socket; nothing listens on the network."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # short: a socket's path has 107 bytes at most
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data, control = folder / "data", (PROGRAMS[0] / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log")
    try:
        _run(folder, PROGRAMS[0] / "initdb", "-D", data, "-U", "tests", "-A", "trust")
        _run(folder, *control, "-o", f"-c listen_addresses='' -c fsync=off -k {folder}", "start")
        try:
            yield folder
        finally:
            _run(folder, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def empty_database(folder: Path) -> str:
    """The URL of a new one."""
    name = f"event_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(host=str(folder), user="tests", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"postgresql://tests@/{name}?host={folder}"
