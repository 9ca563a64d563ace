"""People's links, what they ask for, mail to them, and what is shown of an event."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes its tables, and columns of seats."""
    for name in ("start_wanted_at", "restart_wanted_at", "move_wanted_at"):
        op.add_column("seats", sa.Column(name, sa.DateTime))
    op.add_column("seats", sa.Column("ends_at", sa.DateTime))
    op.create_table(
        "invitations",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("person", sa.String(32), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("seat", sa.Integer),
        sa.Column("email", sa.String(254)),
        sa.Column("name", sa.String(128)),
        sa.Column("invited_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime),
        sa.Column("revoked_at", sa.DateTime),
        sa.Column("accepted_at", sa.DateTime),
        sa.Column("max_devices", sa.Integer),
        sa.Column("is_transferable", sa.Boolean, nullable=False),
        sa.Column("is_external", sa.Boolean, nullable=False),
    )
    op.create_table(
        "links",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("person", sa.String(32), nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("revoked_at", sa.DateTime),
    )
    op.create_table(
        "outbox",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("person", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("tried_at", sa.DateTime),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("starts_at", sa.DateTime, nullable=False),
        sa.Column("ends_at", sa.DateTime, nullable=False),
        sa.Column("revision", sa.Integer),
    )
    op.create_table(
        "sessions",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("person", sa.String(32), nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("revoked_at", sa.DateTime),
    )
    op.create_table(
        "room_codes",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("opened_at", sa.DateTime, nullable=False),
        sa.Column("closes_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "waiting",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("email", sa.String(254)),
        sa.Column("name", sa.String(128)),
        sa.Column("came_at", sa.DateTime, nullable=False),
        sa.Column("admitted_at", sa.DateTime),
        sa.Column("person", sa.String(32)),
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("event", sa.String(63), nullable=False, index=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("person", sa.String(32), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("seat", sa.Integer),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("answered_at", sa.DateTime),
        sa.Column("answer", sa.JSON),
        sa.Column("problem", sa.Text, nullable=False),
    )
    op.create_table(
        "hands",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("seat", sa.Integer, primary_key=True),
        sa.Column("raised_at", sa.DateTime, primary_key=True),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("closed_at", sa.DateTime),
        sa.Column("closed_by", sa.String(32)),
    )
    op.create_table(
        "consents",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("seat", sa.Integer, primary_key=True),
        sa.Column("given_at", sa.DateTime, primary_key=True),
        sa.Column("until", sa.DateTime, nullable=False),
    )
    op.create_table(
        "boards",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("board", sa.JSON, nullable=False),
    )
    op.create_table(
        "samples",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("at", sa.DateTime, primary_key=True),
        sa.Column("sample", sa.JSON, nullable=False),
    )
