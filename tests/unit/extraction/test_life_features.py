"""Features of the whole life: against plain pandas, and across repairs and re-baselining."""

import numpy as np
import pandas as pd

from pdm.catalogue import Axis, FeatureSet, LifeFeatures, Window
from pdm.extraction import extract

CYCLES = Axis("usage", 1.0, "cycles", 4.0)
LIFE = LifeFeatures(baseline_rows=10, recent_rows=4, ewm_alpha=(0.05,), expanding=True, age=True)
FEATURES = FeatureSet("e", ("p",), (Window(rows=5),), {"mean": None}, life=LIFE)
START = pd.Timestamp("2026-01-01", tz="UTC")


def engine(rows=60, offset=0.0):
    values = np.random.default_rng(3).normal(size=rows).cumsum() + offset
    return pd.DataFrame({"asset": "E-1", "time": np.arange(1.0, rows + 1), "p": values})


def calendar(rows=60):
    readings = engine(rows)
    return readings.assign(time=(START + pd.to_timedelta(readings["time"], "h")).astype("datetime64[us, UTC]"))


def event(kind, hour, recorded=None, item=""):
    moment = START + pd.Timedelta(hours=hour)
    known = START + pd.Timedelta(hours=hour if recorded is None else recorded)
    return pd.DataFrame(
        {
            "asset": ["E-1"],
            "time": [moment],
            "usage": [np.nan],
            "recorded_at": [known],
            "kind": [kind],
            "code": [""],
            "maintainable_item": [item],
        }
    ).astype({"time": "datetime64[us, UTC]", "recorded_at": "datetime64[us, UTC]"})


def test_life_features_are_what_pandas_says():
    readings = engine(offset=1e4)
    readings.loc[[5, 17], "p"] = np.nan
    p, n = readings["p"], len(readings)
    table = extract(readings, FEATURES, axis=CYCLES)

    near = {"rtol": 1e-6, "equal_nan": True}
    np.testing.assert_allclose(table["p__life_mean"], p.expanding().mean(), **near)
    np.testing.assert_allclose(table["p__life_std"], p.expanding().std(ddof=0), rtol=1e-5)
    np.testing.assert_allclose(
        table["p__ewm_mean__alpha_0.05"], p.ewm(alpha=0.05, adjust=True, ignore_na=True).mean(), **near
    )
    kept = p.notna()
    slope = np.polyfit(readings["time"][kept], p[kept], 1)[0]
    np.testing.assert_allclose(table["p__life_slope"].iloc[-1], slope, rtol=1e-5)
    assert table["life__age"].tolist() == list(range(n))


def test_drift_compares_the_last_values_with_the_machines_own_beginning():
    readings = engine()
    drift = extract(readings, FEATURES, axis=CYCLES)["p__life_drift"]

    assert drift[:9].isna().all()
    p = readings["p"]
    assert drift[9] == np.float32(p[6:10].mean() - p[:10].mean())
    np.testing.assert_allclose(drift.iloc[-1], p[-4:].mean() - p[:10].mean(), rtol=1e-6)


def test_a_life_on_record_begins_before_the_first_reading():
    lives = pd.DataFrame({"asset": ["E-1"], "maintainable_item": ["unit"], "start": [-20.0]})

    table = extract(engine(), FEATURES, lives=lives, axis=CYCLES)

    assert table["life__age"].iloc[0] == 21.0
    assert table["p__life_mean"].iloc[0] == np.float32(engine()["p"].iloc[0])


def test_a_new_life_begins_anew_and_the_life_of_a_part_does_not_count():
    readings = calendar()
    starts = [START, START + pd.Timedelta(hours=30), START + pd.Timedelta(hours=45)]
    lives = pd.DataFrame({"asset": "E-1", "maintainable_item": ["unit", "unit", "bearing"], "start": starts})
    lives = lives.astype({"start": "datetime64[us, UTC]"})

    table = extract(readings, FEATURES, lives=lives)

    assert table["life__age"].tolist() == [*range(1, 31), *range(1, 31)]
    fresh = readings["p"].iloc[30:].reset_index(drop=True)
    np.testing.assert_allclose(table["p__life_mean"].iloc[30:], fresh.expanding().mean(), rtol=1e-6)
    assert table["p__life_drift"].iloc[30:39].isna().all()


def test_a_repair_entered_late_begins_a_life_only_when_it_is_known():
    lives = pd.DataFrame(
        {
            "asset": "E-1",
            "maintainable_item": "unit",
            "start": [START, START + pd.Timedelta(hours=20)],
            "known_at": [START + pd.Timedelta(hours=18), pd.NaT],
        }
    ).astype({"start": "datetime64[us, UTC]", "known_at": "datetime64[us, UTC]"})

    age = extract(calendar(), FEATURES, event("repair", 20, recorded=30), lives)["life__age"]

    assert age[28] == 29.0
    assert age[29:].tolist() == [float(age) for age in range(10, 41)]


def test_a_rebaseline_restarts_the_drift_and_nothing_else():
    readings = calendar()
    plain = extract(readings, FEATURES)

    table = extract(readings, FEATURES, event("rebaseline", 25))

    p = readings["p"]
    assert table["p__life_drift"].iloc[25:34].isna().all()
    np.testing.assert_allclose(table["p__life_drift"].iloc[-1], p[-4:].mean() - p[25:35].mean(), rtol=1e-6)
    pd.testing.assert_frame_equal(table.drop(columns="p__life_drift"), plain.drop(columns="p__life_drift"))


def test_a_rebaseline_entered_late_leaves_the_rows_before_as_they_were():
    plain = extract(calendar(), FEATURES)["p__life_drift"]

    late = extract(calendar(), FEATURES, event("rebaseline", 25, recorded=50))["p__life_drift"]

    assert late[:49].equals(plain[:49])
    assert (late[50:] != plain[50:]).all()
