"""Which readings a window holds and at which moments features are computed."""

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Axis, Channel, FeatureSet, RunningRule, Window
from pdm.errors import ColumnsError, InputError
from pdm.extraction import Threads, extract, feature_names

CYCLES = Axis("usage", 1.0, "cycles", 4.0)
SEEN = {"length": None, "minimum": None, "maximum": None}


def hourly(values, asset="P-1", start="2026-01-01"):
    times = pd.date_range(start, periods=len(values), freq="1h", tz="UTC").as_unit("us")
    return pd.DataFrame({"asset": asset, "time": times, "p": np.asarray(values, dtype=float)})


def at(table, time):
    return table[table["time"] == pd.Timestamp(time, tz="UTC")].iloc[0]


def by_time(every="6h", *durations, **options):
    windows = tuple(Window(duration=text, every=every, **options) for text in durations)
    return FeatureSet("pump", ("p",), windows, SEEN)


def test_a_window_of_time_leaves_out_its_start_and_holds_its_end():
    table = extract(hourly(np.arange(49)), by_time("6h", "24h"))

    row = at(table, "2026-01-02 00:00")
    assert (row["p__minimum"], row["p__maximum"], row["p__length"]) == (1.0, 24.0, 24.0)


def test_as_of_times_lie_on_a_grid_anchored_at_the_epoch():
    table = extract(hourly(np.arange(20), start="2026-01-01 04:20"), by_time("6h", "24h"))

    assert table["time"].dt.hour.tolist() == [6, 12, 18]
    assert (table["time"].dt.minute == 0).all()


def test_a_day_long_stride_falls_on_midnight_utc():
    table = extract(hourly(np.arange(60), start="2026-01-01 04:00"), by_time("1d", "24h"))

    assert table["time"].dt.strftime("%d %H:%M").tolist() == ["02 00:00", "03 00:00"]


def test_nothing_is_computed_beyond_the_last_reading_or_where_the_longest_window_is_empty():
    readings = pd.concat([hourly(np.arange(6)), hourly(np.arange(7), start="2026-01-03")])

    table = extract(readings, by_time("6h", "6h", "12h"))

    assert table["time"].dt.strftime("%d %H").tolist() == ["01 00", "01 06", "01 12", "03 00", "03 06"]
    assert table["p@6h__length"].isna().tolist() == [False, False, True, False, False]


def test_readings_at_irregular_times_are_counted_by_time_and_not_by_rows():
    times = pd.to_datetime(
        ["2026-01-01 00:10", "2026-01-01 05:59:59.999999", "2026-01-01 06:00"], format="ISO8601", utc=True
    )
    readings = pd.DataFrame({"asset": "P-1", "time": times.as_unit("us"), "p": [1.0, 2.0, 3.0]})

    table = extract(readings, by_time("3h", "3h", "1h"))

    assert table["time"].dt.hour.tolist() == [3, 6]
    assert table["p@3h__length"].tolist() == [1.0, 2.0]
    assert table["p@1h__minimum"].iloc[1] == 2.0


def test_a_window_of_rows_holds_the_last_rows_and_fewer_at_the_beginning():
    table = extract(hourly([5, 4, 3, 2]), FeatureSet("pump", ("p",), (Window(rows=3, min_rows=2),), SEEN))

    assert table["p__length"].fillna(0).tolist() == [0.0, 2.0, 3.0, 3.0]
    assert table["p__minimum"].iloc[-1] == 2.0


def test_rows_are_counted_from_the_first_row_of_a_life():
    readings = pd.DataFrame({"asset": "E-1", "time": np.arange(1.0, 13.0), "p": np.arange(12.0)})
    lives = pd.DataFrame(
        {
            "asset": ["E-1", "E-1"],
            "maintainable_item": ["unit", "unit"],
            "start": [0.0, 5.0],
            "known_at": pd.to_datetime([None, None], utc=True),
        }
    )
    features = FeatureSet("e", ("p",), (Window(rows=2, every=3),), SEEN)

    assert extract(readings, features, axis=CYCLES)["time"].tolist() == [1.0, 4.0, 7.0, 10.0]
    assert extract(readings, features, lives=lives, axis=CYCLES)["time"].tolist() == [1.0, 4.0, 6.0, 9.0, 12.0]


def test_a_usage_axis_has_windows_of_usage():
    readings = pd.DataFrame({"asset": "E-1", "time": [0.5, 1.0, 7.25, 10.0, 20.0], "p": [1.0, 2.0, 3.0, 4.0, 5.0]})
    features = FeatureSet("e", ("p",), (Window(duration="10 cycles", every="5 cycles"),), SEEN)

    table = extract(readings, features, axis=CYCLES)

    assert table["time"].tolist() == [5.0, 10.0, 15.0, 20.0]
    assert table["p__length"].tolist() == [2.0, 4.0, 2.0, 1.0]


