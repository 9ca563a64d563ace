"""The event's store, as the live dashboard asks it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.cli.render.dashboard.given import some_board
from tests.model.event.board.scene import MINUTE, NOON
from workshop.cli.render.dashboard.source import StoreSource, Unanswered
from workshop.event.store.cached import opened
from workshop.event.store.sessions import Sessions
from workshop.model.event.requests import ENGINEER, Ask


def test_the_board_who_waits_and_what_came_of_it(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'event.db'}", "october") as store:
        source = StoreSource(store, lambda: NOON)
        assert source.board() is None
        store.boards.keep(some_board())
        assert source.board() == some_board()
        assert source.waiting() == {}
        Sessions(store.records.engine, "october").wait("Bo", "bo@example.com", "hash", NOON - 3 * MINUTE)
        assert [*source.waiting().values()] == ["Bo, 3 min ago"]
        number = source.ask(Ask.RESTART, 27, {})
        (asked,) = store.requests.unanswered()
        assert (asked.person, asked.action, asked.seat, asked.at) == (ENGINEER, "restart", 27, NOON)
        assert source.outcome(number) is None
        store.requests.answer(number, NOON, {}, "it does not run")
        outcome = source.outcome(number)
        assert outcome is not None
        assert outcome.problem == "it does not run"


def test_a_database_that_is_away_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "event.db"
    with opened(f"sqlite:///{file}", "october") as store:
        source = StoreSource(store, lambda: NOON)
        engine = create_engine(f"sqlite:///{file}")
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE boards")
        engine.dispose()
        with pytest.raises(Unanswered) as failed:
            source.board()
        assert "\n" not in str(failed.value)
