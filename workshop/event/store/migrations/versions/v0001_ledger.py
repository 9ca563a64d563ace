"""The ledger: runs of nodes, looks into regions, thresholds that were reported."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes its tables."""
    op.create_table(
        "node_runs",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("instance", sa.String(32), primary_key=True),
        sa.Column("region", sa.String(32), nullable=False),
        sa.Column("instance_type", sa.String(32), nullable=False),
        sa.Column("launched_at", sa.DateTime, nullable=False),
        sa.Column("ended_at", sa.DateTime),
    )
    op.create_table(
        "looks",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("region", sa.String(32), primary_key=True),
        sa.Column("seen_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "thresholds",
        sa.Column("event", sa.String(63), primary_key=True),
        sa.Column("budget_usd", sa.Integer, primary_key=True),
        sa.Column("percent", sa.Integer, primary_key=True),
        sa.Column("reached_at", sa.DateTime, nullable=False),
    )
