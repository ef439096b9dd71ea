"""Bring the tables of a database up to date: new plants and old ones by the same path."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from pdm.adapters.sql.engine import Transaction, connect_engine, translated

FOLDER = Path(__file__).parent / "migrations"


def migrate(url: str) -> None:
    """Upgrade the database at `url` to the newest revision; nothing happens when it is there already.

    It runs as one transaction under the write lock: two processes that start at once do not get in each other's way, and
    a failure leaves the database as it was.

    Raises:
        StoreError: the database cannot be reached or refuses.
    """
    engine = connect_engine(url)
    try:
        with translated(), engine.connect() as connection:
            if _revision(connection) == newest_revision():
                return
            connection.rollback()
            # Half a second of imports that a plant whose tables are there need not pay with every command.
            from alembic import command
            from alembic.config import Config

            config = Config()
            config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
            work = Transaction(connection)
            work.lock()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            work.commit()
    finally:
        engine.dispose()


def newest_revision() -> str:
    """The revision of this code's tables, read from the names of the files: `r0005_....py` is `0005`."""
    return max(file.stem for file in (FOLDER / "versions").glob("r[0-9]*.py"))[1:5]


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
