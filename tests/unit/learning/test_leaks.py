"""Planted leaks of every kind, each caught by the question that is meant for it, and honest tables that pass."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Axis, EventFeatures, FeatureSet, Learner, LifeFeatures, Window
from pdm.errors import LeakFound
from pdm.extraction import extract
from pdm.learning import leaks
from pdm.learning.leak_calendar import Calendar, calendar_of, maintenance_line
from pdm.learning.leak_peek import peek_line, sample_rows
from pdm.learning.leak_report import QUESTIONS, LeakLine, LeakReport, report_from
from pdm.learning.splits import TimeCut
from pdm.learning.train import train

HOUR = pd.Timedelta(hours=1)
START = pd.Timestamp("2026-01-01", tz="UTC")
MEANS = FeatureSet("engine", ("wear",), (Window(rows=5),), {"mean": None, "maximum": None})


def a_history(assets=6, rows=60):
    random = np.random.default_rng(2)
    frames = [
        pd.DataFrame(
            {"asset": f"E-{n}", "time": START + HOUR * np.arange(rows), "wear": random.normal(0, 1, rows).cumsum()}
        )
        for n in range(assets)
    ]
    return pd.concat(frames, ignore_index=True)


def from_the_past(readings, feature_set=MEANS, events=None):
    def recompute(asset, time):
        before = readings[(readings["asset"] == asset) & (readings["time"] <= time)]
        return extract(before, feature_set, events, axis=Axis(), only_last=True)

    return recompute


def asked(table, readings, **options):
    return peek_line("future_peek", sample_rows(table), from_the_past(readings, **options), cut="from history")


def test_an_honest_table_comes_out_the_same_from_truncated_history():
    readings = a_history()

    line = asked(extract(readings, MEANS, axis=Axis()), readings)

    assert line.passed is True
    assert line.figures == {"rows": 24.0, "features": 2.0, "differing": 0.0}


def test_a_window_that_reaches_into_the_future_is_caught():
    readings = a_history()
    table = extract(readings, MEANS, axis=Axis())
    centred = readings.groupby("asset")["wear"].transform(
        lambda wear: wear.rolling(5, center=True, min_periods=1).mean()
    )

    line = asked(table.assign(wear__mean=centred.to_numpy(np.float32)), readings)

    assert line.passed is False
    assert "wear__mean" in line.sentence
    assert "wear__maximum" not in line.sentence


def test_cycle_over_last_cycle_is_caught_because_the_last_cycle_is_not_known_yet():
    readings = a_history()
    table = extract(readings, MEANS, axis=Axis())
    number = table.groupby("asset").cumcount() + 1
    share = number / table.groupby("asset")["time"].transform("size")

    assert "progress" in asked(table.assign(progress=share.astype(np.float32)), readings).sentence


def test_numbers_normalised_over_the_whole_of_history_are_caught():
    readings = a_history()
    table = extract(readings, MEANS, axis=Axis())
    scaled = (table["wear__mean"] - table["wear__mean"].mean()) / table["wear__mean"].std()

    assert asked(table.assign(wear__mean=scaled.astype(np.float32)), readings).passed is False


def test_a_missing_value_filled_from_later_is_caught():
    readings = a_history()
    readings.loc[readings.index % 7 == 3, "wear"] = np.nan
    single = replace(MEANS, windows=(Window(rows=1),), calculators={"mean": None})
    honest = extract(readings, single, axis=Axis())
    filled = honest.assign(wear__mean=honest.groupby("asset")["wear__mean"].bfill())

    assert asked(honest, readings, feature_set=single).passed is True
    assert asked(filled, readings, feature_set=single).passed is False


def test_work_orders_that_were_entered_late_are_caught():
    counts = replace(MEANS, events=EventFeatures(counts=(("repair", "", "24h"),)))
    readings = a_history()
    times = START + HOUR * np.array([10, 25, 40])
    orders = pd.DataFrame(
        {"asset": "E-0", "time": times, "recorded_at": times + 8 * HOUR, "kind": "repair", "code": "", "usage": np.nan}
    )
    every = pd.concat([orders.assign(asset=f"E-{n}") for n in range(6)], ignore_index=True)
    hindsight = extract(readings, counts, every.assign(recorded_at=every["time"]), axis=Axis())

    honest = asked(extract(readings, counts, every, axis=Axis()), readings, feature_set=counts, events=every)
    line = asked(hindsight, readings, feature_set=counts, events=every)

    assert honest.passed is True
    assert line.passed is False
    assert "repair" in line.sentence


def test_whole_life_features_pass_because_they_only_look_back():
    whole = replace(MEANS, life=LifeFeatures(baseline_rows=5, ewm_alpha=(0.1,), expanding=True, age=True))
    readings = a_history()

    assert asked(extract(readings, whole, axis=Axis()), readings, feature_set=whole).passed is True


def test_nothing_can_be_asked_of_no_rows():
    line = peek_line("future_peek", sample_rows(a_history(1, 1)), from_the_past(a_history()), cut="")

    assert line.passed is None


def test_the_sample_goes_over_all_assets_before_it_takes_a_second_row():
    sampled = sample_rows(a_history(assets=10), 12)

    assert sampled["asset"].nunique() == 10
    assert (sampled["time"] > START).all()


@pytest.mark.parametrize(("gap", "window", "passed"), [(10, 0, True), (9, 0, False), (10, 24, False), (24, 24, True)])
def test_the_gap_must_hold_the_longer_of_horizon_and_window(gap, window, passed):
    positions = np.arange(100.0)

    line = leaks.cut_line(positions, positions <= 80 - gap, TimeCut(80.0 - gap, 80.0), horizon=10.0, window=window)

    assert line.passed is passed
    assert line.figures == {"gap": gap, "needed": max(10.0, window)}


def test_without_a_test_period_the_gap_is_no_question():
    assert leaks.cut_line(np.arange(9.0), np.ones(9, dtype=bool), None, 10.0, 0.0).passed is None


def trained_with(fleet, **features):
    table = fleet.features.assign(**{name: values.astype(np.float32) for name, values in features.items()})
    return train(table, fleet.lives, fleet.definition, fleet.asset_class, threads=1)


def test_a_feature_that_is_one_at_the_end_of_every_life_stops_training_without_any_history(engines):
    progress = engines.features["time"] / engines.features.groupby("asset")["time"].transform("max")

    with pytest.raises(LeakFound, match="progress") as stopped:
        trained_with(engines, progress=progress)

    assert stopped.value.report["passed"] is False
    assert {line["name"] for line in stopped.value.report["lines"] if line["passed"] is False} == {"single_feature"}


def test_a_feature_that_is_high_at_the_end_is_no_end_marker(trained_engines):
    assert trained_engines.model.facts["leaks"]["missing"] == ["future_peek", "known_then", "next_maintenance"]
    assert not LeakReport(report_from(trained_engines.model.facts["leaks"]).lines).failed


def mean_label_of(cells, label, rows):
    """A supervised feature: the mean label of the rows in the same cell."""
    cell = cells[:, 0].astype(np.int64)
    total = np.bincount(cell[rows], weights=label[rows], minlength=cell.max() + 1)
    return (total / np.maximum(np.bincount(cell[rows], minlength=cell.max() + 1), 1))[cell][:, None].astype(np.float32)


@pytest.mark.parametrize("leaky", [True, False])
def test_a_supervised_feature_fitted_on_what_is_judged_is_caught_by_shuffled_labels(leaky):
    random = np.random.default_rng(0)
    matrix = random.integers(0, 400, (1200, 1)).astype(np.float32)
    within, fold = random.integers(0, 2, 1200).astype(np.float64), random.integers(0, 3, 1200)

    def prepare(_rows, cells, label, may_learn):
        return mean_label_of(cells, label, np.ones(len(label), dtype=bool) if leaky else may_learn)

    line = leaks.shuffled_line(matrix, within, fold, Learner(), seed=1, prepare=prepare)

    assert line.passed is not leaky
    assert (line.figures["auc"] > 0.75) is leaky


def test_transforms_fitted_with_the_items_that_are_judged_are_caught():
    assets = {0: {"E-1", "E-2"}, 1: {"E-3"}}
    outside = {0: {"E-3"}, 1: {"E-1", "E-2"}}

    assert leaks.folds_line(outside, assets, {0: "a", 1: "b"}).passed is True
    line = leaks.folds_line({**outside, 1: {"E-1", "E-3"}}, assets, {0: "a", 1: "b"})
    assert (line.passed, line.figures) == (False, {"shared": 1.0})
    assert "fold 1" in line.sentence
    assert "E-3" in line.sentence


def test_one_normalisation_for_all_folds_is_caught_even_when_nobody_wrote_down_on_what():
    line = leaks.folds_line({0: set(), 1: set()}, {0: {"E-1"}, 1: {"E-2"}}, {0: "mean 3", 1: "mean 3"})

    assert line.passed is False
    assert "fitted once" in line.sentence


def a_calendar(assets=5, rows=400, *, regular=False):
    random = np.random.default_rng(4)
    positions = np.tile(np.arange(rows, dtype=np.float64), assets)
    groups = np.repeat(np.arange(assets), rows)
    until, since = np.full(len(positions), np.nan), np.full(len(positions), np.nan)
    for asset in range(assets):
        steps = np.full(20, 40.0) if regular else random.integers(15, 90, 20)
        works = np.cumsum(steps)
        own = np.flatnonzero(groups == asset)
        at = np.searchsorted(works, positions[own], side="right")
        until[own], since[own[at > 0]] = works[at] - positions[own], (positions[own] - works[at - 1])[at > 0]
    return positions, groups, Calendar(until, since)


def maintenance(features, plan, names=("a",)):
    positions, groups, calendar = plan
    return maintenance_line(features.astype(np.float32), names, positions, groups, calendar, Learner())


def test_days_until_the_next_service_are_caught_by_name():
    plan = a_calendar()
    noise = np.random.default_rng(1).normal(size=len(plan[0]))

    line = maintenance(np.column_stack([noise, plan[2].until_next / 24]), plan, ("noise", "days_to_pm"))

    assert line.passed is False
    assert "days_to_pm" in line.sentence


def test_features_that_together_know_the_plan_are_caught():
    plan = a_calendar()
    limits = (12, 16, 18, 20, 22, 24, 28, 36)
    soon = np.column_stack([plan[2].until_next < limit for limit in limits])

    line = maintenance(soon, plan, tuple("abcdefgh"))

    assert line.passed is False
    assert "they know the plan" in line.sentence


def test_time_since_the_last_service_is_allowed_to_foretell_a_regular_plan():
    plan = a_calendar(regular=True)

    assert maintenance(np.nan_to_num(plan[2].since_last)[:, None], plan).passed is True


def test_a_machine_that_says_nothing_of_the_plan_passes():
    plan = a_calendar()

    line = maintenance(np.random.default_rng(1).normal(size=(len(plan[0]), 2)), plan, ("a", "b"))

    assert line.passed is True
    assert line.figures["auc"] < 0.7


def test_the_calendar_counts_from_the_last_to_the_next_planned_work_of_the_same_asset():
    events = pd.DataFrame(
        {
            "asset": ["A", "A", "B", "A"],
            "kind": ["preventive", "inspection", "preventive", "repair"],
            "time": START + HOUR * np.array([10, 20, 5, 15]),
            "usage": np.nan,
        }
    )
    rows = pd.DataFrame({"asset": ["A", "A", "A", "B"], "time": START + HOUR * np.array([4, 12, 30, 4])})

    calendar = calendar_of(rows, events, Axis())

    assert np.nan_to_num(calendar.until_next, nan=-1).tolist() == [6, 8, -1, 1]
    assert np.nan_to_num(calendar.since_last, nan=-1).tolist() == [-1, 2, 10, -1]


def test_a_report_survives_json_and_knows_what_was_not_asked():
    report = LeakReport((LeakLine("folds", True, "fine", {"folds": 4}), LeakLine("purge_gap", None, "no cut")))

    again = report_from(report.plain())

    assert again == report
    assert set(report.missing) == set(QUESTIONS) - {"folds", "purge_gap"}
    assert report.plain()["passed"] is False
    assert [line.split()[0] for line in report.words.splitlines()] == ["n/a", "ok"]
    assert report.metrics() == {"leak.folds": 1.0, "leak.folds.folds": 4.0}
    assert report_from({"lines": [{"name": "x"}]}) is None
    assert report_from(None) is None
