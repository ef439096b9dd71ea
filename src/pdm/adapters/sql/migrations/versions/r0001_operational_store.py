"""The operational store as it began: alerts, cases, requests, outbox, verdicts, assessments, audit, leases."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create all tables."""
    _cases_and_alerts()
    _work()
    _assessments()
    _audit_and_leases()


def downgrade() -> None:
    """Drop all tables, children first."""
    for table in (
        "leases",
        "audit_head",
        "audit",
        "latest_assessments",
        "assessments",
        "verdicts",
        "outbox",
        "work_requests",
        "alerts",
        "cases",
    ):
        op.drop_table(table)


def _cases_and_alerts() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(64), primary_key=True),
        _key("asset"),
        _key("asset_class"),
        _text("title"),
        _moment("opened_at", required=True),
        sa.Column("state", sa.String(20), nullable=False),
        _text("owner"),
        _moment("closed_at"),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _unique_where("one_open_case", "cases", ["asset"], "state = 'open'")
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(64), primary_key=True),
        _key("asset"),
        _key("asset_class"),
        _key("failure_mode"),
        sa.Column("state", sa.String(20), nullable=False),
        _moment("first_seen", required=True),
        _moment("last_seen", required=True),
        _moment("raised_at"),
        _moment("state_since"),
        sa.Column("probability", sa.Float(53), nullable=False),
        sa.Column("peak_probability", sa.Float(53), nullable=False),
        sa.Column("horizon", sa.Float(53), nullable=False),
        _text("horizon_unit"),
        sa.Column("remaining", sa.JSON(), nullable=False),
        sa.Column("recent", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        _text("case_id"),
        _text("owner"),
        _moment("shelved_until"),
        _text("shelved_reason"),
        _text("repeat_of"),
        _text("bundle"),
        _moment("closed_at"),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _unique_where("one_open_alert", "alerts", ["asset", "failure_mode"], "state <> 'closed'")
    op.create_index("alerts_by_suspicion", "alerts", ["asset", "failure_mode", "closed_at"])
    op.create_index("alerts_by_state", "alerts", ["state", "last_seen"])
    op.create_index("alerts_by_case", "alerts", ["case_id"])


def _work() -> None:
    op.create_table(
        "work_requests",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("external_ref", sa.String(64), nullable=False),
        sa.Column("case_id", sa.String(64), sa.ForeignKey("cases.id"), nullable=False),
        _key("asset"),
        _key("asset_class"),
        _key("failure_mode"),
        _text("title"),
        _text("text"),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        _moment("created_at", required=True),
        _moment("required_start"),
        _moment("required_end"),
        _moment("latest_safe"),
        _text("location"),
        _text("maintainable_item"),
        _text("detection"),
        sa.Column("crafts", sa.JSON(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("hours", sa.Float(53), nullable=False),
        sa.Column("stop_needed", sa.Boolean(), nullable=False),
        _text("receiver_number"),
        _text("reported_by"),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("external_ref", name="one_request_per_reference"),
    )
    op.create_index("requests_by_state", "work_requests", ["state", "priority"])
    op.create_index("requests_by_case", "work_requests", ["case_id"])
    op.create_index("requests_by_asset", "work_requests", ["asset"])
    op.create_table(
        "outbox",
        sa.Column("seq", Serial, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False),
        _key("topic"),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        _moment("created_at", required=True),
        _moment("sent_at"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _text("last_error"),
        sa.UniqueConstraint("id", name="one_message_per_id"),
        sa.UniqueConstraint("key", name="one_message_per_key"),
    )
    op.create_index("outbox_pending", "outbox", ["sent_at", "seq"])
    op.create_table(
        "verdicts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("case_id", sa.String(64), sa.ForeignKey("cases.id"), nullable=False),
        _key("asset"),
        _text("by"),
        _moment("at", required=True),
        _moment("recorded_at", required=True),
        sa.Column("inspected", sa.Boolean(), nullable=False),
        sa.Column("found", sa.String(20), nullable=False),
        _text("severity"),
        _text("failure_mode"),
        _text("maintainable_item"),
        _text("mechanism"),
        _text("cause"),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("restores", sa.Boolean(), nullable=False),
        sa.Column("actual_hours", sa.Float(53)),
        _text("comment"),
    )
    op.create_index("verdicts_by_case", "verdicts", ["case_id"])
    op.create_index("verdicts_by_asset", "verdicts", ["asset", "at"])


def _assessments() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", Serial, primary_key=True, autoincrement=True),
        _key("asset"),
        _key("asset_class"),
        _moment("as_of", required=True),
        _moment("data_time"),
        sa.Column("data_usage", sa.Float(53)),
        sa.Column("equipment", sa.String(20), nullable=False),
        sa.Column("condition", sa.String(20), nullable=False),
        sa.Column("data", sa.String(20), nullable=False),
        sa.Column("model", sa.String(20), nullable=False),
        _text("bundle"),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.UniqueConstraint("asset", "as_of", "bundle", name="one_assessment_per_moment"),
    )
    op.create_table(
        "latest_assessments",
        sa.Column("asset", sa.String(200), primary_key=True),
        _moment("as_of", required=True),
        sa.Column("assessment_id", Serial, sa.ForeignKey("assessments.id"), nullable=False),
    )


def _audit_and_leases() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", Serial, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(40), nullable=False),
        _text("who"),
        _text("verb"),
        _text("subject"),
        _text("why"),
        _text("details"),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("audit_by_subject", "audit", ["subject", "seq"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("seq", Serial, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(200), primary_key=True),
        _text("holder"),
        _moment("expires_at", required=True),
    )


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(200), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")


def _moment(name: str, *, required: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not required)


def _unique_where(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(
        name, table, columns, unique=True, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition)
    )
