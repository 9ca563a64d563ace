"""Who was invited, and the links by which they come. Of a link only its hash is kept."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from workshop.event.store.database import open_store
from workshop.event.store.records import SeatRecord
from workshop.event.store.tables import INVITATIONS, LINKS, OUTBOX, SEATS
from workshop.model.event.mail.outbox import Mail
from workshop.model.event.people import Invitation, Role

TOKEN_BYTES = 32
"""Of a link's secret: 256 bits, which nobody guesses."""


def hash_of(token: str) -> str:
    """What is kept of a link's token: SHA-256 as hex. Tokens are random, so it needs no salt."""
    return sha256(token.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link as it is kept. expires_at: when it stops to work, at the latest."""

    hash: str
    person: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


def new_link(person: str, now: datetime, until: datetime) -> tuple[str, Link]:
    """A token that is kept nowhere, and its link."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return token, Link(hash=hash_of(token), person=person, made_at=now, expires_at=until)


class Invitations:
    """One event's. Methods raise sqlalchemy.exc.SQLAlchemyError where the database is away."""

    def __init__(self, url: str, event: str) -> None:
        """Opens the store at an SQLAlchemy URL. Raises what open_store does."""
        self._engine = open_store(url)
        self._event = event

    def close(self) -> None:
        """Gives the database's connections back."""
        self._engine.dispose()

    def invite(
        self,
        invitations: Collection[Invitation],
        *,
        seats: Collection[SeatRecord] = (),
        mails: Collection[Mail] = (),
        links: Collection[Link] = (),
    ) -> None:
        """Adds people with their seats, mails and links, all or none.

        Raises IntegrityError where one is there already.
        """
        with self._engine.begin() as connection:
            for table, rows in ((SEATS, seats), (INVITATIONS, invitations), (OUTBOX, mails), (LINKS, links)):
                for row in rows:
                    connection.execute(insert(table).values(event=self._event, **asdict(row)))

    def all(self) -> tuple[Invitation, ...]:
        """Everybody's: participants by seat, then staff."""
        asked = select(INVITATIONS).where(INVITATIONS.c.event == self._event)
        with self._engine.connect() as connection:
            rows = connection.execute(asked).mappings().all()
        found = [_invitation(row) for row in rows]
        return tuple(sorted(found, key=lambda one: (one.seat is None, one.seat or 0, len(one.person), one.person)))

    def of(self, person: str) -> Invitation | None:
        """One person's; None if they were never invited."""
        return next((one for one in self.all() if one.person == person), None)

    def new_link(self, person: str, now: datetime, until: datetime) -> str:
        """A new link's token, which is kept nowhere. until: when it stops to work, at the latest."""
        token, link = new_link(person, now, until)
        with self._engine.begin() as connection:
            connection.execute(insert(LINKS).values(event=self._event, **asdict(link)))
        return token

    def person_of(self, token_hash: str, now: datetime) -> str | None:
        """Whose link it is; None for one that is unknown, revoked or over, which must look the same to a stranger."""
        asked = select(LINKS.c.person).where(
            LINKS.c.event == self._event,
            LINKS.c.hash == token_hash,
            LINKS.c.revoked_at.is_(None),
            LINKS.c.expires_at > now,
        )
        with self._engine.connect() as connection:
            person = connection.scalar(asked)
        found = None if person is None else self.of(person)
        return found.person if found is not None and found.is_open(now) else None

    def accepted(self, person: str, at: datetime) -> None:
        """Keeps that they came by their link, at first; from then on their seat is started with all others."""
        mine = (INVITATIONS.c.event == self._event, INVITATIONS.c.person == person)
        with self._engine.begin() as connection:
            done = connection.execute(
                update(INVITATIONS).where(*mine, INVITATIONS.c.accepted_at.is_(None)).values(accepted_at=at)
            )
            if done.rowcount:
                seat = select(INVITATIONS.c.seat).where(*mine).scalar_subquery()
                connection.execute(
                    update(SEATS).where(SEATS.c.event == self._event, SEATS.c.seat == seat).values(is_wanted=True)
                )

    def revoke(self, person: str, at: datetime) -> None:
        """Takes the invitation back: none of its links works any more, and no seat is started for it."""
        mine = (INVITATIONS.c.event == self._event, INVITATIONS.c.person == person)
        with self._engine.begin() as connection:
            connection.execute(
                update(INVITATIONS).where(*mine, INVITATIONS.c.revoked_at.is_(None)).values(revoked_at=at)
            )
            connection.execute(
                update(LINKS)
                .where(LINKS.c.event == self._event, LINKS.c.person == person, LINKS.c.revoked_at.is_(None))
                .values(revoked_at=at)
            )
            seat = select(INVITATIONS.c.seat).where(*mine).scalar_subquery()
            connection.execute(
                update(SEATS).where(SEATS.c.event == self._event, SEATS.c.seat == seat).values(is_wanted=False)
            )

    def invite_again(self, person: str, *, mails: Collection[Mail] = (), links: Collection[Link] = ()) -> None:
        """With further mails and links, whether it was revoked or over; links from before stay as they are."""
        mine = (INVITATIONS.c.event == self._event, INVITATIONS.c.person == person)
        with self._engine.begin() as connection:
            connection.execute(update(INVITATIONS).where(*mine).values(revoked_at=None, expires_at=None))
            seat = select(INVITATIONS.c.seat).where(*mine, INVITATIONS.c.accepted_at.is_not(None)).scalar_subquery()
            connection.execute(
                update(SEATS).where(SEATS.c.event == self._event, SEATS.c.seat == seat).values(is_wanted=True)
            )
            for table, rows in ((OUTBOX, mails), (LINKS, links)):
                for row in rows:
                    connection.execute(insert(table).values(event=self._event, **asdict(row)))


def _invitation(row: RowMapping) -> Invitation:
    values: dict[str, Any] = {key: value for key, value in row.items() if key != "event"}
    values["role"] = Role(values["role"])
    return Invitation(**values)
