import os
from datetime import UTC, datetime

import pytest

from pdm.operations.ingest_folder import ingest_folder, waiting_files
from pdm.operations.register_assets import register_assets
from pdm.readings.registry import Asset
from pdm.testing.plants import a_plant

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEADER = "asset,time,vibration\n"
GOOD = HEADER + "P-101,2026-03-01T08:00:00Z,2.1\nP-101,2026-03-01T09:00:00Z,2.2\n"


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path, now=NOW)
    register_assets(plant, [Asset("P-101", "pump")])
    return plant


@pytest.fixture
def arrive(plant):
    """Put a file into the folder of a class."""

    def put(name, content, asset_class="pump", at=0):
        folder = plant.workspace.home / "incoming" / asset_class
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (1_700_000_000 + at, 1_700_000_000 + at))
        return path

    return put


def done(plant):
    return sorted(path.name for path in (plant.workspace.home / "incoming" / "done" / "pump").glob("*"))


def test_nothing_waits_in_a_plant_without_the_folder(plant):
    assert waiting_files(plant) == []


def test_the_oldest_file_comes_first_and_strange_folders_are_left_alone(plant, arrive):
    second, first = arrive("a.csv", GOOD, at=9), arrive("b.csv", GOOD, at=1)
    arrive("c.csv", GOOD, asset_class="submarine")
    (plant.workspace.home / "incoming" / "pump" / "folder").mkdir()

    assert waiting_files(plant) == [("pump", first), ("pump", second)]


def test_a_good_file_is_stored_and_moves_to_done(plant, arrive):
    file = arrive("day.csv", GOOD)

    arrival = ingest_folder(plant, "pump", file)

    assert (arrival.rows_stored, arrival.rows_quarantined, arrival.refused) == (2, 0, "")
    assert not file.exists()
    assert done(plant) == ["day.csv"]
    assert waiting_files(plant) == []


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\xff\xfe" * 50, b"fruit,colour\napple,red\n"])
def test_a_file_that_cannot_be_used_stays_with_its_reason(plant, arrive, content):
    file = arrive("day.csv", content)

    arrival = ingest_folder(plant, "pump", file)

    assert "day.csv" in arrival.refused
    assert arrival.rows_stored == 0
    assert file.read_bytes() == content
    assert done(plant) == []
    assert waiting_files(plant) == [("pump", file)]


def test_bad_rows_wait_in_quarantine_and_the_good_ones_are_stored(plant, arrive):
    file = arrive("day.csv", GOOD + "P-101,2026-03-01T10:00:00Z,much\nP-999,2026-03-01T10:00:00Z,2.0\n")

    arrival = ingest_folder(plant, "pump", file)

    assert (arrival.rows_stored, arrival.rows_quarantined) == (2, 2)
    assert done(plant) == ["day.csv"]


def test_two_files_of_one_name_are_both_kept(plant, arrive):
    later = HEADER + "P-101,2026-03-01T10:00:00Z,2.3\n"
    for content in (GOOD, later, GOOD):
        ingest_folder(plant, "pump", arrive("day.csv", content))

    assert done(plant) == ["day.1.csv", "day.2.csv", "day.csv"]
    folder = plant.workspace.home / "incoming" / "done" / "pump"
    assert (folder / "day.csv").read_text() == GOOD
    assert (folder / "day.1.csv").read_text() == later


def test_a_file_that_comes_again_after_a_crash_is_stored_once(plant, arrive):
    assert ingest_folder(plant, "pump", arrive("day.csv", GOOD)).rows_stored == 2

    again = ingest_folder(plant, "pump", arrive("day.csv", GOOD))  # stored before, but not moved

    assert (again.rows_stored, again.refused) == (0, "")
