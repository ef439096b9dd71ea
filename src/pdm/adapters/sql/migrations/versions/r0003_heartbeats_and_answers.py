"""Heartbeats of the platform's own stages, answers kept under idempotency keys, and an outbox of several topics."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two tables and an index."""
    op.create_table(
        "heartbeats",
        sa.Column("stage", sa.String(64), primary_key=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.Text(), nullable=False, server_default=""),
    )
    op.create_table(
        "kept_answers",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, server_default=""),
    )
    op.create_index("kept_answers_by_age", "kept_answers", ["at"])
    op.create_index("outbox_by_topic", "outbox", ["topic", "sent_at"])


def downgrade() -> None:
    """Forget them."""
    op.drop_index("outbox_by_topic", "outbox")
    op.drop_table("kept_answers")
    op.drop_table("heartbeats")
