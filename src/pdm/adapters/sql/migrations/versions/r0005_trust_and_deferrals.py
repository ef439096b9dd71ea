"""The trust ladder, and proposals to do preventive tasks later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Two tables; without a row in the first, a ladder stands where its definition says."""
    op.create_table(
        "trust",
        sa.Column("asset_class", sa.String(200), primary_key=True),
        sa.Column("failure_mode", sa.String(200), primary_key=True),
        sa.Column("rung", sa.String(20), nullable=False),
        sa.Column("ceiling", sa.String(20), nullable=False),
        sa.Column("since", _MOMENT, nullable=True),
        *[_text(name) for name in ("why", "raised_by")],
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "deferrals",
        sa.Column("id", sa.String(64), primary_key=True),
        *[sa.Column(name, sa.String(200), nullable=False) for name in ("source", "plan", "asset")],
        _text("text"),
        sa.Column("due", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("risk", sa.Float(53), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        *[_text(name) for name in ("approver", "proposed_by")],
        sa.Column("proposed_at", _MOMENT, nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=True),
        _text("why"),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("deferrals_by_asset", "deferrals", ["asset", "due"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("deferrals")
    op.drop_table("trust")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")
