"""The store's tables are what the migrations make, and migrating twice is migrating once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from workshop.event.store.database import open_store
from workshop.event.store.tables import METADATA
from workshop.sandbox.paths import CHECKOUT

pytestmark = pytest.mark.xdist_group("postgres")


def test_migrations_make_the_tables_that_the_code_expects(url: str) -> None:
    engine = open_store(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    assert {*inspect(engine).get_table_names()} == {*METADATA.tables, "alembic_version"}
    engine.dispose()


def test_an_open_store_is_opened_again(url: str) -> None:
    for _ in range(2):
        open_store(url).dispose()


def test_of_several_that_open_it_at_once_one_migrates(url: str) -> None:
    opening = (
        "import sys; from workshop.event.store.database import open_store; print(); input(); open_store(sys.argv[1])"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-uc", opening, url], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()  # it is ready
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0] * 4
    engine = open_store(url)
    assert len(inspect(engine).get_table_names()) == len(METADATA.tables) + 1
    engine.dispose()


def test_in_sqlite_one_transaction_at_a_time_reads_and_writes(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'event.db'}?timeout=0")
    with engine.begin(), pytest.raises(OperationalError, match="database is locked"), engine.begin():
        pass
    engine.dispose()


def test_a_database_that_was_started_again_costs_nobody_an_error(postgres_url: str) -> None:
    engine = open_store(postgres_url)
    with engine.connect() as connection:
        own = connection.scalar(text("SELECT pg_backend_pid()"))
    other = open_store(postgres_url)
    with other.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != own
    for one in (engine, other):
        one.dispose()
