"""Connections to SQLite or PostgreSQL that behave alike, and the one place where a driver's error becomes ours.

Reads see what is committed. The first write of a transaction takes the one write lock (`BEGIN IMMEDIATE` on SQLite, an advisory
lock on PostgreSQL) and keeps it until commit or rollback, so that no writer waits for another in a circle. What was read before
may have changed meanwhile: versions and unique indexes notice, and say `Conflict`.

SQLite runs with a rollback journal and full synchronisation: a write-ahead log with two writing processes can corrupt the file in
the versions that Python 3.11 brings (before 3.51.3).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, CursorResult, Engine, Executable, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from pdm.audit.canonical import plain
from pdm.errors import Conflict, MissingExtra, SettingsError, StoreError

_BUSY_MS = 30_000
_WRITE_LOCK = 7_305_809  # any number, the same for every writer of one database


def connect_engine(url: str) -> Engine:
    """An engine for `sqlite:///file` or `postgresql://...`; the folder of a SQLite file is made when it is missing.

    Raises:
        SettingsError: the URL is of another kind, or none at all.
        MissingExtra: PostgreSQL without its driver.
    """
    target = _parse(url)
    if target.get_backend_name() == "sqlite":
        if target.database and target.database != ":memory:":
            Path(target.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            target,
            json_serializer=_dumps,
            connect_args={"timeout": _BUSY_MS / 1000},
            pool_size=8,
            max_overflow=56,
            pool_timeout=60,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    try:
        return create_engine(target, json_serializer=_dumps, pool_pre_ping=True, pool_size=8, max_overflow=24)
    except ImportError:
        raise MissingExtra("postgres", "a PostgreSQL database") from None


def _parse(url: str) -> URL:
    try:
        target = make_url(url)
    except ArgumentError:
        raise SettingsError("database_url is no database URL", hint="sqlite:///plant.db, postgresql://...") from None
    if target.drivername in {"postgresql", "postgres"}:
        target = target.set(drivername="postgresql+psycopg")
    if target.get_backend_name() not in {"sqlite", "postgresql"}:
        raise SettingsError(f"no support for {target.get_backend_name()} databases", hint="use SQLite or PostgreSQL")
    return target


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver starts no transaction of its own: `Transaction` does
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_MS}",
        "journal_mode=DELETE",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _dumps(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False)


class Transaction:
    """One connection: reads as they come, and the write lock from the first write on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.writing = False
        self.dialect = connection.dialect.name

    def read(self, statement: Executable) -> CursorResult[Any]:
        """Run a query."""
        with translated():
            return self._connection.execute(statement)

    def write(
        self,
        statement: Executable,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
        *,
        conflict: str = "someone else wrote this first",
    ) -> CursorResult[Any]:
        """Run a change under the write lock; `conflict` is what to say when a unique index refuses it."""
        self.lock()
        with translated(conflict):
            return self._connection.execute(statement, values)

    def lock(self) -> None:
        """Become the one writer; waits for another."""
        if self.writing:
            return
        with translated():
            if self.dialect == "sqlite":
                self._connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                self._connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")
        self.writing = True

    def commit(self) -> None:
        """Make it durable."""
        with translated():
            self._connection.commit()
        self.writing = False

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        self._connection.close()


@contextmanager
def translated(conflict: str = "someone else wrote this first") -> Iterator[None]:
    """Turn a driver's errors into ours."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(conflict, hint="read it again and decide again") from error
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
        raise StoreError(f"the operational database refuses: {reason}", hint=_hint(reason)) from error
    except SQLAlchemyError as error:
        raise StoreError(f"the operational database cannot be used: {error}") from error


def _hint(reason: str) -> str:
    if "no such table" in reason or "does not exist" in reason:
        return "its tables are missing: migrate it first"
    if "locked" in reason:
        return "another process has been writing for long; try again"
    return "see `plantpdm doctor`"
