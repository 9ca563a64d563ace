"""`workshop event dashboard`: printed once, in 80 columns."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from tests.cli.conftest import Run
from tests.cli.event.conftest import Begun, said
from tests.model.event.board.scene import MINUTE, NOON, board, node, seat, stopped, workspace
from tests.model.event.board.scene import run as node_run
from workshop.cli.commands.event import dashboard
from workshop.event.store.boards import SAMPLE_EVERY, Boards
from workshop.event.store.records import Records
from workshop.model.event.board.document import Board
from workshop.model.event.board.needs import SeatNotes

SEATS = (seat(1), seat(2), seat(27))
NOTES = {27: SeatNotes(display="Ada", hand_at=NOON - 4 * MINUTE, hand_text="which file is it?")}


def kept(records: Records, now: datetime = NOON) -> Board:
    """What the keeper keeps at noon of an event with a raised hand."""
    found = (workspace(1), stopped(2, NOON - MINUTE), workspace(27))
    made = board(SEATS, found, nodes=(node("i-1", 1, 27),), runs=(node_run("i-1"),), notes=NOTES, now=now)
    Boards(records.engine, "october").keep(made)
    return made


def test_who_needs_help_and_what_it_costs(run: Run, begin: Begun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard, "now", lambda: NOON + 3 * MINUTE)
    kept(begin())
    result = run("event", "dashboard", "--users", "10")
    text = said(result.stdout)
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "People 2 active, 0 idle, 0 missing, 1 away; of 10 seats" in text
    assert "Nodes 1 in us-east-2; disks not seen" in text
    assert "Needing help: 2 of 3" in text
    assert text.index("workshop-27 ready") < text.index("workshop-02 stopped")
    assert "raised a hand: which file is it?" in text
    assert "seen 3 min ago: the keeper is silent, and nothing is done" in text
    assert "workshop-27 ready 7 min" in text
    assert "Ada" not in text


def test_json_is_the_document(run: Run, begin: Begun) -> None:
    made = kept(begin())
    text = run("event", "dashboard", "--users", "10", "--json").stdout
    assert Board.model_validate_json(text) == made
    assert json.loads(text)["money"]["budget_usd"] == 200


def test_before_the_keepers_first_look_there_is_nothing_to_show(run: Run, begin: Begun) -> None:
    begin()
    result = run("event", "dashboard", "--users", "10")
    assert result.exit_code == 2
    assert "The keeper has not looked at event october yet" in said(result.output)


def test_the_last_board_takes_the_place_of_the_one_before_and_samples_stay(begin: Begun) -> None:
    records = begin()
    boards = Boards(records.engine, "october")
    made = [kept(records, NOON + minutes * MINUTE) for minutes in range(0, 16, 2)]
    assert boards.last() == made[-1]
    assert [one.at - NOON for one in boards.samples()] == [0 * MINUTE, 6 * MINUTE, 12 * MINUTE]
    assert SAMPLE_EVERY == 5 * MINUTE
    records.erase_people()
    assert boards.last() is None


def test_a_board_of_another_version_is_none(begin: Begun) -> None:
    records = begin()
    boards = Boards(records.engine, "october")
    boards.keep(kept(records).model_copy(update={"schema_version": 2}))
    assert boards.last() is None
    assert Boards(records.engine, "november").last() is None
