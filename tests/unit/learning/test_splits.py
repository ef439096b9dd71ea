from dataclasses import replace

import numpy as np
import pandas as pd

from pdm.catalogue import Axis, Split
from pdm.learning.course import Course
from pdm.learning.splits import by_time, equal_weights, grouped_folds, groups_of


def course_of(fleet, **changes):
    definition = replace(fleet.definition, **changes)
    none = np.zeros(len(fleet.features), dtype=bool)
    return Course(fleet.features, fleet.lives, definition, fleet.asset_class, 1, none)


def test_no_asset_stands_on_both_sides_of_a_fold(pumps):
    course = course_of(pumps)

    for number in np.unique(course.bench.fold):
        held = course.bench.fold == number
        grown = course.bench.training_rows("past", int(number))

        assert not set(course.assets[held]) & set(course.assets[grown])


def test_assets_that_shared_an_item_stay_together():
    lives = pd.DataFrame({"asset": ["A", "B", "B", "C"], "item": ["x", "x", "y", "z"]})

    groups = groups_of(pd.Series(["C", "B", "A", "C"]), lives)

    assert groups[1] == groups[2] != groups[0] == groups[3]


def test_every_fold_gets_its_share_of_failures():
    groups = np.repeat(np.arange(20), 5)

    fold = grouped_folds(groups, groups < 8, 4, seed=1)

    assert [len(np.unique(groups[(fold == number) & (groups < 8)])) for number in range(4)] == [2, 2, 2, 2]
    np.testing.assert_array_equal(fold, grouped_folds(groups, groups < 8, 4, seed=1))


def test_training_labels_do_not_reach_into_the_test_period(pumps):
    course = course_of(pumps)
    rows = course.bench.rows["past"]

    for target in course.definition.targets:
        labels = course.labels(target, "past")
        failure = course.positions + labels.remaining
        assert (failure[rows & labels.observed] <= course.cut.test_from).all()
        if target.horizon:
            settled = course.positions[~np.isnan(labels.within(target.horizon))] + target.horizon
            assert settled.max() <= course.cut.test_from


def test_the_gap_is_never_shorter_than_the_longest_horizon(pumps):
    positions = np.arange(1000.0)

    cut = by_time(positions, replace(pumps.definition, split=Split(test_share=0.2, gap=1.0)), Axis())

    assert cut.test_from - cut.train_until == 20.0


def test_the_test_period_starts_at_the_date_that_is_set(pumps):
    positions = Axis().positions(pumps.features["time"])

    cut = by_time(positions, replace(pumps.definition, split=Split(test_from="2026-01-20")), Axis())

    assert pd.Timestamp(cut.test_from, unit="h", tz="UTC") == pd.Timestamp("2026-01-20", tz="UTC")


def test_a_usage_axis_is_cut_by_asset_only(engines):
    course = course_of(engines)

    assert course.cut is None
    assert not course.later(engines.definition.targets[0]).any()


def test_every_asset_weighs_the_same():
    weights = equal_weights(np.array([0, 0, 0, 1, 2]), np.array([True, True, True, True, False]))

    np.testing.assert_allclose(weights, [2 / 3, 2 / 3, 2 / 3, 2, 0])


def test_the_gap_holds_the_longest_window_too(pumps):
    course = course_of(pumps)

    without = by_time(course.positions, course.definition, course.axis)
    with_window = by_time(course.positions, course.definition, course.axis, window=90.0)

    assert without.test_from == with_window.test_from
    assert with_window.test_from - with_window.train_until == 90.0 > without.test_from - without.train_until
