"""Rivals are learnt where the model beside them was learnt, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from pdm.catalogue import Costs, Policy, Target
from pdm.learning.evaluation import Rows
from pdm.learning.naive import learn_naive, naive_out_of_fold
from pdm.learning.rules import KINDS, Rule, choose_rule, level_columns, rule_values
from pdm.learning.targets import Labels

SOON = Target("soon", "failure_within", ("wear",), horizon=10.0)
LIFE = Target("life", "remaining_life", ("wear",), cap=50.0)


def lives(*lengths):
    """One life per machine, seen at every unit until it failed: labels, groups and positions."""
    age = np.concatenate([np.arange(length, dtype=float) for length in lengths])
    groups = np.repeat(np.arange(len(lengths)), lengths)
    remaining = np.repeat(np.array(lengths, float), lengths) - age
    labels = Labels(remaining, np.ones(len(age), bool), age, groups)
    return labels, groups, age


def test_the_average_counts_every_machine_the_same_and_not_every_row():
    labels, groups, _ = lives(20, 180)
    truth = labels.within(10.0)

    constant, _ = learn_naive(labels, truth, groups, labels.kept)

    assert constant == pytest.approx((truth[:20].mean() + truth[20:].mean()) / 2)
    assert constant > 2 * truth.mean()


@pytest.mark.parametrize("target", [SOON, LIFE], ids=["probability", "life"])
def test_a_machine_has_no_say_in_what_is_said_about_it(target):
    labels, groups, _ = lives(30, 40, 50, 60)
    other, _, _ = lives(30, 40, 50, 900)
    truth, else_truth = (one.within(10.0) if target is SOON else one.capped(50.0) for one in (labels, other))
    fold = groups % 4

    first = naive_out_of_fold(target, labels, truth, groups, fold, labels.kept)
    second = naive_out_of_fold(
        target,
        other,
        else_truth,
        np.repeat(np.arange(4), (30, 40, 50, 900)),
        np.repeat(np.arange(4), (30, 40, 50, 900)),
        other.kept,
    )

    last = slice(120, 180)
    np.testing.assert_array_equal(first.constant[last], second.constant[last])
    np.testing.assert_allclose(first.age[last], second.age[last])
    assert first.constant[0] != pytest.approx(second.constant[0], abs=1e-4)


def watched(definition, seed=3):
    """Twenty machines whose second channel rises in the last ten units before each failure; the first is noise."""
    labels, groups, age = lives(*[60] * 20)
    random = np.random.default_rng(seed)
    ramp = np.maximum(0.0, 12.0 - labels.remaining)
    table = np.column_stack([random.normal(0, 1, len(age)), 5 + 0.5 * ramp + random.normal(0, 0.3, len(age))])
    mine = replace(
        definition(targets=(SOON,)),
        costs=Costs(100.0, 20.0, 5.0),
        policy=Policy(raise_at=0.4, clear_at=0.2, persistence=(1, 1)),
    )
    return Rows(age, groups, groups, labels), table, mine


@pytest.mark.parametrize("kind", KINDS)
def test_the_limit_that_is_chosen_stands_on_the_channel_that_shows_wear(definition, kind):
    rows, table, mine = watched(definition)

    values = rule_values(kind, table, rows.assets)
    rule = choose_rule(values, rows, SOON, mine)

    found = rule.score(values).astype(bool)
    assert (rule.column, rule.side) == (1, 1)
    assert found[rows.labels.remaining <= 4].mean() > 0.9
    assert found[rows.labels.remaining > 12].mean() < 0.02


def test_no_limit_is_set_where_none_saves_anything(definition):
    rows, table, mine = watched(definition)
    dear = replace(mine, costs=Costs(missed_failure=100.0, planned_repair=20.0, false_alert=100.0))

    rule = choose_rule(table[:, :1], rows, SOON, dear)

    assert rule == Rule()
    assert not rule.score(table).any()


def test_a_drift_says_nothing_until_a_machine_has_rows_of_its_own_to_drift_from():
    table = np.array([[np.nan], *[[1.0]] * 24, *[[2.0]] * 5])

    drift = rule_values("ewma", table, np.zeros(30, dtype=np.int64))[:, 0]

    assert np.isnan(drift[:20]).all()
    np.testing.assert_allclose(drift[20:25], 0.0, atol=1e-12)
    np.testing.assert_allclose(drift[25:], 1 - 0.8 ** np.arange(1, 6), rtol=0.01)


def test_limits_stand_on_levels_and_on_everything_where_there_is_none():
    names = ["p@24h__mean", 'p@24h__linear_trend__attr_"slope"', "v__quantile__q_0.9", "error.count"]

    assert level_columns(names) == ["p@24h__mean", "v__quantile__q_0.9"]
    assert level_columns(["error.count"]) == ["error.count"]


def test_both_views_of_a_training_stand_beside_a_line_and_the_alarms_that_a_plant_has_anyway(trained_pumps):
    baselines = trained_pumps.evaluation.baselines()

    for question in ("new_assets", "later"):
        for name in ("brier_ridge", "recall_limit", "false_per_year_limit", "recall_ewma", "false_per_year_ewma"):
            assert f"wear_within_20.{question}.{name}" in baselines
        assert f"remaining_life.{question}.rmse_ridge" in baselines
