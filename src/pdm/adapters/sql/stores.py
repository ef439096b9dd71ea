"""Alerts, cases, requests, outbox, verdicts and leases as rows: each store keeps the promises its protocol in `ports.py` makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, Table, delete, insert, select, update

from pdm.adapters.sql import tables
from pdm.adapters.sql.engine import Transaction
from pdm.alerts.alert import Alert, AlertState, Case
from pdm.alerts.notice import Notice
from pdm.errors import Conflict, NotFound
from pdm.feedback.verdict import Verdict
from pdm.ports import Message
from pdm.work.deferral import Deferral
from pdm.work.request import RequestState, WorkRequest

Versioned = TypeVar("Versioned", Alert, Case, Deferral, Notice, WorkRequest)


def _record(item: Any) -> dict[str, Any]:
    """The fields of a dataclass as column values; the types of the columns take care of the rest."""
    return {field.name: getattr(item, field.name) for field in fields(item)}


def save_versioned(work: Transaction, table: Table, record: Versioned, conflict: str) -> Versioned:
    """Insert version 0, or update the version that was read."""
    saved = replace(record, version=record.version + 1)
    if record.version == 0:
        work.write(insert(table), _record(saved), conflict=conflict)
        return saved
    statement = update(table).where(table.c.id == record.id, table.c.version == record.version)
    if work.write(statement.values(_record(saved)), conflict=conflict).rowcount != 1:
        raise Conflict(f"{table.name} {record.id} was changed by someone else", hint="read it again and decide again")
    return saved


def _one(work: Transaction, statement: Select[Any]) -> Row[Any] | None:
    return work.read(statement.limit(1)).first()


class SqlAlerts:
    """Alerts as rows of `alerts`."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def get(self, alert_id: str) -> Alert:
        row = _one(self._work, select(tables.alerts).where(tables.alerts.c.id == alert_id))
        if row is None:
            raise NotFound(f"no alert {alert_id}", hint="the page of alerts lists them")
        return _alert(row)

    def open_for(self, asset: str, failure_mode: str) -> Alert | None:
        alerts = tables.alerts.c
        row = _one(
            self._work,
            select(tables.alerts).where(
                alerts.asset == asset, alerts.failure_mode == failure_mode, alerts.state != AlertState.CLOSED.value
            ),
        )
        return _alert(row) if row is not None else None

    def last_closed(self, asset: str, failure_mode: str) -> Alert | None:
        """The newest closed alert that had disturbed someone: one that lapsed while pending is no precedent."""
        alerts = tables.alerts.c
        row = _one(
            self._work,
            select(tables.alerts)
            .where(
                alerts.asset == asset,
                alerts.failure_mode == failure_mode,
                alerts.state == AlertState.CLOSED.value,
                alerts.raised_at.is_not(None),
            )
            .order_by(alerts.closed_at.desc(), alerts.id),
        )
        return _alert(row) if row is not None else None

    def list(
        self,
        *,
        asset: str | None = None,
        asset_class: str | None = None,
        states: Sequence[AlertState] | None = None,
        case_id: str | None = None,
    ) -> list[Alert]:
        alerts = tables.alerts.c
        statement = select(tables.alerts).order_by(alerts.last_seen.desc(), alerts.id)
        if asset is not None:
            statement = statement.where(alerts.asset == asset)
        if asset_class is not None:
            statement = statement.where(alerts.asset_class == asset_class)
        if states is not None:
            statement = statement.where(alerts.state.in_([state.value for state in states]))
        if case_id is not None:
            statement = statement.where(alerts.case_id == case_id)
        return [_alert(row) for row in self._work.read(statement)]

    def save(self, alert: Alert) -> Alert:
        conflict = f"an alert of {alert.asset} for {alert.failure_mode} is open already"
        return save_versioned(self._work, tables.alerts, alert, conflict)


class SqlCases:
    """Cases as rows of `cases`."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def get(self, case_id: str) -> Case:
        row = _one(self._work, select(tables.cases).where(tables.cases.c.id == case_id))
        if row is None:
            raise NotFound(f"no case {case_id}", hint="the page of cases lists what is open")
        return Case(**row._mapping)

    def open_for(self, asset: str) -> Case | None:
        cases = tables.cases.c
        row = _one(self._work, select(tables.cases).where(cases.asset == asset, cases.state == "open"))
        return Case(**row._mapping) if row is not None else None

    def list(self, *, asset: str | None = None, state: str | None = None) -> list[Case]:
        """Cases, newest first."""
        cases = tables.cases.c
        statement = select(tables.cases).order_by(cases.opened_at.desc(), cases.id)
        if asset is not None:
            statement = statement.where(cases.asset == asset)
        if state is not None:
            statement = statement.where(cases.state == state)
        return [Case(**row._mapping) for row in self._work.read(statement)]

    def save(self, case: Case) -> Case:
        return save_versioned(self._work, tables.cases, case, f"{case.asset} has an open case already")


class SqlRequests:
    """Work requests as rows of `work_requests`."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def get(self, request_id: str) -> WorkRequest:
        row = _one(self._work, select(tables.work_requests).where(tables.work_requests.c.id == request_id))
        if row is None:
            raise NotFound(f"no work request {request_id}", hint="the page of work requests lists them")
        return _request(row)

    def by_ref(self, external_ref: str) -> WorkRequest | None:
        row = _one(self._work, select(tables.work_requests).where(tables.work_requests.c.external_ref == external_ref))
        return _request(row) if row is not None else None

    def list(
        self,
        *,
        asset: str | None = None,
        case_id: str | None = None,
        states: Sequence[RequestState] | None = None,
    ) -> list[WorkRequest]:
        requests = tables.work_requests.c
        statement = select(tables.work_requests).order_by(
            requests.priority, requests.required_end.is_(None), requests.required_end, requests.id
        )
        if asset is not None:
            statement = statement.where(requests.asset == asset)
        if case_id is not None:
            statement = statement.where(requests.case_id == case_id)
        if states is not None:
            statement = statement.where(requests.state.in_([state.value for state in states]))
        return [_request(row) for row in self._work.read(statement)]

    def save(self, request: WorkRequest) -> WorkRequest:
        conflict = f"a work request with reference {request.external_ref} exists already, or its case {request.case_id} does not"
        return save_versioned(self._work, tables.work_requests, request, conflict)


