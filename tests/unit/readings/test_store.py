from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

import pdm.readings
from pdm.adapters.delta import DeltaHistory
from pdm.catalogue import Channel
from pdm.errors import InputError, NotFound, StoreError
from pdm.readings.store import ReadingStore

NAN = float("nan")


def test_a_scan_is_sorted_whatever_the_order_of_arrival(store, pump, readings, hour):
    late = readings("P-2", first=5, pressure=[1.0, 2.0])
    store.merge(pump, late.iloc[::-1], source="b", recorded_at=hour(9))
    store.merge(pump, readings("P-1", first=0, pressure=[3.0]), source="a", recorded_at=hour(9))

    found = store.scan(pump)

    assert found.columns.tolist() == ["asset", "time", "pressure", "speed"]
    assert found["asset"].tolist() == ["P-1", "P-2", "P-2"]
    assert found["time"].is_monotonic_increasing
    assert found["pressure"].tolist() == [3.0, 1.0, 2.0]
    assert found["speed"].isna().all()
    assert str(found["time"].dtype) == "datetime64[us, UTC]"


def test_an_empty_store_answers_with_the_right_columns(store, pump, engine):
    assert store.scan(pump).columns.tolist() == ["asset", "time", "pressure", "speed"]
    assert str(store.scan(pump)["time"].dtype) == "datetime64[us, UTC]"
    assert store.scan(engine)["time"].dtype == np.float64
    assert store.last(pump).columns.tolist() == ["asset", "time", "recorded_at"]
    assert store.window(pump, "P-1", pd.Timestamp("2025-01-01", tz="UTC"), rows=3).empty


def test_a_range_leaves_its_start_out_and_holds_its_end(store, pump, readings, hour):
    store.merge(pump, readings("P-1", pressure=[0.0, 1.0, 2.0, 3.0]), source="a", recorded_at=hour(9))

    assert store.scan(pump, start=hour(1), end=hour(2))["pressure"].tolist() == [2.0]


def test_assets_and_channels_can_be_chosen(store, pump, readings, hour):
    for asset in ("P-1", "P-2", "P-3"):
        store.merge(pump, readings(asset, pressure=[1.0], speed=[2.0]), source="a", recorded_at=hour(9))

    found = store.scan(pump, assets=["P-3", "P-1"], channels=["speed"])

    assert found["asset"].tolist() == ["P-1", "P-3"]
    assert found.columns.tolist() == ["asset", "time", "speed"]
    assert store.scan(pump, assets=[]).empty
    with pytest.raises(NotFound, match="no channel 'presure'"):
        store.scan(pump, channels=["presure"])


def test_a_window_holds_the_last_rows_or_the_last_hours(store, pump, readings, hour):
    store.merge(pump, readings("P-1", pressure=[0.0, 1.0, 2.0, 3.0, 4.0]), source="a", recorded_at=hour(9))
    later = readings("P-1", first=2, speed=[20.0])
    store.merge(pump, later, source="a", recorded_at=hour(9))  # a second row about the same moment

    assert store.window(pump, "P-1", hour(3), rows=2)["pressure"].tolist() == [2.0, 3.0]
    assert store.window(pump, "P-1", hour(3), rows=99)["pressure"].tolist() == [0.0, 1.0, 2.0, 3.0]
    for duration in ("2h", timedelta(hours=2), 2.0):
        assert store.window(pump, "P-1", hour(3), duration=duration)["speed"].tolist()[0] == 20.0
        assert store.window(pump, "P-1", hour(3), duration=duration)["pressure"].tolist() == [2.0, 3.0]
    with pytest.raises(InputError, match="either rows or a duration"):
        store.window(pump, "P-1", hour(3))


def test_windows_on_a_usage_axis_are_measured_in_its_units(store, engine, hour):
    rows = pd.DataFrame({"asset": "E-1", "time": [1.0, 2.0, 3.0, 4.0], "s1": [0.1, 0.2, 0.3, 0.4]})
    store.merge(engine, rows, source="a", recorded_at=hour(0))

    assert store.window(engine, "E-1", 3.0, rows=2)["time"].tolist() == [2.0, 3.0]
    assert store.window(engine, "E-1", 3.0, duration="1 cycles")["time"].tolist() == [3.0]
    with pytest.raises(InputError, match="axis of cycles"):
        store.window(engine, "E-1", 3.0, duration=timedelta(hours=1))


