"""Questions to operations, comments, and what delays and escalation count from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Two columns of alerts, two tables; alerts that are open stay as they are."""
    op.add_column("alerts", sa.Column("below_since", _MOMENT, nullable=True))
    op.add_column("alerts", sa.Column("escalated_at", _MOMENT, nullable=True))
    op.create_table(
        "notices",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("asset_class", sa.String(200), nullable=False),
        sa.Column("suspicion", sa.String(200), nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False, server_default="") for name in ("cause", "title")],
        sa.Column("assets", sa.JSON(), nullable=False),
        sa.Column("cases", sa.JSON(), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False, server_default="") for name in ("answer", "answered_by", "why")],
        sa.Column("answered_at", _MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("notices_by_state", "notices", ["state", "opened_at"])
    op.create_table(
        "comments",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False, server_default="") for name in ("by", "text")],
    )
    op.create_index("comments_by_subject", "comments", ["subject", "at"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("comments")
    op.drop_table("notices")
    op.drop_column("alerts", "escalated_at")
    op.drop_column("alerts", "below_since")
