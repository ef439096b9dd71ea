"""The promises of the operational store, kept by SQLite always and by a real PostgreSQL where its server is installed."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, MetaData, text

from pdm.adapters.sql import migrate, sql_unit_of_work, tables
from pdm.adapters.sql.engine import connect_engine
from pdm.adapters.sql.migrate import FOLDER, newest_revision
from pdm.audit.entry import AuditEntry
from pdm.checks.store import STORE_CHECKS
from pdm.checks.store_marks import MARK_CHECKS
from pdm.errors import SettingsError, StoreError
from pdm.operations.approve_request import approve_request
from pdm.operations.raise_request import raise_request
from pdm.testing.builders import NOON, a_case, an_alert, an_assessment
from pdm.testing.plants import a_plant


def _server_binaries():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _as_postgres(command):
    """PostgreSQL refuses to run as root: another user does it then."""
    if os.geteuid() != 0:
        return command
    return ["runuser", "-u", "postgres", "--", *command]


@pytest.fixture(scope="session")
def postgres():
    """A private PostgreSQL on loopback, or a skip that says what is missing."""
    binaries = _server_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server in /usr/lib/postgresql: install the package postgresql to test against it")
    pytest.importorskip("psycopg", reason="the extra 'postgres' is not installed")
    if os.geteuid() == 0 and not shutil.which("runuser"):
        pytest.skip("PostgreSQL does not run as root and there is no runuser to become another user")
    folder = Path(tempfile.mkdtemp(prefix="pdm-pg-"))
    folder.chmod(0o700)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
    run = {"check": True, "capture_output": True, "timeout": 120, "cwd": "/"}
    control = [str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-l", str(folder / "log"), "-w"]
    try:
        initdb = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "pdm", "-A", "trust", "--no-sync"]
        subprocess.run(_as_postgres(initdb), **run)
        # The server would keep a pipe open: its output goes to the log instead.
        subprocess.run(
            _as_postgres([*control, "-o", options, "start"]),
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=120,
            cwd="/",
        )
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot be started here: {error}")
    try:
        yield f"postgresql://pdm@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(_as_postgres([*control, "-m", "immediate", "stop"]), check=False, capture_output=True, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


def _empty(url):
    """An own schema's worth of emptiness: all tables gone."""
    engine = connect_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'plant.db'}"
    url = request.getfixturevalue("postgres")
    _empty(url)
    return url


@pytest.fixture(scope="session")
def migrated_postgres(postgres):
    """Migrated once into a database of its own: for every check its tables are only emptied."""
    engine = connect_engine(postgres)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("CREATE DATABASE checks"))
    engine.dispose()
    url = postgres.replace("/postgres", "/checks")
    migrate(url)
    units = sql_unit_of_work(url)
    yield units
    units.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def units(request, tmp_path):
    if request.param == "sqlite":
        units = a_plant(tmp_path).unit_of_work
        yield units
        units.close()
        return
    units = request.getfixturevalue("migrated_postgres")
    units.forget()
    with units.engine.begin() as connection:
        names = ", ".join(tables.metadata.tables)
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    yield units


@pytest.mark.parametrize(
    "check", [*STORE_CHECKS, *MARK_CHECKS], ids=lambda check: check.__name__.removeprefix("check_")
)
def test_the_store_keeps(check, units):
    check(units)


def test_a_storm_on_one_request_ends_in_one_request_and_one_message(units, tmp_path):
    plant = replace(a_plant(tmp_path), unit_of_work=units)
    with units() as work:
        work.cases.save(a_case())
        work.alerts.save(an_alert(case_id="ca-P-101"))
        work.commit()

    def ask(n):
        return approve_request(plant, raise_request(plant, "ca-P-101", by=f"engineer {n}").id, by="planner").id

    with ThreadPoolExecutor(32) as pool:
        assert len(set(pool.map(ask, range(64)))) == 1

    with units() as work:
        assert len(work.requests.list()) == len(work.outbox.pending()) == 1
        assert work.audit.verify() == 2


def test_migrating_from_empty_gives_the_tables_that_the_code_uses(url):
    migrate(url)

    engine = connect_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
    engine.dispose()


def test_migrating_twice_changes_nothing_and_loses_nothing(url):
    migrate(url)
    units = sql_unit_of_work(url)
    with units() as work:
        work.audit.append(AuditEntry(NOON, "ada", "test", "alert:1"))
        work.commit()

    migrate(url)

    with units() as work:
        assert work.audit.verify() == 1
    units.close()