def test_a_reading_shows_only_from_when_it_was_recorded(store, pump, readings, hour):
    store.merge(pump, readings("P-1", pressure=[1.0]), source="a", recorded_at=hour(5))
    store.merge(pump, readings("P-1", speed=[2.0]), source="a", recorded_at=hour(8))

    assert store.scan(pump, known_at=hour(4)).empty
    assert store.scan(pump, known_at=hour(6))[["pressure", "speed"]].to_numpy().tolist() == [
        [1.0, pytest.approx(NAN, nan_ok=True)]
    ]
    assert store.scan(pump, known_at=hour(8))[["pressure", "speed"]].to_numpy().tolist() == [[1.0, 2.0]]
    assert store.scan(pump, recorded_at=True)["recorded_at"].tolist() == [hour(5)]


def test_the_quality_of_every_value_can_be_read(store, pump, readings, hour):
    rows = readings("P-1", pressure=[1.0, 500.0, np.inf, 4.0], speed=[NAN, 1.0, 1.0, 1.0])
    rows["speed__q"] = pd.array([None, 1, 2, 3], dtype="Int8")
    store.merge(pump, rows, source="a", recorded_at=hour(9))

    found = store.scan(pump, quality=True)

    assert found["pressure__q"].tolist() == [0, 2, 2, 0]
    assert found["pressure"].isna().tolist() == [False, True, True, False]
    assert found["speed__q"].isna().tolist() == [True, False, False, False]
    assert found["speed"].isna().tolist() == [True, False, True, False]  # uncertain and substituted values are shown


def test_a_channel_that_is_new_to_the_class_reads_as_missing_before(store, pump, readings, hour):
    store.merge(pump, readings("P-1", pressure=[1.0]), source="a", recorded_at=hour(9))
    wider = replace(pump, channels=(*pump.channels, Channel("torque", "Torque", "N.m")))

    assert store.scan(wider)["torque"].isna().tolist() == [True]
    counts = store.merge(wider, readings("P-1", pressure=[1.0], torque=[5.0]), source="a", recorded_at=hour(9))
    assert (counts.cells_new, counts.cells_duplicate) == (1, 1)
    assert store.scan(wider)["torque"].tolist() == [5.0]
    assert store.scan(pump)["pressure"].tolist() == [1.0]


def test_the_last_reading_of_each_asset_is_told_with_its_recording(store, pump, readings, hour):
    store.merge(pump, readings("P-1", pressure=[1.0, 2.0, 3.0]), source="a", recorded_at=hour(5))
    store.merge(pump, readings("P-2", pressure=[1.0]), source="a", recorded_at=hour(7))

    assert store.last(pump).to_numpy().tolist() == [["P-1", hour(2), hour(5)], ["P-2", hour(0), hour(7)]]
    assert store.last(pump, known_at=hour(6))["asset"].tolist() == ["P-1"]
    assert store.span(pump)["first"].tolist() == [hour(0), hour(0)]


def test_a_voided_reading_from_a_wrong_clock_is_no_last_reading(store, pump, readings, hour):
    store.merge(pump, readings("P-1", pressure=[1.0, 2.0]), source="a", recorded_at=hour(5))
    store.merge(pump, readings("P-1", first=9000, pressure=[3.0]), source="a", recorded_at=hour(5))
    store.merge(pump, readings("P-2", pressure=[1.0]), source="a", recorded_at=hour(5))

    store.correct(pump, "P-1", "pressure", hour(9000), hour(9000), None, by="Ann", reason="clock", now=hour(6))

    assert store.last(pump)["time"].tolist() == [hour(1), hour(0)]
    assert store.last(pump, known_at=hour(5))["time"].tolist() == [hour(9000), hour(0)]


def test_compaction_changes_no_answer(tmp_path, pump, readings, hour):
    store = ReadingStore(DeltaHistory(tmp_path))
    for number in range(6):
        store.merge(pump, readings("P-1", first=number, pressure=[1.0 * number]), source="a", recorded_at=hour(9))
    store.correct(pump, "P-1", "pressure", hour(1), hour(2), 50.0, by="Ann", reason="gauge", now=hour(10))
    before = store.scan(pump)

    store.history.compact("readings_pump")

    pd.testing.assert_frame_equal(store.scan(pump), before)


def test_every_public_name_of_the_station_is_there():
    assert all(getattr(pdm.readings, name).__name__ == name for name in pdm.readings.__all__)


@pytest.mark.parametrize("damage", ["missing", "truncated"])
def test_a_damaged_file_of_the_history_is_a_clear_error(tmp_path, pump, readings, hour, damage):
    store = ReadingStore(DeltaHistory(tmp_path))
    store.merge(pump, readings("P-1", pressure=[1.0]), source="a", recorded_at=hour(9))
    file = next(tmp_path.glob("readings_pump/*.parquet"))
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:100])

    with pytest.raises(StoreError, match="history could not be read"):
        store.scan(pump)
