"""The trust ladder and proposals to defer as rows."""

from __future__ import annotations

from dataclasses import asdict, replace

from sqlalchemy import insert, select, update

from pdm.adapters.sql import tables
from pdm.adapters.sql.engine import Transaction
from pdm.adapters.sql.stores import save_versioned
from pdm.errors import Conflict, NotFound
from pdm.work.deferral import Deferral
from pdm.work.trust import Trust


class SqlTrust:
    """Ladders as rows of `trust`, one per (class, failure mode)."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def get(self, asset_class: str, failure_mode: str) -> Trust | None:
        columns = tables.trust.c
        found = select(tables.trust).where(columns.asset_class == asset_class, columns.failure_mode == failure_mode)
        row = self._work.read(found).first()
        return Trust(**row._mapping) if row is not None else None

    def list(self) -> list[Trust]:
        """All ladders that somebody or something has moved."""
        columns = tables.trust.c
        rows = self._work.read(select(tables.trust).order_by(columns.asset_class, columns.failure_mode))
        return [Trust(**row._mapping) for row in rows]

    def save(self, trust: Trust) -> Trust:
        saved = replace(trust, version=trust.version + 1)
        who = f"{trust.asset_class}/{trust.failure_mode}"
        if trust.version == 0:
            self._work.write(
                insert(tables.trust), asdict(saved), conflict=f"trust in {who} was changed by someone else"
            )
            return saved
        columns = tables.trust.c
        statement = update(tables.trust).where(
            columns.asset_class == trust.asset_class,
            columns.failure_mode == trust.failure_mode,
            columns.version == trust.version,
        )
        if self._work.write(statement.values(asdict(saved))).rowcount != 1:
            raise Conflict(f"trust in {who} was changed by someone else", hint="read it again and decide again")
        return saved


class SqlDeferrals:
    """Proposals as rows of `deferrals`."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def get(self, deferral_id: str) -> Deferral:
        row = self._work.read(select(tables.deferrals).where(tables.deferrals.c.id == deferral_id)).first()
        if row is None:
            raise NotFound(f"no proposal {deferral_id}", hint="the page of what can wait lists the proposals")
        return Deferral(**row._mapping)

    def list(self) -> list[Deferral]:
        """Proposals, newest first."""
        columns = tables.deferrals.c
        rows = self._work.read(select(tables.deferrals).order_by(columns.proposed_at.desc(), columns.id))
        return [Deferral(**row._mapping) for row in rows]

    def save(self, deferral: Deferral) -> Deferral:
        return save_versioned(self._work, tables.deferrals, deferral, f"proposal {deferral.id} exists already")