def test_messages_that_waited_in_an_older_database_still_wait_after_the_upgrade(url):
    _upgrade(url, "0001")
    engine = connect_engine(url)
    row = {"topic": "work_request", "body": '{"asset": "P-101"}', "at": "2026-03-02 12:00:00+00:00", "sent": None}
    columns = "id, topic, key, body, created_at, sent_at, attempts, last_error"
    with engine.begin() as connection:
        for n in (2, 1, 3):
            sent = row["at"] if n == 3 else None
            connection.execute(
                text(f"INSERT INTO outbox ({columns}) VALUES (:id, :topic, :key, :body, :at, :sent, :n, 'down')"),
                row | {"id": f"m-{n}", "key": f"PDM-{n}", "sent": sent, "n": n},
            )
    engine.dispose()

    migrate(url)

    units = sql_unit_of_work(url)
    with units() as work:
        waiting = work.outbox.pending()
        assert [(one.id, one.attempts, one.last_error, one.body) for one in waiting] == [
            ("m-2", 2, "down", {"asset": "P-101"}),
            ("m-1", 1, "down", {"asset": "P-101"}),
        ]
        assert {(one.next_attempt_at, one.failure, one.dead_at) for one in waiting} == {(None, "", None)}
        assert work.outbox.dead() == []
    units.close()


def _revisions():
    """All of them, the oldest first."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def test_the_newest_revision_is_told_by_the_names_of_the_files():
    assert newest_revision() == _revisions()[-1]


def test_tables_that_are_up_to_date_are_found_so_without_alembic(tmp_path):
    url = f"sqlite:///{tmp_path / 'plant.db'}"
    migrate(url)
    program = f"import sys; from pdm.adapters.sql import migrate; migrate({url!r}); print('alembic' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout

    assert told == "False\n"


@pytest.mark.parametrize("revision", _revisions())
def test_an_upgrade_from_any_earlier_revision_keeps_every_row_and_ends_in_the_tables_of_the_code(url, revision):
    _upgrade(url, revision)
    engine = connect_engine(url)
    before = _filled(engine)
    engine.dispose()

    migrate(url)

    engine = connect_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        for name, row in before.items():
            [kept] = connection.execute(text(f'SELECT {", ".join(row)} FROM "{name}"')).mappings().all()
            assert dict(kept) == row, name
    engine.dispose()
    units = sql_unit_of_work(url)
    with units() as work:  # the code of today reads the rows of that time
        found = work.alerts.list(), work.cases.list(), work.requests.list(), work.outbox.pending(), work.verdicts.list()
        assert [len(rows) for rows in found] == [1, 1, 1, 1, 1]
        assert len(work.assessments.latest()) == 1
        assert work.leases.holder("word", NOON) == "word"
    units.close()


def _filled(engine):
    """One row in every table that there was at that time, as the database gives it back; parents first."""
    then = MetaData()
    then.reflect(engine)
    with engine.begin() as connection:
        for table in then.sorted_tables:
            if table.name != "alembic_version":
                values = {column.name: _value(column) for column in table.columns}
                connection.execute(table.insert(), values)
        return {
            table.name: dict(connection.execute(text(f'SELECT * FROM "{table.name}"')).mappings().one())
            for table in then.sorted_tables
            if table.name != "alembic_version"
        }


_WORDS = {
    "state": {"alerts": "unacknowledged", "cases": "open", "work_requests": "approved"},
    "found": {"verdicts": "damage"},
    "action": {"verdicts": "repaired"},
    "body": {
        "assessments": {"risks": [], "remaining_life": None, "contributions": [], "quality_flags": [], "rung": ""}
    },
}


def _value(column):
    if column.name in ("sent_at", "dead_at", "closed_at"):
        return None
    if column.table.name in _WORDS.get(column.name, {}):
        return _WORDS[column.name][column.table.name]
    kind = column.type.python_type if not isinstance(column.type, JSON) else dict
    if kind is dict:
        return [] if column.name in ("recent", "crafts", "parts", "headers") else {}
    aware = getattr(column.type, "timezone", False)
    moment = NOON + timedelta(days=1)
    return {
        str: "word",
        int: 1,
        float: 0.5,
        bool: True,
        datetime: moment if aware else moment.replace(tzinfo=None),
    }[kind]


def _upgrade(url, revision):
    """As an installation of that time would have done it."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    engine = connect_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_a_database_without_tables_says_what_to_do(url):
    units = sql_unit_of_work(url)

    with pytest.raises(StoreError, match="migrate it first"), units() as work:
        work.alerts.list()
    units.close()


def test_a_server_that_is_away_is_a_store_error():
    units = sql_unit_of_work("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")

    with pytest.raises(StoreError), units():
        pass
    units.close()


@pytest.mark.parametrize("url", ["mysql://localhost/plant", "not a url"])
def test_other_databases_are_refused(url):
    with pytest.raises(SettingsError, match=r"SQLite|sqlite"):
        sql_unit_of_work(url)


def test_sqlite_is_set_up_for_two_writing_processes_and_power_cuts(tmp_path):
    engine = connect_engine(f"sqlite:///{tmp_path / 'deep' / 'plant.db'}")
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()

    assert found == {"journal_mode": "delete", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_an_assessment_taken_back_is_not_remembered(tmp_path):
    units = a_plant(tmp_path).unit_of_work
    with units() as work:
        work.assessments.save([an_assessment(probability=0.9)])
        assert work.assessments.latest()[0].risks[0].probability == 0.9
    with units() as work:
        work.assessments.save([an_assessment(probability=0.2)])
        work.commit()

    with units() as work:
        assert work.assessments.latest()[0].risks[0].probability == 0.2
