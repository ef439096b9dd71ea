"""A channel that is written only when it moves counts each value for as long as it held, in a batch and in a stream alike."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import AssetClass, Axis, Channel, FeatureSet, RunningRule, Window
from pdm.catalogue.load import load_class
from pdm.errors import InputError
from pdm.extraction import describe_feature, extract, feature_names, lookback
from pdm.extraction.plan import without_kernel
from pdm.extraction.stream import FeatureStream

START = pd.Timestamp("2026-01-01", tz="UTC")
DAY = (Window(duration="24h", every="24h"),)
ALL = {
    "mean": None,
    "maximum": None,
    "variance": None,
    "standard_deviation": None,
    "root_mean_square": None,
    "count_above": [{"t": 5}],
    "count_below": [{"t": 0}],
}
VALVE = FeatureSet("pump", ("valve",), DAY, ALL, held=("valve",))


def written(*rows, **others):
    """Readings (hour, value) of a valve; other channels by name, one value per row."""
    hours, values = zip(*rows, strict=True)
    times = (START + pd.to_timedelta(list(hours), "h")).as_unit("us")
    return pd.DataFrame({"asset": "P-1", "time": times, "valve": np.array(values, dtype=float), **others})


def test_each_value_counts_for_as_long_as_it_held():
    # From midnight 10 % for 20 h (known from the day before), then four quick steps, then 50 % for 3 h.
    table = extract(written((-5, 10), (20, 90), (20.25, 20), (20.5, 80), (21, 50), (24, 50)), VALVE)

    row = table.iloc[-1]
    exact = Fraction(20 * 10 + 90, 1) - Fraction(90 * 3, 4) + Fraction(20, 4) + Fraction(80, 2) + 3 * 50
    assert row["valve__time_weighted_mean"] == np.float32(float(exact / 24))
    pieces = [(20, 10), (Fraction(1, 4), 90), (Fraction(1, 4), 20), (Fraction(1, 2), 80), (3, 50)]
    variance = sum(d * (v - exact / 24) ** 2 for d, v in pieces) / 24
    assert row["valve__time_weighted_variance"] == pytest.approx(float(variance), rel=1e-6)
    assert row["valve__time_weighted_standard_deviation"] == pytest.approx(float(variance) ** 0.5, rel=1e-6)
    assert row["valve__time_weighted_root_mean_square"] == pytest.approx(
        float(sum(d * v * v for d, v in pieces) / 24) ** 0.5, rel=1e-6
    )
    assert (row["valve__time_weighted_count_above__t_5"], row["valve__time_weighted_count_below__t_0"]) == (1.0, 0.0)
    assert row["valve__maximum"] == 90.0  # extremes look at the readings within, as of any channel


def test_names_say_what_is_computed_and_sentences_too():
    names = feature_names(VALVE)
    pump = AssetClass("pump", "Pump", Axis(), (Channel("valve", "Valve position", "%", sampling="exception"),), VALVE)

    assert names[:2] == ("valve__time_weighted_mean", "valve__maximum")
    assert "valve__mean" not in names
    assert describe_feature(names[0], pump).sentence == "mean over time of valve position over the last 24 h, %"
    assert (
        describe_feature(names[5], pump).sentence == "share of time at or above 5 of valve position over the last 24 h"
    )
    assert without_kernel(VALVE) == ()
    assert feature_names(FeatureSet("pump", ("valve",), DAY, ALL))[0] == "valve__mean"


def test_a_channel_that_rests_has_a_mean_without_any_reading_in_the_window():
    table = extract(written((-30, 7), *[(hour, np.nan) for hour in (0, 30, 49)], temperature=1.0), VALVE)

    assert table["valve__time_weighted_mean"].tolist() == [7.0, 7.0, 7.0]
    assert table["valve__time_weighted_variance"].iloc[-1] == 0.0
    assert table["valve__maximum"].isna().iloc[-1]
    assert lookback(VALVE, Axis()) is None  # however long ago it moved


def test_time_before_the_first_value_does_not_count():
    table = extract(written((1, np.nan), (12, 4), (18, 8), (24, np.nan)), VALVE)

    assert table["valve__time_weighted_mean"].tolist() == [6.0]
    assert extract(written((1, np.nan), (24, np.nan)), VALVE)["valve__time_weighted_mean"].isna().all()
    assert extract(written((1, np.nan), (24, 3)), VALVE)["valve__time_weighted_mean"].tolist() == [3.0]


def test_time_outside_running_does_not_count_and_a_value_written_then_holds_on():
    features = FeatureSet("pump", ("valve",), DAY, {"mean": None}, running_only=True, held=("valve",))
    readings = written((0, 10), (6, 50), (12, np.nan), (24, np.nan), speed=[100.0, 0.0, 100.0, 100.0])

    table = extract(readings, features, running=RunningRule("speed", above=10.0))

    assert table["valve__time_weighted_mean"].iloc[-1] == np.float32((6 * 10 + 12 * 50) / 18)


def test_a_window_of_rows_begins_with_the_reading_before_it():
    features = FeatureSet("pump", ("valve",), (Window(rows=2),), {"mean": None}, held=("valve",))

    table = extract(written((0, 1), (1, 2), (4, 8), (5, 0)), features)

    assert table["valve__time_weighted_mean"].tolist() == [1.0, 1.0, 1.75, 3.5]


def test_readings_of_other_channels_change_nothing_not_even_by_rounding():
    rng = np.random.default_rng(1)
    hours = np.sort(rng.uniform(-20, 60, 40))
    alone = written(*zip(hours, rng.normal(size=40), strict=True))
    others = written(*[(hour, np.nan) for hour in rng.uniform(-20, 60, 500)])

    both = extract(pd.concat([alone, others]), VALVE).set_index("time")

    few = extract(pd.concat([alone, others.iloc[:1], written((59.9, np.nan))]), VALVE).set_index("time")
    weighted = [name for name in both if "time_weighted" in name]
    pd.testing.assert_frame_equal(few[weighted], both.loc[few.index, weighted], check_exact=True)


def test_the_name_may_be_asked_for_of_any_channel_and_twice_is_once():
    twice = {"mean": None, "time_weighted_mean": None, "time_weighted_count_above": [{"t": 1.5}]}

    assert feature_names(FeatureSet("pump", ("p",), DAY, twice)) == (
        "p__mean",
        "p__time_weighted_mean",
        "p__time_weighted_count_above__t_1.5",
    )
    assert len(feature_names(FeatureSet("pump", ("p",), DAY, twice, held=("p",)))) == 2
    with pytest.raises(InputError, match="time_weighted_count_above does not take"):
        feature_names(FeatureSet("pump", ("p",), DAY, {"time_weighted_count_above": [{"x": 1}]}))


def test_a_class_says_by_its_sampling_which_channels_hold(tmp_path):
    text = (
        'name = "mixer"\ntitle = "Mixer"\n\n[[channel]]\nname = "valve"\ntitle = "valve"\nunit = "%"\nsampling = "exception"\n\n'
        '[[channel]]\nname = "level"\ntitle = "level"\nunit = "m"\n\n[features]\nwindows = [{ duration = "24h", every = "6h" }]\n'
    )
    (tmp_path / "mixer.toml").write_text(text)

    mixer = load_class(tmp_path / "mixer.toml")

    assert mixer.feature_set.held == ("valve",)
    names = feature_names(mixer.feature_set)
    assert "valve__time_weighted_mean" in names
    assert "level__mean" in names


def test_a_channel_by_exception_that_no_feature_set_holds_is_refused():
    channels = (Channel("valve", "valve", "%", sampling="exception"),)
    loose = FeatureSet("pump", ("valve",), DAY, ALL)

    with pytest.raises(InputError, match="valve: sampled by exception"):
        extract(written((0, 1)), loose, channels=channels)
    with pytest.raises(InputError, match="valve: sampled by exception"):
        FeatureStream(loose, keep="1d", channels=channels)
