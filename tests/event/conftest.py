"""Stores of both kinds, empty: SQLite, and PostgreSQL where Debian's package has put it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.event import postgresql
from tests.observe.conftest import moto

__all__ = ["moto"]  # a fixture


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
