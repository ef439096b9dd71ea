"""A plant of four pumps on two lines, and files as maintenance systems write them."""

from datetime import UTC, datetime

import openpyxl
import pytest

from pdm.operations.import_work_orders import import_work_orders
from pdm.readings.registry import register
from pdm.records.options import ListOptions
from pdm.testing.builders import an_asset
from pdm.testing.plants import a_plant

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

GERMAN = (
    "Meldung;Meldungsart;Auftrag;Technischer Platz;Equipment;Beschreibung;Störungsbeginn;Störungsbeginn (Uhrzeit);"
    "Störungsende;Störungsende (Uhrzeit);Ausfall;Objektteilcode;Objektteilcode Text;Schadenscode;Schadenscode Text;"
    "Angelegt am;Angelegt um;Geändert am;Priorität;Systemstatus"
)
_DEFAULTS = {
    "number": "10001", "kind": "M2", "order": "", "location": "P-101", "equipment": "", "text": "Lager laut",
    "started": "05.01.2026", "started_time": "08:30:00", "ended": "", "ended_time": "", "breakdown": "X", "part": "LA01",
    "part_text": "Wälzlager", "damage": "V01", "damage_text": "Verschleiß", "created": "05.01.2026",
    "created_time": "10:00:00", "changed": "", "priority": "2", "status": "MOFN",
}  # fmt: skip


@pytest.fixture
def plant(tmp_path):
    (tmp_path / "home").mkdir()
    plant = a_plant(tmp_path / "home", now=NOW)
    tags = {"P-101": "LINE-1", "P-102": "LINE-1", "P-201": "LINE-2", "P-202": "LINE-2"}
    register(plant.history, [an_asset(tag, parent=line, location="") for tag, line in tags.items()], now=NOW)
    return plant


@pytest.fixture
def notification():
    """One line of a German IW29 list; keywords change its fields."""

    def line(**changes):
        return ";".join({**_DEFAULTS, **changes}.values())

    return line


@pytest.fixture
def iw29(tmp_path, notification):
    """A German IW29 file of the lines given, each as changes of the usual one."""

    def write(*rows, name="iw29.csv", encoding="utf-8", header=GERMAN, before="", after=""):
        lines = [row if isinstance(row, str) else notification(**row) for row in rows]
        path = tmp_path / name
        path.write_bytes((before + "\n".join([header, *lines]) + after).encode(encoding))
        return path

    return write


@pytest.fixture
def load(plant):
    """Import work orders on the clock of Berlin."""

    def run(*files, **options):
        return import_work_orders(plant, files, ListOptions(**{"time_zone": "Europe/Berlin"} | options))

    return run


@pytest.fixture
def workbook(tmp_path):
    """An XLSX file of these rows, with these cells merged."""

    def write(rows, merged=(), name="list.xlsx"):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        for area in merged:
            book.active.merge_cells(area)
        book.save(tmp_path / name)
        return tmp_path / name

    return write