class SqlOutbox:
    """Messages as rows of `outbox`, in the order in which they were written."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def add(self, message: Message) -> None:
        self._work.write(insert(tables.outbox), _record(message), conflict=f"a message {message.key} is there already")

    def pending(self, limit: int = 100, topic: str | None = None) -> list[Message]:
        """What has neither left nor been given up."""
        outbox = tables.outbox.c
        return self._read(limit, topic, outbox.sent_at.is_(None), outbox.dead_at.is_(None))

    def dead(self, limit: int = 100, topic: str | None = None) -> list[Message]:
        """What was given up."""
        outbox = tables.outbox.c
        return self._read(limit, topic, outbox.sent_at.is_(None), outbox.dead_at.is_not(None))

    def sent(self, since: datetime, topic: str) -> list[Message]:
        """What has left at `since` or later."""
        return self._read(None, topic, tables.outbox.c.sent_at >= since)

    def _read(self, limit: int | None, topic: str | None, *which: ColumnElement[bool]) -> list[Message]:
        outbox = tables.outbox.c
        columns = [column for column in outbox if column.name != "seq"]
        statement = select(*columns).where(*which).order_by(outbox.seq).limit(limit)
        if topic is not None:
            statement = statement.where(outbox.topic == topic)
        return [Message(**row._mapping) for row in self._work.read(statement)]

    def save(self, message: Message) -> None:
        """Write down how delivery went."""
        statement = update(tables.outbox).where(tables.outbox.c.id == message.id).values(_record(message))
        if self._work.write(statement).rowcount != 1:
            raise NotFound(f"no message {message.id}")


class SqlVerdicts:
    """Verdicts as rows of `verdicts`."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def add(self, verdict: Verdict) -> None:
        conflict = f"verdict {verdict.id} is on record already, or its case {verdict.case_id} does not exist"
        self._work.write(insert(tables.verdicts), asdict(verdict), conflict=conflict)

    def for_case(self, case_id: str) -> list[Verdict]:
        """Verdicts on one case, oldest first."""
        return self._read(select(tables.verdicts).where(tables.verdicts.c.case_id == case_id))

    def _read(self, statement: Select[Any]) -> list[Verdict]:
        ordered = statement.order_by(tables.verdicts.c.at, tables.verdicts.c.id)
        return [Verdict(**row._mapping) for row in self._work.read(ordered)]

    def list(self, *, asset: str | None = None) -> list[Verdict]:
        """Verdicts, oldest first."""
        statement = select(tables.verdicts)
        return self._read(statement if asset is None else statement.where(tables.verdicts.c.asset == asset))


class SqlLeases:
    """Leases as rows of `leases`."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def acquire(self, name: str, holder: str, now: datetime, ttl: timedelta) -> bool:
        """Looked at and taken under the write lock, so that two who ask at once get two different answers."""
        self._work.lock()
        current = self.holder(name, now)
        if current not in (None, holder):
            return False
        self._work.write(delete(tables.leases).where(tables.leases.c.name == name))
        self._work.write(insert(tables.leases), {"name": name, "holder": holder, "expires_at": now + ttl})
        return True

    def release(self, name: str, holder: str) -> None:
        leases = tables.leases.c
        self._work.write(delete(tables.leases).where(leases.name == name, leases.holder == holder))

    def holder(self, name: str, now: datetime) -> str | None:
        leases = tables.leases.c
        row = _one(self._work, select(leases.holder).where(leases.name == name, leases.expires_at > now))
        return row.holder if row is not None else None


def _alert(row: Row[Any]) -> Alert:
    values = dict(row._mapping)
    return Alert(**values | {"state": AlertState(values["state"]), "recent": tuple(values["recent"])})


def _request(row: Row[Any]) -> WorkRequest:
    values = dict(row._mapping)
    values |= {
        "state": RequestState(values["state"]),
        "crafts": tuple(values["crafts"]),
        "parts": tuple(values["parts"]),
    }
    return WorkRequest(**values)
