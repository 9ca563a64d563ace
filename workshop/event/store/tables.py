"""The tables of an event's store. Every row is of one event.

Personal data stands in `seats`, `invitations` and `waiting` alone, as email, name and account, in what people wrote
(`hands`), and in what is shown of both (`boards`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Integer,
    Interval,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

METADATA: Final = MetaData()


class Moment(TypeDecorator[datetime]):
    """A moment, aware of its time zone here and UTC in the database: SQLite keeps no offset."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """As it is stored."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """As it is here."""
        return None if value is None else value.replace(tzinfo=UTC)


def _event() -> Column[str]:
    return Column("event", String(63), primary_key=True)


NODE_RUNS: Final = Table(
    "node_runs",
    METADATA,
    _event(),
    Column("instance", String(32), primary_key=True),
    Column("region", String(32), nullable=False),
    Column("instance_type", String(32), nullable=False),
    Column("launched_at", Moment, nullable=False),
    Column("ended_at", Moment),
)
LOOKS: Final = Table(
    "looks",
    METADATA,
    _event(),
    Column("region", String(32), primary_key=True),
    Column("seen_at", Moment, nullable=False),
)
THRESHOLDS: Final = Table(
    "thresholds",
    METADATA,
    _event(),
    Column("budget_usd", Integer, primary_key=True),
    Column("percent", Integer, primary_key=True),
    Column("reached_at", Moment, nullable=False),
)
EVENTS: Final = Table(
    "events",
    METADATA,
    _event(),
    Column("generation", Integer, nullable=False),
    Column("heartbeat_at", Moment),
    Column("provisioned_at", Moment),
    Column("ended_at", Moment),
    Column("reason", String(200)),
    Column("settled_at", Moment),
    Column("look", JSON, nullable=False),
)
SEATS: Final = Table(
    "seats",
    METADATA,
    _event(),
    Column("seat", Integer, primary_key=True),
    Column("email", String(254)),
    Column("name", String(128)),
    Column("account", String(32)),
    Column("is_found", Boolean, nullable=False),
    Column("is_wanted", Boolean, nullable=False),
    Column("is_ours", Boolean, nullable=False),
    Column("had_ban", Boolean),
    Column("is_banned", Boolean, nullable=False),
    Column("finished_at", Moment),
    Column("failures", Integer, nullable=False),
    Column("problem", Text, nullable=False),
    Column("workspace_id", String(36)),
    Column("ready_build", Integer),
    Column("state", String(16), nullable=False),
    Column("save_wanted_at", Moment),
    Column("restore_from", Integer),
    Column("restored", Text, nullable=False),
    Column("key_alias", String(64)),
    Column("start_wanted_at", Moment),
    Column("restart_wanted_at", Moment),
    Column("move_wanted_at", Moment),
    Column("ends_at", Moment),
)
EXTENSIONS: Final = Table(
    "extensions",
    METADATA,
    _event(),
    Column("id", Integer, primary_key=True),
    Column("seat", Integer, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("hours", Interval),
)
RECEIPTS: Final = Table(
    "receipts",
    METADATA,
    _event(),
    Column("seat", Integer, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("workspace_id", String(36), nullable=False),
    Column("build_number", Integer, nullable=False),
    Column("result", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("files", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("key", Text, nullable=False),
    Column("content", String(64), nullable=False),
    Column("left_out", JSON, nullable=False),
)
NOTICES: Final = Table(
    "notices",
    METADATA,
    _event(),
    Column("seat", Integer, primary_key=True),
    Column("minutes", Integer, primary_key=True),
    Column("ends_at", Moment, primary_key=True),
    Column("given_at", Moment, nullable=False),
)
ENDED_CLAIMS: Final = Table(
    "ended_claims",
    METADATA,
    _event(),
    Column("instance", String(32), primary_key=True),
    Column("deleted_at", Moment, nullable=False),
)
JOURNAL: Final = Table(
    "journal",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("event", String(63), nullable=False, index=True),
    Column("generation", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("phase", String(8), nullable=False),
    Column("text", Text, nullable=False),
)
INVITATIONS: Final = Table(
    "invitations",
    METADATA,
    _event(),
    Column("person", String(32), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("seat", Integer),
    Column("email", String(254)),
    Column("name", String(128)),
    Column("invited_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    Column("accepted_at", Moment),
    Column("max_devices", Integer),
    Column("is_transferable", Boolean, nullable=False),
    Column("is_external", Boolean, nullable=False),
)
LINKS: Final = Table(
    "links",
    METADATA,
    _event(),
    Column("hash", String(64), primary_key=True),
    Column("person", String(32), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)
OUTBOX: Final = Table(
    "outbox",
    METADATA,
    _event(),
    Column("person", String(32), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("due_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tried_at", Moment),
    Column("problem", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("revision", Integer),
)
SESSIONS: Final = Table(
    "sessions",
    METADATA,
    _event(),
    Column("hash", String(64), primary_key=True),
    Column("person", String(32), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)
ROOM_CODES: Final = Table(
    "room_codes",
    METADATA,
    _event(),
    Column("hash", String(64), primary_key=True),
    Column("opened_at", Moment, nullable=False),
    Column("closes_at", Moment, nullable=False),
)
WAITING: Final = Table(
    "waiting",
    METADATA,
    _event(),
    Column("id", String(64), primary_key=True),
    Column("email", String(254)),
    Column("name", String(128)),
    Column("came_at", Moment, nullable=False),
    Column("admitted_at", Moment),
    Column("person", String(32)),
)
REQUESTS: Final = Table(
    "requests",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("event", String(63), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("person", String(32), nullable=False),
    Column("action", String(32), nullable=False),
    Column("seat", Integer),
    Column("data", JSON, nullable=False),
    Column("answered_at", Moment),
    Column("answer", JSON),
    Column("problem", Text, nullable=False),
)
HANDS: Final = Table(
    "hands",
    METADATA,
    _event(),
    Column("seat", Integer, primary_key=True),
    Column("raised_at", Moment, primary_key=True),
    Column("text", String(200), nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", String(32)),
)
CONSENTS: Final = Table(
    "consents",
    METADATA,
    _event(),
    Column("seat", Integer, primary_key=True),
    Column("given_at", Moment, primary_key=True),
    Column("until", Moment, nullable=False),
)
BOARDS: Final = Table(
    "boards",
    METADATA,
    _event(),
    Column("at", Moment, nullable=False),
    Column("board", JSON, nullable=False),
)
SAMPLES: Final = Table(
    "samples",
    METADATA,
    _event(),
    Column("at", Moment, primary_key=True),
    Column("sample", JSON, nullable=False),
)
