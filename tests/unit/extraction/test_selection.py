"""Relevance is judged on independent episodes inside a training fold, and refused elsewhere; tests/oracle holds it against tsfresh."""

import numpy as np
import pandas as pd
import pytest

from pdm.errors import InputError, TooLittleData
from pdm.extraction.selection import discoveries, relevance
from pdm.testing.relevance import features_and_target

EVERY = np.ones(120, dtype=bool)
OWN = np.arange(120)


@pytest.mark.parametrize("binary", [True, False])
def test_what_has_to_do_with_the_target_is_found_among_noise(binary):
    features, y = features_and_target()

    found = relevance(features, (y > 0.2) if binary else y, OWN, train=EVERY).set_index("feature")

    assert {"signal1", "switch"} <= set(found.index[found["relevant"]])
    assert not found["relevant"].filter(like="noise").any()
    assert (found["kind"]["constant"], found["kind"]["coin"]) == ("constant", "binary")
    assert not found["relevant"]["constant"]


def walks(machines=24, windows=60, features=40, seed=11):
    """Machines whose sensors wander on their own, and of which half fail for no reason that a sensor sees."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(machines, windows, features)).cumsum(axis=1) + 5 * rng.normal(size=(machines, 1, features))
    frame = pd.DataFrame(steps.reshape(-1, features), columns=[f"f{n}" for n in range(features)])
    fails = np.repeat(rng.permutation(machines) % 2, windows)
    return frame, fails, np.repeat(np.arange(machines), windows)


def test_overlapping_windows_inflate_significance_and_episodes_do_not():
    frame, fails, machine = walks()
    train = np.ones(len(frame), dtype=bool)

    as_if_independent = relevance(frame, fails, np.arange(len(frame)), train=train)
    by_machine = {
        how: relevance(frame, fails, machine, train=train, aggregate=how) for how in ("last", "median", "sample")
    }

    assert as_if_independent["relevant"].sum() > 20
    assert as_if_independent["p_value"].min() < 1e-12
    for found in by_machine.values():
        assert found["relevant"].sum() == 0
        assert found["episodes"].eq(24).all()


def test_windows_of_one_life_are_refused_unless_it_is_said_how_they_become_one():
    frame, fails, machine = walks()

    with pytest.raises(InputError, match="1440 rows of 24 episodes are not independent"):
        relevance(frame, fails, machine, train=np.ones(len(frame), dtype=bool))


def test_rows_outside_the_training_fold_may_be_anything():
    features, y = features_and_target()
    train = np.arange(120) % 3 > 0
    spoilt, other = features.copy(), y.copy()
    spoilt[~train], other[~train] = 1e30, -1e30

    found = relevance(features, y, OWN, train=train)

    pd.testing.assert_frame_equal(found, relevance(spoilt, other, OWN, train=train))
    assert found["episodes"].eq(80).all()


def test_missing_and_infinite_values_are_left_out_feature_by_feature():
    features, y = features_and_target()
    holes = features.copy()
    holes.loc[::5, "signal1"] = np.nan
    holes.loc[1::5, "signal2"] = np.inf
    holes["gone"] = np.nan
    unknown = np.where(np.arange(120) == 7, np.nan, y)

    found = relevance(holes, y, OWN, train=EVERY).set_index("feature")
    alone = relevance(features.loc[np.arange(120) % 5 > 0, ["signal1"]], y[OWN % 5 > 0], OWN[:96], train=EVERY[:96])

    assert found["episodes"][["signal1", "signal2", "gone", "noise1"]].tolist() == [96, 96, 0, 120]
    assert found["p_value"]["signal1"] == alone["p_value"][0]
    assert found["kind"]["gone"] == "empty"
    assert not found["relevant"]["gone"]
    assert relevance(features, unknown, OWN, train=EVERY)["episodes"].eq(119).all()


def test_a_sample_of_each_life_is_the_same_for_the_same_seed_only():
    frame, fails, machine = walks()
    options = {"train": np.ones(len(frame), dtype=bool), "aggregate": "sample"}

    one, again = (relevance(frame, fails, machine, seed=5, **options) for _ in range(2))

    pd.testing.assert_frame_equal(one, again)
    assert not one.equals(relevance(frame, fails, machine, seed=6, **options))


def test_a_target_that_changes_within_a_life_has_no_median_when_it_is_yes_or_no():
    frame, _, machine = walks()
    soon = np.tile(np.arange(60) > 50, 24)

    with pytest.raises(InputError, match="changes within an episode"):
        relevance(frame, soon, machine, train=np.ones(len(frame), dtype=bool), aggregate="median")


def test_too_few_lives_and_a_target_that_never_changes_are_told():
    features, y = features_and_target()

    with pytest.raises(TooLittleData, match="3 episodes"):
        relevance(features[:3], y[:3], OWN[:3], train=EVERY[:3])
    with pytest.raises(TooLittleData, match="1 different targets"):
        relevance(features, np.zeros(120), OWN, train=EVERY)


def test_lengths_levels_and_ways_that_do_not_fit_are_refused():
    features, y = features_and_target()

    with pytest.raises(InputError, match="target 119"):
        relevance(features, y[1:], OWN, train=EVERY)
    with pytest.raises(InputError, match=r"level of 1\.5"):
        relevance(features, y, OWN, train=EVERY, level=1.5)
    with pytest.raises(InputError, match="'mode'"):
        relevance(features, y, OWN // 2, train=EVERY, aggregate="mode")


def test_benjamini_yekutieli_divides_the_level_by_the_harmonic_sum():
    p_values = np.array([0.001, 0.011, 0.04, np.nan, 0.2])

    # 0.05 k / 4 is 0.0125, 0.025, 0.0375, 0.05; the sum 1 + 1/2 + 1/3 + 1/4 is 25/12, which leaves 0.006 and 0.012.
    assert discoveries(p_values, 0.05, independent=True).tolist() == [True, True, False, False, False]
    assert discoveries(p_values, 0.05).tolist() == [True, True, False, False, False]
    assert discoveries(p_values * 1.2, 0.05).tolist() == [True, False, False, False, False]
