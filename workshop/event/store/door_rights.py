"""What the door may read and write: what its queries ask for, and what its role in PostgreSQL is granted.

Addresses are not among it, nor is anything that was done or spent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import Column, Table

from workshop.event.store.tables import (
    BOARDS,
    CONSENTS,
    EVENTS,
    EXTENSIONS,
    HANDS,
    INVITATIONS,
    LINKS,
    RECEIPTS,
    REQUESTS,
    ROOM_CODES,
    SEATS,
    SESSIONS,
    WAITING,
)

_OF_SEATS: Final = frozenset(
    {
        "seat",
        "name",
        "account",
        "is_found",
        "is_wanted",
        "finished_at",
        "failures",
        "workspace_id",
        "ready_build",
        "state",
        "save_wanted_at",
        "start_wanted_at",
        "ends_at",
    }
)

READ: Final[Mapping[Table, tuple[Column[object], ...]]] = {
    EVENTS: (EVENTS.c.heartbeat_at, EVENTS.c.provisioned_at, EVENTS.c.ended_at, EVENTS.c.reason),
    SEATS: tuple(column for column in SEATS.c if column.name in _OF_SEATS),
    EXTENSIONS: (EXTENSIONS.c.seat, EXTENSIONS.c.made_at, EXTENSIONS.c.ends_at, EXTENSIONS.c.hours),
    RECEIPTS: tuple(column for column in RECEIPTS.c if column.name in ("seat", "at", "result", "reason", "key")),
    INVITATIONS: tuple(column for column in INVITATIONS.c if column.name not in ("event", "email")),
    LINKS: (LINKS.c.hash, LINKS.c.person, LINKS.c.expires_at, LINKS.c.revoked_at),
    ROOM_CODES: (ROOM_CODES.c.hash, ROOM_CODES.c.closes_at),
    WAITING: (WAITING.c.id, WAITING.c.name, WAITING.c.came_at, WAITING.c.admitted_at, WAITING.c.person),
    REQUESTS: tuple(column for column in REQUESTS.c if column.name != "event"),
    SESSIONS: tuple(column for column in SESSIONS.c if column.name != "event"),
    HANDS: tuple(column for column in HANDS.c if column.name != "event"),
    CONSENTS: tuple(column for column in CONSENTS.c if column.name != "event"),
    BOARDS: tuple(column for column in BOARDS.c if column.name != "event"),
}
"""Columns by table, beside the event's name."""

WRITTEN: Final[Mapping[Table, str]] = {
    SESSIONS: "INSERT, UPDATE (seen_at, revoked_at)",
    WAITING: "INSERT",
    REQUESTS: "INSERT",
}


def grants(role: str) -> str:
    """SQL that makes the role, unless it is there, and gives it these rights; a statement a line.

    To be run by the owner of the tables, once these are there.
    """
    made = f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
    return "\n".join([made, *_grants(role)]) + "\n"


def _grants(role: str) -> Iterator[str]:
    for table, columns in READ.items():
        names = ", ".join(["event", *(column.name for column in columns)])
        yield f"GRANT SELECT ({names}) ON {table.name} TO {role};"
    for table, rights in WRITTEN.items():
        yield f"GRANT {rights} ON {table.name} TO {role};"
    yield f"GRANT USAGE ON SEQUENCE {REQUESTS.name}_id_seq TO {role};"
