"""Bring the tables of a database up to date: new plants and old ones by the same path."""

from __future__ import annotations

from pathlib import Path

from pdm.adapters.sql.engine import Transaction, connect_engine, translated

FOLDER = Path(__file__).parent / "migrations"


def migrate(url: str) -> None:
    """Upgrade the database at `url` to the newest revision; nothing happens when it is there already.

    It runs as one transaction under the write lock: two processes that start at once do not get in each other's way, and
    a failure leaves the database as it was.

    Raises:
        StoreError: the database cannot be reached or refuses.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    engine = connect_engine(url)
    try:
        with translated(), engine.connect() as connection:
            work = Transaction(connection)
            work.lock()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            work.commit()
    finally:
        engine.dispose()
