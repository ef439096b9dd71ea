"""Look the whole plant over: settings, definitions, stores, models and what is dangerous, in sentences for `plantpdm doctor`."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import socket
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from pdm.errors import BundleError, NotFound, PdmError
from pdm.ports import Plant
from pdm.readings.tables import readings_table
from pdm.registry.bundle import read_manifest
from pdm.registry.card import overdue
from pdm.registry.keys import public_key
from pdm.registry.shelf import BundleShelf
from pdm.views.drift import drifting

_WAL_SAFE_SINCE = (3, 51, 3)
_PATIENCE = 2.0
EXTRAS = {
    "train": "mlflow",
    "flows": "prefect",
    "dask": "distributed",
    "postgres": "psycopg",
    "ingest": "openpyxl",
    "notify": "apprise",
}
_VERSIONS = (
    "plantpdm",
    "lightgbm",
    "numpy",
    "pandas",
    "deltalake",
    "duckdb",
    "sqlalchemy",
    "fastapi",
    "mlflow",
    "prefect",
)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. level: `ok`, `note` or `problem`."""

    name: str
    level: str
    sentence: str


def check_health(plant: Plant) -> list[Check]:
    """Every check, the problems first."""
    parts = (_settings, _definitions, _database, _reach, _history, _models, _parts)
    checks = [check for part in parts for check in _guarded(plant, part)]
    order = {"problem": 0, "note": 1, "ok": 2}
    return sorted(checks, key=lambda check: order[check.level])


def _guarded(plant: Plant, part: Callable[[Plant], Iterator[Check]]) -> list[Check]:
    """A part that cannot even be looked at is a problem of its own."""
    try:
        return list(part(plant))
    except PdmError as error:
        return [Check(part.__name__.strip("_"), "problem", str(error))]


def _settings(plant: Plant) -> Iterator[Check]:
    settings = plant.settings
    yield Check("home", "ok", f"everything of this plant lies in {settings.home}")
    reach = "only this machine can reach the service" if settings.loopback else "other machines can reach the service"
    yield Check("service", "ok", f"it listens on {settings.host}:{settings.port}: {reach}")
    if settings.time_zone == "UTC":
        yield Check("time zone", "note", "times are shown in UTC; set time_zone in plantpdm.toml to the plant's own")


def _definitions(plant: Plant) -> Iterator[Check]:
    for room, definitions in (("features", plant.catalogue.classes), ("models", plant.catalogue.models)):
        for name, definition in definitions.items():
            own = definition.source is not None and plant.workspace.owns(definition.source)
            yield Check(f"{room}/{name}.toml", "ok", "the plant's own definition" if own else "the bundled definition")
    for name in plant.catalogue.classes.keys() - plant.catalogue.models.keys():
        yield Check(f"models/{name}.toml", "note", f"nothing is predicted for {name}: no model is defined")


def _database(plant: Plant) -> Iterator[Check]:
    with plant.unit_of_work() as work:
        entries = work.audit.verify()
    yield Check("audit", "ok", f"the chain of {entries} entries is whole")
    if plant.settings.database_url is not None:
        kind = plant.settings.database_url.get_secret_value().split(":", 1)[0]
        yield Check("database", "ok", f"{kind} by database_url answers")
        return
    yield sqlite_check(_journal_mode(plant), sqlite3.sqlite_version_info)


def _journal_mode(plant: Plant) -> str:
    connection = sqlite3.connect(plant.workspace.database)
    try:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])
    finally:
        connection.close()


def sqlite_check(journal_mode: str, version: tuple[int, ...]) -> Check:
    """The dangerous pair: write-ahead logging with a SQLite library in which two writers can corrupt the file.

    >>> sqlite_check("wal", (3, 40, 1)).level
    'problem'
    >>> sqlite_check("delete", (3, 40, 1)).level
    'ok'
    """
    number = ".".join(str(part) for part in version)
    if journal_mode == "wal" and version < _WAL_SAFE_SINCE:
        return Check(
            "database",
            "problem",
            f"SQLite {number} in WAL mode can corrupt plant.db with two writing processes: "
            "stop the service and run `PRAGMA journal_mode=DELETE`, or set database_url to PostgreSQL",
        )
    return Check("database", "ok", f"SQLite {number}, journal mode {journal_mode}")


def _reach(plant: Plant) -> Iterator[Check]:
    """Whether the servers that the settings name answer."""
    settings = plant.settings
    named = {
        "tracking_uri": settings.tracking_uri,
        "dask_address": settings.dask_address,
        "receiver_url": settings.receiver_url,
    }
    for setting, address in named.items():
        parts = urlsplit(address or "")
        if parts.hostname is None:
            continue
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            socket.create_connection((parts.hostname, port), timeout=_PATIENCE).close()
        except OSError as error:
            yield Check(
                setting,
                "problem",
                f"nobody answers at {parts.hostname}:{port} ({error}): start it, or leave {setting} out",
            )
        else:
            yield Check(setting, "ok", f"{parts.hostname}:{port} answers")


def _history(plant: Plant) -> Iterator[Check]:
    existing = set(plant.history.names())
    for name in plant.catalogue.classes:
        table = readings_table(name)
        if table in existing:
            yield Check(table, "ok", f"version {plant.history.version(table)}")
    if not any(readings_table(name) in existing for name in plant.catalogue.classes):
        yield Check("history", "note", "no readings yet: `plantpdm ingest` or `plantpdm dataset import`")


def _models(plant: Plant) -> Iterator[Check]:
    shelf = BundleShelf(plant.workspace.bundles)
    for name in plant.catalogue.models:
        version = shelf.alias(name, "champion")
        if version:
            due = _review_due(plant, shelf, name, version)
            yield Check(
                f"model {name}", "note" if due else "ok", f"champion is {version}" + (f"; {due}" if due else "")
            )
        elif shelf.versions(name):
            yield Check(f"model {name}", "note", f"trained, but nobody was promoted: `plantpdm promote {name}`")
    with plant.unit_of_work() as work:
        drifts = drifting(plant, work)
    yield from (Check("drift", "note", sentence) for sentence in drifts)


def _review_due(plant: Plant, shelf: BundleShelf, name: str, version: str) -> str:
    """That the card of the champion is past its review date; what is wrong with a bundle is told by scoring."""
    try:
        return overdue(read_manifest(shelf.path(name, version), public_key(plant.workspace)), plant.clock.now())
    except (BundleError, NotFound):
        return ""


def _parts(_plant: Plant) -> Iterator[Check]:
    for extra, module in EXTRAS.items():
        if importlib.util.find_spec(module) is None:
            yield Check(f"extra {extra}", "note", f"not installed (pip install 'plantpdm[{extra}]')")
    found = []
    for name in _VERSIONS:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    yield Check("versions", "ok", ", ".join(found))
