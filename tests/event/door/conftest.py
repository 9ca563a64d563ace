"""A door with an event of three people and staff, and browsers in front of it."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from tests.model.given import settings
from workshop.event.door.app import door_app
from workshop.event.keeper.requests import Desk
from workshop.event.store.cached import Store, opened, remember
from workshop.event.store.database import engine_at
from workshop.event.store.records import SeatRecord
from workshop.model.event.door import DoorRequest
from workshop.model.event.people import Invitation, Role, person_of_seat
from workshop.model.event.receipts import Receipt, Result

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
ORIGIN = "https://join.example.com"
EVENT = {
    "name": "october",
    "template": "coder/docker",
    "latest_end": "6h",
    "budget_usd": 200,
    "reserve": 2,
    "early_access": "12h",
    "join_host": "join.example.com",
}


def request(**event: object) -> DoorRequest:
    """What the door is started with. event: changes to its settings."""
    window = {"start": "2026-12-01T09:00+00:00", "duration": "5h"}
    made = settings(users="10", window=window, event={**EVENT, **event})
    return DoorRequest(settings=made, origin=ORIGIN, coder_url="https://ai.example.com")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """SQLite's; where both databases are meant, a test file has the fixture of tests/event/conftest.py."""
    return f"sqlite:///{tmp_path / 'event.db'}"


REQUEST = request()
SETTINGS = REQUEST.settings
NAMES = ("Ada Example", "<script>alert(1)</script>", 'Zoë O\'Example & "Co"')


class Browser:
    """Somebody's browser: it keeps cookies, and sends a form as it is on the page."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str) -> Response:
        return self.client.get(path)

    def post(self, path: str, page: str | None = None, origin: str | None = ORIGIN, **form: str) -> Response:
        """Sends a form from the page on which it is."""
        found = re.search(r'name="csrf" value="(\w+)"', self.get(page or path).text)
        headers = {} if origin is None else {"Origin": origin}
        return self.client.post(path, data={"csrf": found[1] if found else "", **form}, headers=headers)


@dataclass(kw_only=True)
class AtTheDoor:
    """now: the door's clock and the keeper's. url: of the store."""

    store: Store
    url: str
    now: datetime = START
    clients: list[TestClient] = field(default_factory=list[TestClient])

    def __post_init__(self) -> None:
        self.engine = engine_at(self.url)
        self.app = door_app(REQUEST, self.engine, lambda: self.now)

    def browser(self, **cookies: str) -> Browser:
        client = TestClient(self.app, base_url=ORIGIN, cookies=cookies, follow_redirects=False)
        self.clients.append(client)
        return Browser(client)

    def link(self, person: str = "workshop-01") -> str:
        return f"/i/{self.store.invitations.new_link(person, self.now, self.now + timedelta(days=7))}"

    def of(self, person: str = "workshop-01") -> Browser:
        """The browser of somebody who has come in."""
        browser = self.browser()
        assert browser.post(self.link(person)).status_code == 303
        return browser

    def keeper_looks(self) -> None:
        """Does what was asked for, and says that it lives."""
        records = self.store.records
        generation = records.event().generation or records.take_over(self.now)
        records.beat(generation, self.now)
        desk = Desk(
            SETTINGS,
            self.store,
            None,  # pyright: ignore[reportArgumentType]
            lambda receipt: (f"https://s3.example.com/{receipt.key}", MINUTES),
            lambda seat, pod, text: f"written to 1 terminal: {text}",
        )
        desk.answer_all(remember(records, SETTINGS), generation, self.now)

    def make(self, seat: int = 1, **values: object) -> None:
        """Sets what the keeper sees of a seat."""
        self.store.records.change_seat(seat, **values)

    def make_ready(self, seat: int = 1) -> None:
        ends_at = START + timedelta(hours=5)
        self.make(seat, state="ready", is_found=True, account=f"person-{seat}", ready_build=1, ends_at=ends_at)

    def save(self, seat: int, result: Result = Result.SAVED, reason: str = "") -> None:
        """An archive, or why there is none."""
        archive = {"bytes": 9, "sha256": "0" * 64, "key": f"october/{seat:02}/x-1.tar.gz"}
        made = {
            "seat": seat,
            "workspace_id": "w",
            "build_number": 1,
            "at": self.now,
            "result": result,
            "reason": reason,
        }
        self.store.records.add_receipt(Receipt.model_validate({**made, **(archive if result is Result.SAVED else {})}))

    def asked(self) -> list[tuple[str, str, int | None]]:
        return [(one.person, one.action, one.seat) for one in self.store.requests.unanswered()]


MINUTES = timedelta(minutes=5)


@pytest.fixture
def door(url: str) -> Generator[AtTheDoor]:
    with a_door(url, NAMES) as found:
        yield found


@contextmanager
def a_door(url: str, names: Sequence[str]) -> Generator[AtTheDoor]:
    """With seats for people of these names, an instructor and a helper."""
    with opened(url, "october") as store:
        store.invitations.invite(
            [
                *(
                    Invitation(person=person_of_seat(n), role=Role.PARTICIPANT, invited_at=START, seat=n, max_devices=2)
                    for n in range(1, len(names) + 1)
                ),
                Invitation(person="staff-1", role=Role.INSTRUCTOR, invited_at=START, name="Ines Example"),
                Invitation(person="staff-2", role=Role.HELPER, invited_at=START, name="Hugo Example"),
            ],
            seats=[
                SeatRecord(seat=n, email=f"person{n}@example.com", name=name, is_wanted=False)
                for n, name in enumerate(names, 1)
            ],
        )
        at = AtTheDoor(store=store, url=url)
        try:
            yield at
        finally:
            for client in at.clients:
                client.close()
            at.engine.dispose()
