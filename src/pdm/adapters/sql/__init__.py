"""The operational database: alerts, cases, requests, outbox, verdicts, assessments, audit and leases, by SQLAlchemy.

SQLite in the home folder by default, PostgreSQL by URL. One writer at a time on either: the audit chain needs that anyway.
"""

from pdm.adapters.sql.migrate import migrate
from pdm.adapters.sql.unit_of_work import SqlUnitOfWork, SqlUnitsOfWork, sql_unit_of_work

__all__ = ["SqlUnitOfWork", "SqlUnitsOfWork", "migrate", "sql_unit_of_work"]
