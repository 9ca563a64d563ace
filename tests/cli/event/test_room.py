"""`workshop event room` and what `workshop event door` says before it serves."""

from __future__ import annotations

import re

from tests.cli.conftest import Run
from tests.cli.event.conftest import Begun, said
from workshop.event.store.waiting import Room


def test_the_room_is_opened_with_a_code_and_closed(run: Run, begin: Begun) -> None:
    url = str(begin().engine.url)
    opened = said(run("event", "room", "--users", "10", "--open", "15").output)
    assert re.fullmatch(
        r"Code \w{5}-\w{5}, at http://127.0.0.1:47880/room, until .* UTC; 0 people are waiting\.", opened
    )
    assert said(run("event", "room", "--users", "10", "--close").output) == "The room is closed; 0 people are waiting."
    room = Room(url, "october")
    assert room.queue() == ()
    room.close()


def test_it_is_said_what_is_to_be_done_with_the_room(run: Run, begin: Begun) -> None:
    begin()
    for arguments in ((), ("--open", "5", "--close")):
        result = run("event", "room", "--users", "10", *arguments)
        assert result.exit_code == 2
        assert "Say either --open MINUTES or --close." in said(result.output)


def test_the_door_prints_its_role_for_the_database(run: Run) -> None:
    printed = run("event", "door", "--sql").output
    assert "CREATE ROLE workshop_door LOGIN;" in printed.splitlines()[0]
    assert "email" not in printed


def test_without_an_event_there_is_no_door(run: Run) -> None:
    result = run("event", "door", "--users", "10")
    assert result.exit_code == 2
    assert "has no event" in said(result.output)
