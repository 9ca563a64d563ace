"""The live dashboard, driven by its keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from threading import Event

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.coordinate import Coordinate
from textual.pilot import Pilot
from textual.widgets import Input

from tests.cli.render.dashboard.given import Told, some_board
from tests.model.event.board.scene import MINUTE, NOON, board, seat, workspace
from workshop.cli.render.dashboard.app import Dashboard
from workshop.event.store.requests import Outcome
from workshop.model.event.board.needs import SeatNotes
from workshop.model.event.requests import Ask

Play = Callable[[Dashboard, Pilot[None]], Awaitable[None]]


def play(source: Told, script: Play, size: tuple[int, int] = (80, 30)) -> Dashboard:
    """Runs it in a terminal of this size, once it shows what the source says."""

    async def running() -> Dashboard:
        app = Dashboard(source, lambda: NOON + MINUTE)
        async with app.run_test(size=size) as pilot:
            if source.hangs is None:
                await until(pilot, lambda: lines(app)[0] != " reading ...")
            await script(app, pilot)
        return app

    return asyncio.run(running())


async def until(pilot: Pilot[None], reached: Callable[[], bool]) -> None:
    """Lets the app go on until then."""
    for _ in range(500):
        if reached():
            return
        await pilot.pause(0.01)
    raise AssertionError("never reached")


def lines(app: Dashboard) -> list[str]:
    """What stands on the screen."""
    shown = app.screen._compositor  # pyright: ignore[reportPrivateUsage]
    return ["".join(segment.text for segment in strip).rstrip() for strip in shown.render_strips()]


def text(app: Dashboard) -> str:
    return "\n".join(lines(app))


def names(app: Dashboard) -> list[str]:
    """Of the seats, from top to bottom."""
    table = app.seats
    return [table.get_cell_at(Coordinate(row, 0)).plain for row in range(table.row_count)]


@pytest.mark.parametrize("columns", [80, 120])
def test_what_stands_on_the_screen(columns: int, snapshot: SnapshotAssertion) -> None:
    async def look(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.pause()
        assert text(app) == snapshot

    play(Told(some_board()), look, (columns, 30))


def test_leaving_takes_no_time_while_the_store_hangs() -> None:
    source = Told(None, hangs=Event())

    async def leave(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("q")
        assert source.hangs is not None
        assert not source.hangs.is_set()

    assert play(source, leave).return_code == 0


def test_what_was_seen_last_stays_with_its_age_while_the_store_is_away() -> None:
    source = Told(some_board())

    async def lose(app: Dashboard, pilot: Pilot[None]) -> None:
        app.show(None, "connection refused", [])
        await pilot.pause()
        assert "seen 1 min ago" in lines(app)[0]
        assert "! the store: connection refused" in text(app)
        assert names(app)[0] == "workshop-27"

    play(source, lose)


def test_before_the_keepers_first_look_it_says_how_to_begin() -> None:
    async def look(app: Dashboard, pilot: Pilot[None]) -> None:
        assert "the keeper has not looked yet: run it with workshop event keep" in text(app)
        await pilot.press("r", "enter", "a")

    play(Told(None), look)


def test_who_is_selected_stays_selected_however_rows_move() -> None:
    source = Told(some_board())

    async def move(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("down")
        assert app.selected is not None
        assert app.selected.name == "workshop-43"
        seats, hand = (seat(1), seat(43)), SeatNotes(hand_at=NOON - MINUTE)
        app.show(board(seats, (workspace(1), workspace(43)), notes={1: hand}), "", [])
        assert names(app) == ["workshop-01", "workshop-43"]
        assert app.selected.name == "workshop-43"
        await pilot.press("s", "y")

    play(source, move)
    assert source.asked == [(Ask.SAVE, 43, {})]


def test_nothing_is_asked_for_before_it_is_confirmed() -> None:
    source = Told(some_board())
    asks = {"r": Ask.RESTART, "s": Ask.SAVE, "e": Ask.FINISH, "f": Ask.MOVE, "l": Ask.LOWER_HAND}

    async def press(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("r")
        assert "Save the work of workshop-27, stop it, start it" in text(app)
        await pilot.press("n", "r", "escape", "r", "enter", "escape")
        assert source.asked == []
        for key in asks:
            await pilot.press(key, "y")

    play(source, press)
    assert source.asked == [(ask, 27, {}) for ask in asks.values()]


def test_more_time_takes_minutes_and_a_message_words() -> None:
    source = Told(some_board())

    async def type_in(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("x", "enter")
        await pilot.press("x")
        app.screen.query_one(Input).value = "0"
        await pilot.press("enter")
        assert isinstance(app.focused, Input), "none is no extension"
        await pilot.press("escape", "m", "enter", "m", *"hello", "enter")

    play(source, type_in)
    assert source.asked == [(Ask.EXTEND, 27, {"minutes": 30}), (Ask.MESSAGE, 27, {"text": "hello"})]


def test_somebody_at_the_door_is_admitted() -> None:
    source = Told(some_board(), queue={"one": "Bob, 3 min ago", "two": "Cy, 1 min ago"})

    async def admit(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("a")
        assert "Bob, 3 min ago" in text(app)
        await pilot.press("escape", "a", "down", "enter")
        source.queue = {}
        await pilot.press("a")
        await pilot.pause()
        assert "nobody waits at the door" in text(app)

    play(source, admit)
    assert source.asked == [(Ask.ADMIT, None, {"waiting": "two"})]


def test_what_came_of_it_is_said() -> None:
    source = Told(some_board())

    async def ask(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("s", "y", "r", "y")
        save, restart = ("", "it does not run")
        app.show(None, "", [Outcome(number=n, answer={}, problem=why) for n, why in ((1, save), (2, restart))])
        await pilot.pause()
        assert "save workshop-27: done" in text(app)
        assert "restart workshop-27: it does not run" in text(app)

    play(source, ask)


def test_a_store_that_is_away_takes_nothing_and_says_so() -> None:
    source = Told(some_board())

    async def ask(app: Dashboard, pilot: Pilot[None]) -> None:
        source.problem = "connection refused"
        await pilot.press("s", "y")
        await pilot.press("a")
        await pilot.pause()
        assert "save workshop-27: not asked: connection refused" in text(app)
        assert "UTC not asked: connection refused" in text(app)

    play(source, ask)
    assert source.asked == []


def test_all_that_is_known_of_a_seat() -> None:
    async def look(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("enter")
        assert "workshop-27, Ada Lovelace" in text(app)
        assert "! raised a hand: which file is it? (5 min)" in text(app)
        assert "workshop event help workshop-27" in text(app)
        await pilot.press("escape", "q")

    assert play(Told(some_board()), look).return_code == 0


def test_what_people_write_is_shown_as_they_wrote_it() -> None:
    notes = {1: SeatNotes(display="[b]Bob[/b]", hand_at=NOON, hand_text="[b]\x1b[31m")}

    async def look(app: Dashboard, pilot: Pilot[None]) -> None:
        assert r"[b]\x1b[31m" in text(app)
        await pilot.press("enter")
        assert "[b]Bob[/b]" in text(app)

    play(Told(board((seat(1),), (workspace(1),), notes=notes)), look)


def test_five_hundred_seats_change_in_place() -> None:
    numbers = range(1, 501)
    seats, found = tuple(map(seat, numbers)), tuple(map(workspace, numbers))
    source = Told(board(seats, found))

    async def change(app: Dashboard, pilot: Pilot[None]) -> None:
        table = app.seats
        rows = {*table.rows}
        app.show(board(seats, found, notes={500: SeatNotes(hand_at=NOON)}), "", [])
        await pilot.pause()
        assert names(app)[0] == "workshop-500"
        assert {*table.rows} == rows
        assert "workshop-500" in text(app)

    play(source, change, (120, 40))
