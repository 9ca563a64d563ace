"""Who is at the door: links redeemed for sessions, and who waits by the room's code. Only hashes are kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, insert, select, update

from workshop.event.store.door_rights import READ
from workshop.event.store.tables import INVITATIONS, LINKS, ROOM_CODES, SEATS, SESSIONS, WAITING
from workshop.model.event.people import Invitation, Role

LIFETIME: Final = timedelta(days=14)
"""Of a session. Later mails bring fresh links."""

SEEN_EVERY: Final = timedelta(minutes=5)
"""How exactly it is kept when a session was seen last."""

MOST_WAITING: Final = 200
"""In the queue at once: who has the room's code can't fill the store."""

_WAITING: Final = "waiting-"
"""Begins the person of who has no seat yet."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """A device that somebody uses. person: as the invitation has it; of who has no seat yet, None.

    waiting: the id of who came by the room's code.
    """

    hash: str
    person: str | None
    waiting: str | None = None


class Sessions:
    """One event's. Methods raise sqlalchemy.exc.SQLAlchemyError where the database is away."""

    def __init__(self, engine: Engine, event: str) -> None:
        self._engine = engine
        self._event = event

    def guest(self, link: str, now: datetime) -> Invitation | None:
        """Whose link it is, by its hash; None for one that is unknown, revoked or over: nobody learns which."""
        with self._engine.connect() as connection:
            return self._guest(connection, link, now)

    def redeem(self, link: str, session: str, now: datetime) -> Invitation | None:
        """Begins a session by its hash, and ends those of the person that would be too many, the oldest first."""
        with self._engine.begin() as connection:
            guest = self._guest(connection, link, now)
            if guest is not None:
                self._begin(connection, guest.person, session, now)
                self._end_oldest(connection, guest, session, now)
            return guest

    def of(self, session: str, now: datetime) -> Session | None:
        """Whose session it is, by its hash; None once it is over."""
        columns = SESSIONS.c
        asked = select(columns.person, columns.seen_at).where(
            columns.event == self._event,
            columns.hash == session,
            columns.revoked_at.is_(None),
            columns.expires_at > now,
        )
        with self._engine.begin() as connection:
            found = connection.execute(asked).one_or_none()
            if found is None:
                return None
            if now - found.seen_at >= SEEN_EVERY:
                connection.execute(self._set(session, seen_at=now))
            if not str(found.person).startswith(_WAITING):
                return Session(hash=session, person=found.person)
            identity = str(found.person).removeprefix(_WAITING)
            became = select(WAITING.c.person).where(WAITING.c.event == self._event, WAITING.c.id == identity)
            return Session(hash=session, person=connection.scalar(became), waiting=identity)

    def person(self, person: str) -> Invitation | None:
        """Somebody's invitation, without addresses; None for one that was withdrawn."""
        with self._engine.connect() as connection:
            found = self._invitation(connection, person)
        return found if found is not None and found.revoked_at is None else None

    def end(self, session: str, now: datetime) -> None:
        """Signs a device out."""
        with self._engine.begin() as connection:
            connection.execute(self._set(session, revoked_at=now))

    def devices(self, person: str, now: datetime) -> int:
        """On how many devices somebody is."""
        with self._engine.connect() as connection:
            return len(self._live(connection, person, now))

    def is_room_code(self, code: str, now: datetime) -> bool:
        """Whether the room is open with this code, by its hash."""
        asked = select(ROOM_CODES.c.closes_at).where(ROOM_CODES.c.event == self._event, ROOM_CODES.c.hash == code)
        with self._engine.connect() as connection:
            closes_at = connection.scalar(asked)
        return closes_at is not None and now < closes_at

    def wait(self, name: str, email: str, session: str, now: datetime) -> bool:
        """Puts somebody into the queue, and begins a session of theirs; False where too many wait already."""
        identity = secrets.token_hex(8)
        if len(self.queue()) >= MOST_WAITING:
            return False
        with self._engine.begin() as connection:
            values = {"id": identity, "name": name, "email": email, "came_at": now}
            connection.execute(insert(WAITING).values(event=self._event, **values))
            self._begin(connection, f"{_WAITING}{identity}", session, now)
        return True

    def queue(self) -> tuple[tuple[str, str, datetime], ...]:
        """Who waits, the first who came first: id, name, and since when."""
        columns = WAITING.c
        asked = (
            select(columns.id, columns.name, columns.came_at)
            .where(columns.event == self._event, columns.admitted_at.is_(None))
            .order_by(columns.came_at, columns.id)
        )
        with self._engine.connect() as connection:
            return tuple((str(one.id), str(one.name or ""), one.came_at) for one in connection.execute(asked))

    def _guest(self, connection: Connection, link: str, now: datetime) -> Invitation | None:
        columns = LINKS.c
        asked = select(columns.person, columns.expires_at, columns.revoked_at).where(
            columns.event == self._event, columns.hash == link
        )
        row = connection.execute(asked).one_or_none()
        found = self._invitation(connection, "" if row is None else row.person)
        if row is None or found is None or row.revoked_at is not None or now >= row.expires_at:
            return None
        return found if found.is_open(now) else None

    def _invitation(self, connection: Connection, person: str) -> Invitation | None:
        mine = (INVITATIONS.c.event == self._event, INVITATIONS.c.person == person)
        row = connection.execute(select(*READ[INVITATIONS]).where(*mine)).mappings().one_or_none()
        if row is None:
            return None
        values: dict[str, Any] = {**row, "role": Role(row["role"])}
        if row["seat"] is not None:
            own = (SEATS.c.event == self._event, SEATS.c.seat == row["seat"])
            values["name"] = connection.scalar(select(SEATS.c.name).where(*own))
        return Invitation(**values)

    def _begin(self, connection: Connection, person: str, session: str, now: datetime) -> None:
        values = {"hash": session, "person": person, "made_at": now, "seen_at": now, "expires_at": now + LIFETIME}
        connection.execute(insert(SESSIONS).values(event=self._event, **values))

    def _end_oldest(self, connection: Connection, guest: Invitation, newest: str, now: datetime) -> None:
        if guest.max_devices is None:
            return
        others = [one for one in self._live(connection, guest.person, now) if one != newest]
        for session in others[: max(len(others) + 1 - guest.max_devices, 0)]:
            connection.execute(self._set(session, revoked_at=now))

    def _live(self, connection: Connection, person: str, now: datetime) -> list[str]:
        """The hashes of somebody's sessions, the oldest first."""
        columns = SESSIONS.c
        asked = (
            select(columns.hash)
            .where(
                columns.event == self._event,
                columns.person == person,
                columns.revoked_at.is_(None),
                columns.expires_at > now,
            )
            .order_by(columns.made_at)
        )
        return [str(one) for one in connection.scalars(asked)]

    def _set(self, session: str, **values: datetime) -> Any:  # noqa: ANN401 - an Update
        return update(SESSIONS).where(SESSIONS.c.event == self._event, SESSIONS.c.hash == session).values(**values)
