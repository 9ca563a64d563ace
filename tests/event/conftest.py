"""Stores of both kinds, empty: SQLite, and PostgreSQL where Debian's package has put it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from tests.observe.conftest import moto

__all__ = ["moto"]  # a fixture
_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _run(folder: Path, *command: object) -> None:
    """PostgreSQL does not run as root, but as the user that its package makes."""
    arguments = [str(part) for part in command]
    owner = "postgres" if os.geteuid() == 0 else None
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, cwd=folder, user=owner, group=owner)


@pytest.fixture(scope="session")
def postgres() -> Generator[Path]:
    """The folder of a server's socket; nothing listens on the network."""
    if not _PROGRAMS:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # short: a socket's path has 107 bytes at most
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data, control = folder / "data", (_PROGRAMS[0] / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log")
    try:
        _run(folder, _PROGRAMS[0] / "initdb", "-D", data, "-U", "tests", "-A", "trust")
        _run(folder, *control, "-o", f"-c listen_addresses='' -c fsync=off -k {folder}", "start")
        try:
            yield folder
        finally:
            _run(folder, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres: Path) -> str:
    """Of an empty database of PostgreSQL's."""
    name = f"event_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(host=str(postgres), user="tests", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"postgresql://tests@/{name}?host={postgres}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'event.db'}"
    return request.getfixturevalue("postgres_url")
