import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Axis, FailureMode, Target
from pdm.learning.targets import label_rows

WITHIN_10 = Target("wear_within_10", "failure_within", ("wear",), horizon=10.0)
CALENDAR = Axis()


def rows_at(times, asset="P-1"):
    return pd.DataFrame({"asset": asset, "time": times})


def label(times, lives, definition, target=WITHIN_10, axis=CALENDAR, **options):
    return label_rows(rows_at(times), pd.DataFrame(lives), definition, target, axis, **options)


def test_a_failure_within_the_horizon_is_one_and_a_later_one_is_zero(life, hours, definition):
    labels = label(hours(80, 90, 95), [life("P-1", *hours(0, 100))], definition())

    assert labels.within(10.0).tolist() == [0.0, 1.0, 1.0]
    assert labels.remaining.tolist() == [20.0, 10.0, 5.0]
    assert labels.age.tolist() == [80.0, 90.0, 95.0]


@pytest.mark.parametrize("ended_by", ["open", "removal", "repair"])
def test_a_row_censored_before_the_horizon_is_unknown(life, hours, definition, ended_by):
    labels = label(hours(85, 90, 95), [life("P-1", *hours(0, 100), ended_by)], definition())

    np.testing.assert_array_equal(labels.within(10.0), [0.0, 0.0, np.nan])
    np.testing.assert_array_equal(labels.capped(12.0), [12.0, np.nan, np.nan])


def test_a_failure_in_another_mode_censors_and_does_not_count(life, hours, definition):
    modes = (FailureMode("wear", "Wear", "unit"), FailureMode("leak", "Leak", "unit"))

    labels = label(hours(85, 95), [life("P-1", *hours(0, 100), mode="leak")], definition(failure_modes=modes))

    np.testing.assert_array_equal(labels.within(10.0), [0.0, np.nan])


def test_only_severities_that_count_are_failures(life, hours, definition):
    labels = label(hours(95), [life("P-1", *hours(0, 100), severity="incipient")], definition())

    assert np.isnan(labels.within(10.0)).all()


def test_an_unnamed_failure_belongs_to_the_only_mode_of_its_item(life, hours, definition):
    lives = [life("P-1", *hours(0, 100), mode="")]
    two = (FailureMode("wear", "Wear", "unit"), FailureMode("leak", "Leak", "unit"))

    assert label(hours(95), lives, definition()).within(10.0).tolist() == [1.0]
    assert np.isnan(label(hours(95), lives, definition(failure_modes=two)).within(10.0)).all()


def test_rows_between_a_failure_and_the_next_life_are_left_out(life, hours, definition):
    lives = [life("P-1", *hours(0, 100)), life("P-1", *hours(120, 200), "open")]

    labels = label(hours(99, 100, 110, 120, 121), lives, definition())

    np.testing.assert_array_equal(labels.kept, [True, False, False, True, True])


def test_the_last_cycle_on_a_counter_was_still_flown(life, definition):
    axis = Axis("usage", 1.0, "cycles", 4.0)

    labels = label([1.0, 100.0, 101.0], [life("P-1", 1.0, 100.0)], definition(), axis=axis)

    np.testing.assert_array_equal(labels.remaining, [99.0, 0.0, np.nan])


def test_modes_hang_on_the_lives_of_their_own_items(life, hours, definition):
    modes = (FailureMode("wear", "Wear", "bearing"), FailureMode("leak", "Leak", "seal"))
    both = Target("any", "remaining_life", ("wear", "leak"), cap=1000.0)
    lives = [
        life("P-1", *hours(0, 100), item="bearing", serial="b1"),
        life("P-1", *hours(0, 60), "removal", item="seal", serial="s1"),
        life("P-1", *hours(60, 300), mode="leak", item="seal", serial="s2"),
    ]

    wear = label(hours(50, 70), lives, definition(failure_modes=modes))
    first = label(hours(50, 70), lives, definition(failure_modes=modes), both)

    assert wear.remaining.tolist() == [50.0, 30.0]
    assert first.remaining.tolist() == [10.0, 30.0]
    assert first.observed.tolist() == [False, True]


def test_a_mode_whose_item_has_no_lives_hangs_on_the_whole_unit(life, hours, definition):
    modes = (FailureMode("wear", "Wear", "bearing"),)

    labels = label(hours(95), [life("P-1", *hours(0, 100))], definition(failure_modes=modes))

    assert labels.within(10.0).tolist() == [1.0]


def test_labels_as_known_then_do_not_see_a_later_failure(life, hours, definition):
    lives = [life("P-1", *hours(0, 100)), life("P-1", *hours(110, 200), serial="new")]
    until = float(CALENDAR.positions(pd.Series(hours(98)))[0])

    labels = label(hours(85, 95, 99, 150), lives, definition(), known_until=until)

    np.testing.assert_array_equal(labels.within(10.0), [0.0, np.nan, np.nan, np.nan])
    assert not labels.observed.any()


def test_assets_without_lives_are_left_out(life, hours, definition):
    labels = label_rows(
        rows_at(hours(50), "P-9"), pd.DataFrame([life("P-1", *hours(0, 100))]), definition(), WITHIN_10, CALENDAR
    )

    assert not labels.kept.any()
