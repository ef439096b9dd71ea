"""The audit chain as rows: appended under the write lock, and verified over the very characters that were hashed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from pdm.adapters.sql import tables
from pdm.adapters.sql.engine import Transaction
from pdm.audit.canonical import canonical
from pdm.audit.chain import GENESIS, link, verify
from pdm.audit.entry import AuditEntry
from pdm.errors import StoreError


class SqlAudit:
    """Entries as rows of `audit`; `audit_head` remembers the newest one apart, so that a cut-off end is noticed."""

    def __init__(self, work: Transaction) -> None:
        self._work = work
        self._head: tuple[int, str] | None = None

    def append(self, entry: AuditEntry) -> AuditEntry:
        self._work.lock()  # before the head is read: between the two nobody else may append
        seq, previous = self._head or self._read_head() or (0, GENESIS)
        chained = link(entry, seq, previous)
        self._work.write(insert(tables.audit), _row(chained))
        head = {"seq": chained.seq, "hash": chained.hash}
        if seq == 0:
            self._work.write(insert(tables.audit_head), {"id": 1} | head)
        else:
            self._work.write(update(tables.audit_head).where(tables.audit_head.c.id == 1).values(head))
        self._head = (chained.seq, chained.hash)
        return chained

    def list(self, *, subject: str | None = None, limit: int = 200) -> list[AuditEntry]:
        statement = select(tables.audit).order_by(tables.audit.c.seq.desc()).limit(limit)
        if subject is not None:
            statement = statement.where(tables.audit.c.subject == subject)
        return [_entry(row) for row in self._work.read(statement)]

    def verify(self) -> int:
        head = self._read_head() or (0, GENESIS)
        return verify(self._entries(), head=head)

    def _entries(self) -> Iterator[AuditEntry]:
        for row in self._work.read(select(tables.audit).order_by(tables.audit.c.seq)):
            entry = _entry(row)
            if _row(entry) != dict(row._mapping):  # the same meaning in another spelling is a change too
                raise StoreError(f"the audit chain is broken at entry {row.seq}: it was written in another spelling")
            yield entry

    def _read_head(self) -> tuple[int, str] | None:
        row = self._work.read(select(tables.audit_head)).first()
        return (row.seq, row.hash) if row is not None else None


def _row(entry: AuditEntry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "who": entry.who,
        "verb": entry.verb,
        "subject": entry.subject,
        "why": entry.why,
        "details": canonical(entry.details),
        "previous": entry.previous,
        "hash": entry.hash,
    }


def _entry(row: Row[Any]) -> AuditEntry:
    values = dict(row._mapping)
    try:
        moment, details = datetime.fromisoformat(values["at"]), json.loads(values["details"])
    except ValueError as error:
        raise StoreError(f"the audit chain is broken at entry {row.seq}: {error}") from error
    if moment.tzinfo is None or not isinstance(details, dict):
        raise StoreError(f"the audit chain is broken at entry {row.seq}: its time or details cannot be read")
    return AuditEntry(**values | {"at": moment, "details": details})
