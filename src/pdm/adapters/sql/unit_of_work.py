"""One transaction over everything operational."""

from __future__ import annotations

import weakref
from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from pdm.adapters.sql.assessments import SqlAssessments
from pdm.adapters.sql.audit_log import SqlAudit
from pdm.adapters.sql.engine import Transaction, connect_engine, translated
from pdm.adapters.sql.marks import SqlAnswers, SqlBeats
from pdm.adapters.sql.notices import SqlComments, SqlNotices
from pdm.adapters.sql.planning import SqlDeferrals, SqlTrust
from pdm.adapters.sql.stores import SqlAlerts, SqlCases, SqlLeases, SqlOutbox, SqlRequests, SqlVerdicts
from pdm.scoring.assessment import Assessment


class SqlUnitOfWork:
    """A block in which everything happens, or nothing: leaving it without `commit()` undoes it all.

    After a `Conflict` or `StoreError` leave the block: PostgreSQL takes nothing more in that transaction.
    """

    alerts: SqlAlerts
    cases: SqlCases
    requests: SqlRequests
    outbox: SqlOutbox
    verdicts: SqlVerdicts
    assessments: SqlAssessments
    audit: SqlAudit
    leases: SqlLeases
    beats: SqlBeats
    answers: SqlAnswers
    notices: SqlNotices
    comments: SqlComments
    trust: SqlTrust
    deferrals: SqlDeferrals

    def __init__(self, engine: Engine, seen: dict[int, Assessment]) -> None:
        self._engine = engine
        self._seen = seen

    def __enter__(self) -> Self:
        with translated():
            self._work = Transaction(self._engine.connect())
        self.alerts = SqlAlerts(self._work)
        self.cases = SqlCases(self._work)
        self.requests = SqlRequests(self._work)
        self.outbox = SqlOutbox(self._work)
        self.verdicts = SqlVerdicts(self._work)
        self.assessments = SqlAssessments(self._work, self._seen)
        self.audit = SqlAudit(self._work)
        self.leases = SqlLeases(self._work)
        self.beats = SqlBeats(self._work)
        self.answers = SqlAnswers(self._work)
        self.notices = SqlNotices(self._work)
        self.comments = SqlComments(self._work)
        self.trust = SqlTrust(self._work)
        self.deferrals = SqlDeferrals(self._work)
        return self

    def commit(self) -> None:
        """Make everything of this block durable at once."""
        self._work.commit()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._work.close()


class SqlUnitsOfWork:
    """Opens units of work on one database: `Plant.unit_of_work`."""

    def __init__(self, url: str) -> None:
        self.engine = connect_engine(url)
        # Whoever drops the factory without closing it leaves no open connection behind.
        weakref.finalize(self, self.engine.dispose)
        self._seen: dict[int, Assessment] = {}

    def __call__(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.engine, self._seen)

    def forget(self) -> None:
        """Remember no row any longer: the database was replaced or emptied behind our back."""
        self._seen.clear()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def sql_unit_of_work(url: str) -> SqlUnitsOfWork:
    """The factory of units of work for `url`; its tables must be there (`migrate`).

    Raises:
        SettingsError: the URL is neither SQLite's nor PostgreSQL's.
        MissingExtra: PostgreSQL without its driver.
    """
    return SqlUnitsOfWork(url)
