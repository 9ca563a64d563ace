"""What people ask for at the door is done on the sandbox's Coder, clusters and bucket, and once."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from tests.event.sandbox_event import SandboxEvent, event_of, workshop_in
from workshop.event.store.requests import Requests
from workshop.event.store.sessions import Sessions
from workshop.event.store.tables import REQUESTS
from workshop.model.event.people import Invitation, Role, person_of_seat

pytestmark = pytest.mark.slow
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(scope="module")
def event(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxEvent]:
    folder = tmp_path_factory.mktemp("asked")
    url = f"sqlite:///{folder / 'event.db'}"
    with workshop_in(folder) as paths, event_of(paths, "asked", 2, url, budget_usd=2000, reserve=1) as found:
        invitations = [
            Invitation(person=person_of_seat(n), role=Role.PARTICIPANT, invited_at=found.now(), seat=n) for n in (1, 2)
        ]
        staff = Invitation(person="staff-1", role=Role.HELPER, invited_at=found.now())
        found.store.invitations.invite([*invitations, staff])
        yield found


def ask(event: SandboxEvent, action: str, seat: int | None = 1, person: str = "workshop-01", **data: object) -> None:
    event.store.requests.ask(person, action, event.now(), seat=seat, data=data)


def said_last(event: SandboxEvent) -> Mapping[str, object]:
    """The last answer."""
    with event.store.records.engine.connect() as connection:
        answers = connection.scalars(select(REQUESTS.c.answer).order_by(REQUESTS.c.id))
        return [*answers][-1]


def late(event: SandboxEvent) -> str:
    """Somebody who came by the room's code."""
    sessions = Sessions(event.store.records.engine, event.name)
    assert sessions.wait("Late Example", "late@example.com", "0" * 64, event.now())
    return event.store.room.queue()[0].id


def test_people_save_download_stop_start_and_come_late(event: SandboxEvent) -> None:
    records = event.store.records
    with event.keeper() as keeper:
        event.until(keeper, lambda: event.states() == ["ready"] * 2)
        ends_at = records.seats()[0].ends_at
        event.run(1, "sh", "-c", "echo work > notes.txt")
        event.move(MINUTE)
        ask(event, "save")
        assert "save workshop-01" in event.until(keeper, lambda: bool(records.receipts()))
        ask(event, "download")
        keeper.once()
        answer = said_last(event)
        got = httpx.get(str(answer["url"]), trust_env=False)
        assert got.content[:2] == b"\x1f\x8b"  # it is gzip's

        ask(event, "extend", minutes=30)
        keeper.once()
        keeper.once()
        assert records.seats()[0].ends_at == (ends_at or event.now()) + 30 * MINUTE

        # Somebody stopped it in Coder; its person has it started again.
        event.systems.coder.build(records.seats()[0].workspace_id or "", "stop")
        event.until(keeper, lambda: event.states()[0] == "stopped")
        event.move(MINUTE)
        ask(event, "start")
        assert "start workshop-01" in event.until(keeper, lambda: event.states()[0] == "ready")

        waiting = late(event)
        ask(event, "admit", None, "staff-1", waiting=waiting)
        event.until(keeper, lambda: event.states() == ["ready"] * 3)
        assert event.store.room.of(waiting) is not None

        ask(event, "finish", 2, "workshop-02")
        event.until(keeper, lambda: event.states()[1] == "stopped", step=MINUTE / 2)
    done = {entry.action for entry in records.journal() if entry.phase == "done" and entry.action.startswith("ask-")}
    assert done == {"ask-save", "ask-download", "ask-extend", "ask-start", "ask-admit", "ask-finish"}


def test_who_is_killed_before_the_answer_does_it_once(event: SandboxEvent, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """As a process that is gone."""

    def gone(*_: object, **__: object) -> None:
        raise Killed

    before = len(event.store.records.extensions())
    with event.keeper() as keeper, monkeypatch.context() as patch:
        event.until(keeper, lambda: event.states()[0] == "ready")
        ask(event, "extend", minutes=30)
        patch.setattr(Requests, "answer", gone)
        with pytest.raises(Killed):
            keeper.once()
    assert len(event.store.records.extensions()) == before + 1
    with event.keeper() as keeper:
        keeper.once()
    assert len(event.store.records.extensions()) == before + 1
    assert event.store.requests.unanswered() == ()