def test_missing_values_are_left_out_of_the_window_of_their_channel_alone():
    readings = hourly([1.0, np.nan, np.inf, 4.0]).assign(q=[1.0, 2.0, 3.0, 4.0])
    table = extract(readings, FeatureSet("pump", ("p", "q"), (Window(rows=4, min_rows=2),), SEEN))

    assert table["p__length"].fillna(0).tolist() == [0.0, 0.0, 0.0, 2.0]
    assert table["p__maximum"].iloc[-1] == 4.0
    assert table["q__length"].iloc[-1] == 4.0


def test_a_channel_without_any_value_gives_nan_and_does_not_stop_the_job():
    table = extract(hourly([np.nan] * 30), by_time("6h", "24h"))

    assert len(table) == 5
    assert table.drop(columns=["asset", "time"]).isna().all(axis=None)


def test_readings_outside_running_do_not_enter_a_window():
    readings = hourly([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).assign(speed=[100.0, 0.0, 100.0, 100.0, np.nan, 100.0])
    features = FeatureSet("pump", ("p",), (Window(rows=6),), SEEN, running_only=True)
    rule = RunningRule("speed", above=50.0, settle=1.0)

    assert extract(readings, features, running=rule)["p__length"].iloc[-1] == 3.0  # 1, 4 and 6; 3 is just after a start
    assert extract(readings, features)["p__length"].iloc[-1] == 6.0
    held = (Channel("speed", "speed", "rpm", sampling="exception"),)
    assert extract(readings, features, running=rule, channels=held)["p__length"].iloc[-1] == 4.0


def test_the_order_of_the_rows_and_the_number_of_threads_change_nothing():
    readings = pd.concat([hourly(np.arange(50), "B"), hourly(np.arange(30) * 2, "A")])
    features = by_time("6h", "24h", "12h")

    plain = extract(readings, features)
    shuffled = extract(readings.sample(frac=1.0, random_state=1), features, executor=Threads(2))

    assert plain["asset"].unique().tolist() == ["A", "B"]
    pd.testing.assert_frame_equal(plain, shuffled)


def test_the_table_has_the_announced_columns_in_float32():
    features = FeatureSet(
        "pump",
        ("p", "q"),
        (Window(rows=3), Window(rows=5)),
        {"quantile": [{"q": 0.9}], "linear_trend": [{"attr": "slope"}]},
        per_channel={"q": {"mean": None}},
    )
    table = extract(hourly(np.arange(5)).assign(q=1.0), features)

    assert tuple(table.columns[2:]) == feature_names(features)
    assert table.columns[2:].tolist() == [
        "p@3rows__quantile__q_0.9",
        'p@3rows__linear_trend__attr_"slope"',
        "p@5rows__quantile__q_0.9",
        'p@5rows__linear_trend__attr_"slope"',
        "q@3rows__mean",
        "q@5rows__mean",
    ]
    assert set(table.dtypes.iloc[2:].astype(str)) == {"float32"}
    assert str(table["time"].dtype) == "datetime64[us, UTC]"


def test_no_readings_give_an_empty_table_with_all_columns():
    table = extract(hourly([]), by_time("6h", "24h"))

    assert len(table) == 0
    assert table.columns.tolist() == ["asset", "time", "p__length", "p__minimum", "p__maximum"]


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        ((Window(rows=3), Window(duration="3h", every="1h")), "one kind"),
        ((Window(duration="3h", every="1h"), Window(duration="6h", every="3h")), "share"),
        ((Window(rows=3), Window(rows=3, min_rows=2)), "twice"),
        ((), "no window"),
    ],
)
def test_windows_that_cannot_share_a_table_are_refused(windows, words):
    with pytest.raises(ValueError, match=words):
        FeatureSet("pump", ("p",), windows)


def test_a_missing_channel_is_named():
    with pytest.raises(ColumnsError, match="lack q"):
        extract(hourly([1.0]), FeatureSet("pump", ("p", "q"), (Window(rows=3),)))


def test_times_without_a_zone_are_refused():
    readings = hourly([1.0])
    with pytest.raises(InputError, match="UTC"):
        extract(readings.assign(time=readings["time"].dt.tz_localize(None)), by_time("6h", "24h"))


def test_a_calculator_that_nobody_knows_is_refused():
    with pytest.raises(InputError, match="no calculator 'meen'"):
        extract(hourly([1.0]), FeatureSet("pump", ("p",), (Window(rows=3),), {"meen": None}))


def test_parameters_that_tsfresh_refuses_are_told():
    with pytest.raises(InputError, match="quantile refuses"):
        extract(hourly([1.0]), FeatureSet("pump", ("p",), (Window(rows=3),), {"quantile": [{"q": 7}]}))


def test_windows_with_too_few_values_are_counted():
    readings = pd.concat([hourly([1.0, np.nan, 3.0, np.nan, np.nan, 6.0]), hourly([1.0, 2.0], asset="P-2")])
    found = []

    table = extract(readings, FeatureSet("pump", ("p",), (Window(rows=3, min_rows=2),), SEEN), gaps=found.extend)

    assert table["p__maximum"].isna().sum() == found[0].short == 6
    assert found[0].sentence == "p: 6 of 8 windows of 3rows have fewer than 2 values (75 %)"
