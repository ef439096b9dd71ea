"""Nothing known later is used: history that is cut off gives the same rows, and the newest row alone is the last row of all."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Axis, EventFeatures, FeatureSet, LifeFeatures, RunningRule, Window
from pdm.extraction import extract, lookback
from pdm.extraction.calculators import CALCULATORS
from pdm.readings.registry import Asset

PARAMETERS = {
    "ratio_beyond_r_sigma": [{"r": 1}],
    "large_standard_deviation": [{"r": 0.25}],
    "cid_ce": [{"normalize": True}, {"normalize": False}],
    "quantile": [{"q": 0.1}, {"q": 0.9}],
    "mean_n_absolute_max": [{"number_of_maxima": 3}],
    "symmetry_looking": [{"r": 0.1}],
    "c3": [{"lag": 2}],
    "time_reversal_asymmetry_statistic": [{"lag": 1}],
    "number_crossing_m": [{"m": 0}],
    "number_peaks": [{"n": 2}],
    "autocorrelation": [{"lag": 3}],
    "count_above": [{"t": 0}],
    "count_below": [{"t": 0}],
    "range_count": [{"min": -1, "max": 1}],
    "value_count": [{"value": 0}],
    "index_mass_quantile": [{"q": 0.6}],
    "energy_ratio_by_chunks": [{"num_segments": 4, "segment_focus": 1}],
    "agg_linear_trend": [{"attr": "slope", "chunk_len": 5, "f_agg": agg} for agg in ("max", "var")],
    "linear_trend_timewise": [{"attr": "slope"}, {"attr": "pvalue"}],
    "agg_autocorrelation": [{"f_agg": "median", "maxlag": 10}],
    "augmented_dickey_fuller": [{"attr": "teststat"}, {"attr": "usedlag", "autolag": "BIC"}],
    "friedrich_coefficients": [{"m": 2, "r": 5, "coeff": 0}],
    "max_langevin_fixed_point": [{"m": 3, "r": 8}],
    "partial_autocorrelation": [{"lag": 2}],
    "ar_coefficient": [{"coeff": 0, "k": 3}, {"coeff": 1, "k": 3}],
    "fft_coefficient": [{"coeff": 2, "attr": attr} for attr in ("real", "imag", "abs", "angle")],
    "fft_aggregated": [{"aggtype": kind} for kind in ("centroid", "variance", "skew", "kurtosis")],
    "fourier_entropy": [{"bins": 5}],
    "spkt_welch_density": [{"coeff": 2}],
    "cwt_coefficients": [{"widths": (2, 5), "coeff": 3, "w": 5}],
    "permutation_entropy": [{"tau": 1, "dimension": 3}, {"tau": 2, "dimension": 8}],
    "lempel_ziv_complexity": [{"bins": 5}],
    "binned_entropy": [{"max_bins": 10}],
    "approximate_entropy": [{"m": 2, "r": 0.5}],
    "number_cwt_peaks": [{"n": 1}, {"n": 5}],
    "query_similarity_count": [{"query": None, "threshold": 0.0}],
    "change_quantiles": [{"ql": 0.2, "qh": 0.8, "isabs": True, "f_agg": kind} for kind in ("mean", "var", "std")],
    "linear_trend": [{"attr": attr} for attr in ("slope", "intercept", "rvalue", "stderr", "pvalue")],
}
EVERYTHING = {name: PARAMETERS.get(name) for name in CALCULATORS}
LIFE = LifeFeatures(baseline_rows=12, recent_rows=5, ewm_alpha=(0.05, 0.3), expanding=True, age=True)
EVENTS = EventFeatures(
    counts=(("error", "e1", "24h"), ("error", "", "3d")), since=(("repair", "bearing"),), asset_age=True, run_hours=True
)
RULE = RunningRule("speed", above=10.0, settle=2.0)
ASSETS = {tag: Asset(tag, "pump", commissioned=datetime(2020, 5, 1, tzinfo=UTC)) for tag in ("A", "B")}
BY_TIME = FeatureSet(
    "pump",
    ("p", "q"),
    (Window(duration="24h", every="5h", min_rows=3), Window(duration="7d", every="5h")),
    EVERYTHING,
    life=LIFE,
    events=EVENTS,
    running_only=True,
)
BY_ROWS = FeatureSet("pump", ("p", "q"), (Window(rows=10, every=3), Window(rows=40, every=3)), EVERYTHING, life=LIFE)


def history():
    rng = np.random.default_rng(8)
    frames = []
    for tag, rows in (("A", 400), ("B", 300)):
        times = pd.Timestamp("2026-01-01 03:00", tz="UTC") + pd.to_timedelta(np.arange(rows), "h")
        values = rng.normal(size=(rows, 2)).cumsum(axis=0)
        frame = pd.DataFrame({"asset": tag, "time": times.as_unit("us"), "p": values[:, 0], "q": values[:, 1].round()})
        frame["speed"] = np.where(rng.random(rows) < 0.02, 0.0, 100.0)
        frame.loc[rng.random(rows) < 0.1, "p"] = np.nan
        frames.append(frame[rng.random(rows) > 0.05])
    return pd.concat(frames, ignore_index=True)


def happenings():
    rng = np.random.default_rng(9)
    times = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(np.sort(rng.uniform(0, 400, 80)), "h")
    late = pd.to_timedelta(rng.choice([0, 1, 30, 200], 80), "h")
    kind = rng.choice(["error", "error", "repair", "rebaseline"], 80)
    return pd.DataFrame(
        {
            "asset": rng.choice(["A", "B"], 80),
            "time": times.as_unit("us"),
            "usage": np.nan,
            "recorded_at": (times + late).as_unit("us"),
            "kind": kind,
            "code": np.where(kind == "error", "e1", ""),
            "maintainable_item": np.where(kind == "repair", "bearing", ""),
        }
    )


def lives():
    moments = pd.to_datetime(
        ["2025-12-01 00:00", "2026-01-06 12:00", "2025-12-01 00:00", "2026-01-09 00:00"], utc=True
    ).as_unit("us")
    known = pd.to_datetime(["2026-01-08", None, "2026-01-09", None], utc=True).as_unit("us")
    return pd.DataFrame(
        {"asset": ["A", "A", "B", "B"], "maintainable_item": "unit", "start": moments, "known_at": known}
    )


def features(readings, feature_set, **options):
    return extract(readings, feature_set, happenings(), lives(), running=RULE, assets=ASSETS, **options)


@pytest.mark.parametrize("feature_set", [BY_TIME, BY_ROWS], ids=["time", "rows"])
@pytest.mark.parametrize("cut", ["2026-01-03 17:00", "2026-01-07 02:00", "2026-01-11 23:00"])
def test_history_that_is_cut_off_gives_the_rows_of_the_whole(feature_set, cut):
    moment = pd.Timestamp(cut, tz="UTC")
    readings, events = history(), happenings()
    whole = features(readings, feature_set)

    seen = extract(
        readings[readings["time"] <= moment],
        feature_set,
        events[(events["time"] <= moment) & (events["recorded_at"] <= moment)],
        lives(),
        running=RULE,
        assets=ASSETS,
    )

    expected = whole[whole["time"] <= moment].reset_index(drop=True)
    assert len(expected) > 10
    pd.testing.assert_frame_equal(seen, expected, check_exact=True)


@pytest.mark.parametrize("feature_set", [BY_TIME, BY_ROWS], ids=["time", "rows"])
def test_the_newest_row_alone_equals_the_last_row_of_all_bit_for_bit(feature_set):
    readings = history()
    whole = features(readings, feature_set)

    newest = features(readings, feature_set, only_last=True)

    last = whole.groupby("asset", as_index=False).tail(1).reset_index(drop=True)
    assert newest["asset"].tolist() == ["A", "B"]
    pd.testing.assert_frame_equal(newest, last, check_exact=True)


def test_the_announced_lookback_is_enough_for_the_newest_row():
    feature_set = FeatureSet("pump", ("p", "q"), BY_TIME.windows, EVERYTHING, running_only=True)
    readings = history()
    back = lookback(feature_set, Axis(), RULE)
    newest = readings.groupby("asset")["time"].transform("max")

    short = features(readings[readings["time"] > newest - pd.Timedelta(hours=back)], feature_set, only_last=True)

    pd.testing.assert_frame_equal(short, features(readings, feature_set, only_last=True), check_exact=True)


@pytest.mark.parametrize(
    "feature_set",
    [BY_ROWS, BY_TIME, FeatureSet("pump", ("p",), BY_TIME.windows, EVERYTHING, events=EventFeatures(run_hours=True))],
)
def test_what_counts_from_the_beginning_needs_the_whole_history(feature_set):
    assert lookback(feature_set, Axis()) is None


def test_values_after_the_as_of_time_may_be_anything():
    readings = history()
    moment = pd.Timestamp("2026-01-08", tz="UTC")
    spoilt = readings.copy()
    spoilt.loc[spoilt["time"] > moment, ["p", "q", "speed"]] = 1e30

    before, after = features(readings, BY_TIME), features(spoilt, BY_TIME)

    pd.testing.assert_frame_equal(before[before["time"] <= moment], after[after["time"] <= moment], check_exact=True)
