"""In PostgreSQL the door's role can do what the door does, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from tests.event.door.conftest import AtTheDoor
from tests.event.door.conftest import door as door
from tests.event.door.conftest import request as door_request
from workshop.event.door.app import door_app
from workshop.event.store.database import engine_at
from workshop.event.store.door_rights import grants

pytestmark = [pytest.mark.xdist_group("postgres"), pytest.mark.postgresql]


@pytest.fixture
def url(postgres_url: str) -> str:
    return postgres_url


@pytest.fixture
def as_door(door: AtTheDoor) -> Engine:
    role = f"door_{door.url.rpartition('event_')[2][:8]}"
    owner = engine_at(door.url)
    with owner.begin() as connection:
        for statement in grants(role).splitlines():
            connection.execute(text(statement))
    owner.dispose()
    return engine_at(door.url.replace("tests@", f"{role}@"))


def test_it_can_do_all_that_the_door_does(door: AtTheDoor, as_door: Engine) -> None:
    door.app = door_app(door_request(), as_door, lambda: door.now)
    door.make_ready()
    browser = door.of()
    browser.post("/me/raise-hand", "/me/hand", text="Help")
    code = door.store.room.open(door.now, door.now + timedelta(minutes=1))
    late = door.browser()
    assert late.post("/room", code=code, name="Late", email="late@example.com").status_code == 303
    helper = door.of("staff-2")
    helper.post("/staff/waiting/admit", "/staff/waiting", waiting=door.store.room.queue()[0].id)
    door.keeper_looks()
    door.now += timedelta(minutes=6)
    assert "Help" in browser.get("/me").text
    assert "seat 9" in late.get("/me").text
    browser.post("/sign-out", "/me")
    as_door.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT email FROM seats",
        "SELECT email FROM invitations",
        "SELECT email FROM waiting",
        "SELECT * FROM journal",
        "SELECT * FROM outbox",
        "SELECT * FROM node_runs",
        "UPDATE seats SET finished_at = now()",
        "UPDATE sessions SET person = 'staff-1'",
        "UPDATE invitations SET role = 'instructor'",
        "UPDATE requests SET answered_at = NULL",
        "INSERT INTO links VALUES ('october', 'x', 'staff-1', now(), now(), NULL)",
        "INSERT INTO hands VALUES ('october', 1, now(), 'x', NULL, NULL)",
        "DELETE FROM requests",
        "CREATE TABLE more (id integer)",
    ],
)
def test_it_can_do_nothing_else(as_door: Engine, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), as_door.begin() as connection:
        connection.execute(text(statement))
    as_door.dispose()
