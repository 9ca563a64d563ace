"""Where an event is kept: SQLite or PostgreSQL, by SQLAlchemy; its tables are made and changed by migrations."""

from __future__ import annotations

import sqlite3
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text


def _leave_transactions_to_us(connection: sqlite3.Connection, _record: object) -> None:
    """Python's driver would end a transaction before it changes tables (SQLAlchemy, SQLite, transactional DDL)."""
    connection.isolation_level = None


def _begin_writing(connection: Connection) -> None:
    """One at a time: a transaction that reads first and then writes would be refused beside another."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


_LOCK: Final = 0x776F726B
"""PostgreSQL's advisory lock of whoever migrates; any number that others do not use."""


_PATIENCE: Final = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "options": "-c statement_timeout=30s"}
"""Of libpq, seconds and milliseconds: without these one waits a quarter of an hour for a database that is gone."""


def engine_at(url: str) -> Engine:
    """The database at an SQLAlchemy URL, as it is. Raises ImportError for a driver that is not installed.

    `postgresql:` is taken for `postgresql+psycopg:`, the driver that is.
    """
    given = make_url(url)
    if given.drivername == "postgresql":
        given = given.set(drivername="postgresql+psycopg")
    is_remote = given.get_backend_name() == "postgresql"
    patience = _PATIENCE if is_remote else {}
    # Parameters' values name people. A connection that the server has closed is noticed before it is used.
    engine = create_engine(given, connect_args=patience, hide_parameters=True, pool_pre_ping=is_remote)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _begin_writing)
    return engine


def open_store(url: str) -> Engine:
    """The database at an SQLAlchemy URL, its tables up to date. Raises SQLAlchemyError, or ImportError for a driver."""
    engine = engine_at(url)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "workshop.event.store:migrations")
        newest = ScriptDirectory.from_config(config).get_current_head()
        if MigrationContext.configure(connection).get_current_revision() != newest:
            command.upgrade(config, "head")
    return engine
