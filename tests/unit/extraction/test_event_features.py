"""What happened counts strictly before the as-of time, and only as far as it was known then."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from pdm.catalogue import Axis, EventFeatures, FeatureSet, RunningRule, Window
from pdm.extraction import extract
from pdm.readings.registry import Asset

START = pd.Timestamp("2026-01-01", tz="UTC")
FEATURES = FeatureSet(
    "pump",
    ("p",),
    (Window(duration="1h", every="1h"),),
    {"mean": None},
    events=EventFeatures(
        counts=(("error", "e1", "6h"), ("error", "", "6h")), since=(("repair", "bearing"), ("repair", "task-9"))
    ),
)


def readings(rows=48, asset="P-1"):
    times = START + pd.to_timedelta(np.arange(rows), "h")
    return pd.DataFrame({"asset": asset, "time": times.as_unit("us"), "p": 1.0})


def events(*rows):
    """Rows of (kind, hour, code, item, hour it was recorded)."""
    frame = pd.DataFrame(rows, columns=["kind", "time", "code", "maintainable_item", "recorded_at"])
    for name in ("time", "recorded_at"):
        frame[name] = (START + pd.to_timedelta(frame[name], "h")).astype("datetime64[us, UTC]")
    return frame.assign(asset="P-1", usage=np.nan)


def column(table, name):
    return dict(zip(range(len(table)), table[name], strict=True))


def test_events_count_strictly_before_the_as_of_time_and_within_the_window():
    table = extract(readings(), FEATURES, events(("error", 10, "e1", "", 10), ("error", 12, "e2", "", 12)))

    one, both = column(table, "error.e1@6h__count"), column(table, "error@6h__count")
    assert [one[hour] for hour in (10, 11, 15, 16)] == [0.0, 1.0, 1.0, 0.0]
    assert [both[hour] for hour in (12, 13, 15, 16, 18)] == [1.0, 2.0, 2.0, 1.0, 0.0]


def test_time_since_the_last_repair_is_nan_before_the_first():
    table = extract(readings(), FEATURES, events(("repair", 10, "", "bearing", 10), ("repair", 20, "", "bearing", 20)))

    since = column(table, "repair.bearing__since")
    assert np.isnan([since[0], since[10]]).all()
    assert [since[hour] for hour in (11, 20, 21, 47)] == [1.0, 10.0, 1.0, 27.0]


def test_a_repair_is_found_by_its_code_too():
    table = extract(readings(), FEATURES, events(("repair", 10, "task-9", "seal", 10)))

    assert table["repair.task-9__since"].iloc[-1] == 37.0
    assert table["repair.bearing__since"].isna().all()


def test_an_event_recorded_late_does_not_exist_before_it_was_recorded():
    table = extract(
        readings(),
        FEATURES,
        events(("repair", 10, "", "bearing", 30), ("error", 10, "e1", "", 13), ("error", 9, "e1", "", 40)),
    )

    since, count = column(table, "repair.bearing__since"), column(table, "error.e1@6h__count")
    assert np.isnan([since[hour] for hour in range(30)]).all()
    assert since[30] == 20.0
    assert [count[hour] for hour in (12, 13, 15, 16)] == [0.0, 1.0, 1.0, 0.0]
    assert count[40] == 0.0


def test_a_late_entry_changes_no_row_of_the_time_before_it_was_made():
    on_time = events(("repair", 5, "", "bearing", 5))
    with_late = events(("repair", 5, "", "bearing", 5), ("repair", 20, "", "bearing", 44))

    before, after = extract(readings(), FEATURES, on_time), extract(readings(), FEATURES, with_late)

    pd.testing.assert_frame_equal(before[:44], after[:44], check_exact=True)
    assert after["repair.bearing__since"].iloc[44] == 24.0


def test_what_was_recorded_after_known_at_is_not_used():
    late = events(("repair", 10, "", "bearing", 30))

    table = extract(readings(), FEATURES, late, known_at=(START + pd.Timedelta(hours=29)).to_pydatetime())

    assert table["repair.bearing__since"].isna().all()


def test_events_of_another_asset_do_not_count():
    table = extract(readings(asset="P-2"), FEATURES, events(("error", 10, "e1", "", 10)))

    assert (table["error.e1@6h__count"] == 0.0).all()


def test_on_a_usage_axis_events_are_known_when_the_readings_say_so():
    cycles = Axis("usage", 1.0, "cycles", 4.0)
    features = FeatureSet(
        "e", ("p",), (Window(rows=1),), {"mean": None}, events=EventFeatures(since=(("repair", ""),), asset_age=True)
    )
    days = START + pd.to_timedelta(np.arange(10), "D")
    engine = pd.DataFrame({"asset": "P-1", "time": np.arange(10.0), "recorded_at": days, "p": 1.0})
    repair = events(("repair", 0, "", "", 6 * 24)).assign(usage=2.0, time=pd.NaT)
    assets = {"P-1": Asset("P-1", "e", commissioned=datetime(2025, 1, 1, tzinfo=UTC))}

    table = extract(engine, features, repair, axis=cycles, assets=assets)
    blind = extract(engine.drop(columns="recorded_at"), features, repair, axis=cycles, assets=assets)

    assert table["repair__since"].isna().tolist() == [True] * 6 + [False] * 4
    assert table["repair__since"].iloc[-1] == 7.0
    np.testing.assert_allclose(table["asset__age"].iloc[0], 365 / 365.25)
    assert blind["repair__since"].isna().tolist() == [True] * 3 + [False] * 7
    assert blind["asset__age"].isna().all()


def test_age_and_running_hours_follow_the_machine():
    features = FeatureSet(
        "pump",
        ("p",),
        (Window(duration="1h", every="1h"),),
        {"mean": None},
        events=EventFeatures(asset_age=True, run_hours=True),
    )
    frame = readings().assign(speed=np.where(np.arange(48) < 24, 100.0, 0.0))
    assets = {"P-1": Asset("P-1", "pump", commissioned=datetime(2025, 1, 1, tzinfo=UTC))}

    table = extract(frame, features, assets=assets, running=RunningRule("speed", above=10.0))

    np.testing.assert_allclose(table["asset__age"].iloc[24], 366 / 365.25)
    assert table["asset__run_hours"].iloc[[0, 10, 24, 47]].tolist() == [0.0, 10.0, 24.0, 24.0]
