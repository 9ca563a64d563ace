"""Stores of both kinds, empty: SQLite, and PostgreSQL where Debian's package has put it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from tests.event import postgresql


@pytest.fixture(scope="session")
def postgres() -> Generator[Path]:
    """The folder of a server's socket."""
    if not postgresql.PROGRAMS:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgresql.server() as folder:
        yield folder


@pytest.fixture
def postgres_url(postgres: Path) -> str:
    """Of an empty database of PostgreSQL's."""
    return postgresql.empty_database(postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'event.db'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture(scope="session")
def moto() -> Generator[str]:
    """AWS on loopback, answered by moto; its URL."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()
