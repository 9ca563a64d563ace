"""Seats, what was done for them, and the keeper's journal."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes its tables."""
    op.create_table(
        "events",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("heartbeat_at", sa.DateTime),
        sa.Column("provisioned_at", sa.DateTime),
        sa.Column("ended_at", sa.DateTime),
        sa.Column("reason", sa.String(200)),
        sa.Column("settled_at", sa.DateTime),
        sa.Column("look", sa.JSON, nullable=False),
    )
    op.create_table(
        "seats",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("seat", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(254)),
        sa.Column("name", sa.String(128)),
        sa.Column("account", sa.String(32)),
        sa.Column("is_found", sa.Boolean, nullable=False),
        sa.Column("is_wanted", sa.Boolean, nullable=False),
        sa.Column("is_ours", sa.Boolean, nullable=False),
        sa.Column("had_ban", sa.Boolean),
        sa.Column("is_banned", sa.Boolean, nullable=False),
        sa.Column("finished_at", sa.DateTime),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("workspace_id", sa.String(36)),
        sa.Column("ready_build", sa.Integer),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("save_wanted_at", sa.DateTime),
        sa.Column("restore_from", sa.Integer),
        sa.Column("restored", sa.Text, nullable=False),
        sa.Column("key_alias", sa.String(64)),
    )
    op.create_table(
        "extensions",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("seat", sa.Integer, nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("ends_at", sa.DateTime, nullable=False),
        sa.Column("hours", sa.Interval),
    )
    op.create_table(
        "receipts",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("seat", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime, primary_key=True),
        sa.Column("workspace_id", sa.String(36), nullable=False),
        sa.Column("build_number", sa.Integer, nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("files", sa.Integer, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("left_out", sa.JSON, nullable=False),
    )
    op.create_table(
        "notices",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("seat", sa.Integer, primary_key=True),
        sa.Column("minutes", sa.Integer, primary_key=True),
        sa.Column("ends_at", sa.DateTime, primary_key=True),
        sa.Column("given_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "ended_claims",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("instance", sa.String(32), primary_key=True),
        sa.Column("deleted_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("event", sa.String(63), nullable=False, index=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("phase", sa.String(8), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
