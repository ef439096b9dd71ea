"""The tables of the operational database, and the rules that only a database can keep when two processes write.

At most one alert that is not closed per (asset, failure mode), one open case per asset, one request per external reference, one
outbox row per key, one assessment per (asset, as-of, bundle). Times are stored in UTC and always come back aware.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from pdm.clock import aware


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment. SQLite has no zones: it keeps the naive UTC reading of the clock."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = aware(value)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  SQLAlchemy's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Serial = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows only in an INTEGER column

metadata = MetaData()


def _moment(name: str, *, required: bool = False) -> Column[datetime]:
    return Column(name, Moment(), nullable=not required)


def _text(name: str) -> Column[str]:
    return Column(name, Text(), nullable=False, server_default="")


def _key(name: str) -> Column[str]:
    return Column(name, String(200), nullable=False)


def _json(name: str) -> Column[Any]:
    return Column(name, JSON(), nullable=False)


def _version() -> Column[int]:
    return Column("version", Integer(), nullable=False)


cases = Table(
    "cases",
    metadata,
    Column("id", String(64), primary_key=True),
    _key("asset"),
    _key("asset_class"),
    _text("title"),
    _moment("opened_at", required=True),
    Column("state", String(20), nullable=False),
    _text("owner"),
    _moment("closed_at"),
    _version(),
    Index(
        "one_open_case",
        "asset",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(64), primary_key=True),
    _key("asset"),
    _key("asset_class"),
    _key("failure_mode"),
    Column("state", String(20), nullable=False),
    _moment("first_seen", required=True),
    _moment("last_seen", required=True),
    _moment("raised_at"),
    _moment("state_since"),
    Column("probability", Float(53), nullable=False),
    Column("peak_probability", Float(53), nullable=False),
    Column("horizon", Float(53), nullable=False),
    _text("horizon_unit"),
    _json("remaining"),
    _json("recent"),
    _json("evidence"),
    _text("case_id"),
    _text("owner"),
    _moment("shelved_until"),
    _text("shelved_reason"),
    _text("repeat_of"),
    _text("bundle"),
    _moment("closed_at"),
    _moment("below_since"),
    _moment("escalated_at"),
    _version(),
    Index(
        "one_open_alert",
        "asset",
        "failure_mode",
        unique=True,
        sqlite_where=text("state <> 'closed'"),
        postgresql_where=text("state <> 'closed'"),
    ),
    Index("alerts_by_suspicion", "asset", "failure_mode", "closed_at"),
    Index("alerts_by_state", "state", "last_seen"),
    Index("alerts_by_case", "case_id"),
)

notices = Table(
    "notices",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(20), nullable=False),
    _key("asset_class"),
    _key("suspicion"),
    _text("cause"),
    _text("title"),
    _json("assets"),
    _json("cases"),
    _moment("opened_at", required=True),
    Column("state", String(20), nullable=False),
    _text("answer"),
    _text("answered_by"),
    _moment("answered_at"),
    _text("why"),
    _version(),
    Index("notices_by_state", "state", "opened_at"),
)

comments = Table(
    "comments",
    metadata,
    Column("id", String(64), primary_key=True),
    _key("subject"),
    _moment("at", required=True),
    _text("by"),
    _text("text"),
    Index("comments_by_subject", "subject", "at"),
)

work_requests = Table(
    "work_requests",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("external_ref", String(64), nullable=False),
    Column("case_id", String(64), ForeignKey("cases.id"), nullable=False),
    _key("asset"),
    _key("asset_class"),
    _key("failure_mode"),
    _text("title"),
    _text("text"),
    Column("state", String(20), nullable=False),
    Column("priority", Integer(), nullable=False),
    _moment("created_at", required=True),
    _moment("required_start"),
    _moment("required_end"),
    _moment("latest_safe"),
    _text("location"),
    _text("maintainable_item"),
    _text("detection"),
    _json("crafts"),
    _json("parts"),
    Column("hours", Float(53), nullable=False),
    Column("stop_needed", Boolean(), nullable=False),
    _text("receiver_number"),
    _text("reported_by"),
    _json("body"),
    _version(),
    UniqueConstraint("external_ref", name="one_request_per_reference"),
    Index("requests_by_state", "state", "priority"),
    Index("requests_by_case", "case_id"),
    Index("requests_by_asset", "asset"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False),
    _key("topic"),
    Column("key", String(64), nullable=False),
    _json("body"),
    _moment("created_at", required=True),
    _moment("sent_at"),
    Column("attempts", Integer(), nullable=False),
    _text("last_error"),
    _moment("next_attempt_at"),
    _text("failure"),
    _moment("dead_at"),
    UniqueConstraint("id", name="one_message_per_id"),
    UniqueConstraint("key", name="one_message_per_key"),
    Index("outbox_pending", "sent_at", "seq"),
    Index("outbox_by_topic", "topic", "sent_at"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("case_id", String(64), ForeignKey("cases.id"), nullable=False),
    _key("asset"),
    _text("by"),
    _moment("at", required=True),
    _moment("recorded_at", required=True),
    Column("inspected", Boolean(), nullable=False),
    Column("found", String(20), nullable=False),
    _text("severity"),
    _text("failure_mode"),
    _text("maintainable_item"),
    _text("mechanism"),
    _text("cause"),
    Column("action", String(20), nullable=False),
    Column("restores", Boolean(), nullable=False),
    Column("actual_hours", Float(53)),
    _text("comment"),
    Index("verdicts_by_case", "case_id"),
    Index("verdicts_by_asset", "asset", "at"),
)

assessments = Table(
    "assessments",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    _key("asset"),
    _key("asset_class"),
    _moment("as_of", required=True),
    _moment("data_time"),
    Column("data_usage", Float(53)),
    Column("equipment", String(20), nullable=False),
    Column("condition", String(20), nullable=False),
    Column("data", String(20), nullable=False),
    Column("model", String(20), nullable=False),
    _text("bundle"),
    _json("body"),
    _json("features"),
    UniqueConstraint("asset", "as_of", "bundle", name="one_assessment_per_moment"),
)

latest_assessments = Table(
    "latest_assessments",
    metadata,
    Column("asset", String(200), primary_key=True),
    _moment("as_of", required=True),
    Column("assessment_id", Serial, ForeignKey("assessments.id"), nullable=False),
)

# Text as it was hashed, not as a database would normalise it: the chain is verified over these very characters.
audit = Table(
    "audit",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    _text("who"),
    _text("verb"),
    _text("subject"),
    _text("why"),
    _text("details"),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("audit_by_subject", "subject", "seq"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer(), primary_key=True, autoincrement=False),
    Column("seq", Serial, nullable=False),
    Column("hash", String(64), nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(200), primary_key=True),
    _text("holder"),
    _moment("expires_at", required=True),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("stage", String(64), primary_key=True),
    Column("number", BigInteger(), nullable=False),
    _moment("at", required=True),
    _text("said"),
)

kept_answers = Table(
    "kept_answers",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    _moment("at", required=True),
    Column("status", Integer()),
    _json("headers"),
    _text("body"),
    Index("kept_answers_by_age", "at"),
)

# How far the requests of a (class, failure mode) may go by themselves.
trust = Table(
    "trust",
    metadata,
    Column("asset_class", String(200), primary_key=True),
    Column("failure_mode", String(200), primary_key=True),
    Column("rung", String(20), nullable=False),
    Column("ceiling", String(20), nullable=False),
    _moment("since"),
    _text("why"),
    _text("raised_by"),
    _version(),
)

deferrals = Table(
    "deferrals",
    metadata,
    Column("id", String(64), primary_key=True),
    _key("source"),
    _key("plan"),
    _key("asset"),
    _text("text"),
    _moment("due", required=True),
    _moment("until", required=True),
    Column("risk", Float(53), nullable=False),
    Column("state", String(20), nullable=False),
    _text("approver"),
    _text("proposed_by"),
    _moment("proposed_at", required=True),
    _moment("decided_at"),
    _text("why"),
    _version(),
    Index("deferrals_by_asset", "asset", "due"),
)
