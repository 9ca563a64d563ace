"""An event in a week, with people in its store, and a real mail server."""

from __future__ import annotations

import email
import shutil
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.model.given import settings
from tests.sandbox.servers_for_tests import free_port
from workshop.event.mail.delivery import Transport
from workshop.event.mail.sender import Sender
from workshop.event.mail.server import MailServer
from workshop.event.mail.texts import Texts
from workshop.event.store.cached import Store, opened
from workshop.event.store.database import open_store
from workshop.event.store.records import SeatRecord
from workshop.model.event.mail.due import next_mail, times_of
from workshop.model.event.mail.outbox import Mail, State
from workshop.model.event.people import Invitation, Role, person_of_seat, staff
from workshop.model.settings.mailing import Mailing
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

START = datetime(2026, 10, 9, 11, tzinfo=UTC)
NOW = START - timedelta(days=7)
EVENT = {
    "name": "october",
    "title": "Agents & clouds",
    "template": "coder/docker",
    "latest_end": "6h",
    "budget_usd": 200,
    "join_host": "join.example.com",
    "time_zone": "Europe/London",
    "early_access": "24h",
}
PEOPLE = ("Ada", "Bob", "Cy")


@dataclass
class Post:
    """What a mail server got, and how it answers: by the address of the recipient, or to every mail's data."""

    port: int
    taken: list[EmailMessage] = field(default_factory=list[EmailMessage])
    recipients: list[str] = field(default_factory=list[str])
    answers: dict[str, str] = field(default_factory=dict[str, str])
    to_data: str = "250 2.0.0 taken"
    before_data: Callable[[SMTP], None] = lambda _: None
    after_data: Callable[[SMTP], None] = lambda _: None

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd calls it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 2.1.5 known")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.before_data(server)
        if self.to_data.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            message = email.message_from_bytes(content, policy=default)
            assert isinstance(message, EmailMessage)
            self.taken.append(message)
            self.recipients += [str(one) for one in envelope.rcpt_tos]
        self.after_data(server)
        return self.to_data


def hang_up(server: SMTP) -> None:
    """The server is gone, without a word."""
    assert server.transport is not None
    server.transport.abort()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


@pytest.fixture
def post() -> Generator[Post]:
    found = Post(port=free_port())
    controller = Controller(found, hostname="127.0.0.1", port=found.port)
    controller.start()
    try:
        yield found
    finally:
        controller.stop()


@dataclass(kw_only=True)
class Mailed:
    """An event whose mails are sent, on a clock that is moved."""

    settings: Settings
    store: Store
    now: datetime = NOW

    @property
    def mailing(self) -> Mailing:
        return given(given(self.settings.event).mail)

    def sender(self, connect: Callable[[], Transport] | None = None, own: Path | None = None) -> Sender:
        return Sender(
            self.settings,
            self.store,
            Texts(own),
            connect or (lambda: MailServer(self.mailing)),
            origin="https://join.example.com",
            clock=lambda: self.now,
        )

    def add(self, kind: str = "invitation", seat: int = 1) -> Mail:
        times = times_of(self.settings, None, None)
        person = person_of_seat(seat)
        mail = next_mail(kind, person, times, [one for one in self.outbox() if one.person == person], self.now)
        self.store.outbox.add([mail])
        return mail

    def outbox(self) -> tuple[Mail, ...]:
        return self.store.outbox.all()

    def states(self) -> list[tuple[str, State]]:
        return [(one.person, one.state) for one in self.outbox()]


def settings_of(port: int, **mail: object) -> Settings:
    """mail: further settings of it."""
    mailing = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "Workshop <workshop@example.com>",
        **mail,
    }
    return settings(
        window={"start": "2026-10-09T12:00+01:00", "duration": "4h"},
        event={**EVENT, "mail": mailing},
        spend_ceiling_usd=None,
    )


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database whose tables are there: making them takes longer than most tests."""
    file = tmp_path_factory.mktemp("store") / "event.db"
    open_store(f"sqlite:///{file}").dispose()
    return file


@pytest.fixture
def mailed(post: Post, empty_store: Path, tmp_path: Path) -> Generator[Mailed]:
    """Three people who are invited, and a helper."""
    shutil.copy(empty_store, tmp_path / "event.db")
    with opened(f"sqlite:///{tmp_path / 'event.db'}", "october") as store:
        seats = [
            SeatRecord(seat=seat, email=f"{name.lower()}@example.com", name=name, is_wanted=False)
            for seat, name in enumerate(PEOPLE, 1)
        ]
        invitations = [
            Invitation(
                person=person_of_seat(one.seat), role=Role.PARTICIPANT, seat=one.seat, invited_at=NOW, max_devices=2
            )
            for one in seats
        ]
        eve = Invitation(person=staff(1), role=Role.HELPER, email="eve@example.com", name="Eve", invited_at=NOW)
        store.invitations.invite([*invitations, eve], seats=seats)
        yield Mailed(settings=settings_of(post.port), store=store)
