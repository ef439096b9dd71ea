"""Times as machines and people write them: zones, hours that come twice or never, and when a reading counts as known."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from pdm.errors import ColumnsError, InputError, ZoneQuestion
from pdm.operations.ingest_readings import ingest_readings
from pdm.readings.store import ReadingStore

WIDE = "asset,time,pressure,temperature\nP-101,2025-05-01T00:00Z,4.2,60\nP-101,2025-05-01T01:00Z,4.3,61\nP-102,2025-05-01T00:00Z,5.0,\n"


def take(plant, files, **options):
    report = ingest_readings(plant, files, **{"asset_class": "pump", **options})
    spoken_for = report.cells_new + report.cells_duplicate + report.cells_conflicting + report.cells_quarantined
    assert report.cells_read == spoken_for, "a value was lost or counted twice"
    return report


def quarantined(report):
    with report.quarantine_file.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_times_without_a_zone_are_a_question_not_a_guess(plant, write):
    with pytest.raises(ZoneQuestion, match="In which time zone does historian write its times") as caught:
        take(plant, [write("a.csv", WIDE.replace("Z,", ","))], source="historian")

    assert "pass time_zone=" in str(caught.value)
    assert plant.history.dataset("readings_pump") is None
    assert not plant.workspace.quarantine.exists()


def test_a_zone_is_declared_once_per_source(plant, write, stored):
    local = WIDE.replace("Z,", ",")

    take(plant, [write("a.csv", local)], source="historian", time_zone="Europe/Berlin")
    again = take(plant, [write("b.csv", local)], source="historian")

    assert again.cells_new == 0
    assert stored()[0]["time"] == pd.Timestamp("2025-04-30T22:00Z")
    with pytest.raises(ZoneQuestion):
        take(plant, [write("c.csv", local)], source="another")


def test_a_misspelt_zone_gets_a_suggestion(plant, write):
    with pytest.raises(InputError, match="Europe/Berlin"):
        take(plant, [write("a.csv", WIDE)], time_zone="Europe/Berln")


def test_the_hour_that_does_not_exist_waits_with_the_reason(plant, write, stored):
    content = "asset,time,pressure\nP-101,2025-03-30 01:30,4\nP-101,2025-03-30 02:30,4.1\nP-101,2025-03-30 03:30,4.2\n"

    report = take(plant, [write("a.csv", content)], time_zone="Europe/Berlin")

    assert "does not exist in Europe/Berlin" in quarantined(report)[0]["quarantine_reason"]
    assert [f"{row['time']:%H:%M}" for row in stored()] == ["00:30", "01:30"]


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_hour_that_comes_twice_is_told_by_the_order_of_each_asset(plant, write, stored, newest_first):
    plant.clock.set(datetime(2025, 12, 1, tzinfo=UTC))
    hours = ["01:00", "02:00", "02:00", "03:00"]
    lines = [f"{asset},2025-10-26 {hour},{n}" for n, hour in enumerate(hours) for asset in ("P-101", "P-102")]
    content = "\n".join(["asset,time,pressure", *(reversed(lines) if newest_first else lines)])

    report = take(plant, [write("a.csv", content)], time_zone="Europe/Berlin")

    assert [(f"{row['time']:%d %H}", row["pressure"]) for row in stored(assets=["P-101"])] == [
        ("25 23", 0.0),
        ("26 00", 1.0),
        ("26 01", 2.0),
        ("26 02", 3.0),
    ]
    assert (report.cells_new, report.rows_guessed) == (8, 0)


def test_an_hour_that_the_order_does_not_tell_is_the_first_one_and_counted(plant, write, stored):
    plant.clock.set(datetime(2025, 12, 1, tzinfo=UTC))

    report = take(plant, [write("a.csv", "asset,time,pressure\nP-101,2025-10-26 02:00,4\n")], time_zone="Europe/Berlin")

    assert report.rows_guessed == 1
    assert stored()[0]["time"] == pd.Timestamp("2025-10-26T00:00Z")


def test_dates_that_can_be_read_in_two_ways_are_a_question(plant, write, stored):
    content = "asset,time,pressure\nP-101,03/05/2025 02:00,4\n"

    with pytest.raises(InputError, match="which number is the day"):
        take(plant, [write("a.csv", content)], time_zone="UTC")
    take(plant, [write("a.csv", content)], time_zone="UTC", day_first=True)

    assert stored()[0]["time"] == pd.Timestamp("2025-05-03T02:00Z")


def test_an_import_of_old_history_counts_as_known_at_its_own_time(plant, write, stored):
    take(plant, [write("a.csv", WIDE)], backfill=True, delay=timedelta(minutes=30))

    assert stored(known_at=datetime(2025, 5, 1, 0, 29, tzinfo=UTC)) == []
    assert len(stored(known_at=datetime(2025, 5, 1, 0, 30, tzinfo=UTC))) == 2


def test_fresh_readings_are_known_from_now_on(plant, write, stored):
    take(plant, [write("a.csv", WIDE)])

    assert stored(known_at=plant.clock.now() - timedelta(seconds=1)) == []


def test_a_recording_time_is_only_believed_of_old_history(plant):
    rows = pd.DataFrame(
        {
            "asset": ["P-101"],
            "time": pd.to_datetime(["2025-05-01T00:00Z"]),
            "recorded_at": pd.to_datetime(["2025-05-02T00:00Z"]),
            "pressure": [4.0],
        }
    )

    with pytest.raises(ColumnsError, match="only believed of old history"):
        take(plant, rows)
    take(plant, rows, backfill=True)

    last = ReadingStore(plant.history).last(plant.catalogue.asset_class("pump"))
    assert last["recorded_at"][0] == pd.Timestamp("2025-05-02T00:00Z")


def test_a_class_that_ages_by_a_counter_takes_numbers_for_times(plant, write, stored):
    content = "machine,cycle,s1,s2\nN-1,1,518.67,1.3\nN-1,x,518.67,1.3\nN-1,,518.7,1.3\n"

    report = take(plant, [write("a.csv", content)], asset_class="engine")

    assert stored("engine") == [{"asset": "N-1", "time": 1.0, "s1": 518.67, "s2": 1.3}]
    assert [row["quarantine_reason"] for row in quarantined(report)] == [
        "'x' is no number",
        "the position (cycles) is missing",
    ]


def test_old_history_along_a_counter_must_say_when_it_was_known(plant, write):
    with pytest.raises(InputError, match="recorded_at"):
        take(plant, [write("a.csv", "asset,cycles,s1\nN-1,1,500\n")], asset_class="engine", backfill=True)
