"""Each measure against numbers worked out on paper."""

import math

import numpy as np
import pytest

from pdm.catalogue import Costs
from pdm.learning import metrics
from pdm.learning.economy import SeenLives, best_interval, cost_rates, survival_curve
from pdm.learning.prognostics import (
    alpha_lambda,
    alpha_lambda_curve,
    by_band,
    foresight,
    prognostic_horizon,
    relative_accuracy,
)


def f(*values):
    return np.array(values, dtype=np.float64)


def test_alpha_lambda_asks_half_way_and_allows_a_fifth():
    truth = f(100, 75, 50, 25, 0)

    assert alpha_lambda(f(0, 0, 59.9, 0, 0), truth)
    assert not alpha_lambda(f(100, 75, 60.5, 25, 0), truth)
    assert alpha_lambda(f(0, 0, 0, 29, 0), truth, share=0.75)


def test_the_prognostic_horizon_begins_where_answers_enter_the_band_for_good():
    truth = f(80, 60, 40, 20, 0)

    assert prognostic_horizon(f(85, 69, 45, 20, 5), truth, span=100) == 80
    assert prognostic_horizon(f(85, 95, 45, 20, 5), truth, span=100) == 40
    assert prognostic_horizon(f(85, 95, 45, 20, 50), truth, span=100) == 0


def test_relative_accuracy_is_the_mean_of_one_minus_the_relative_error_until_nine_tenths():
    # (1 - 10/100 + 1 - 10/50 + 1 - 5/20) / 3; the row at 5 lies in the last tenth
    assert relative_accuracy(f(90, 60, 25, 50), f(100, 50, 20, 5)) == pytest.approx((0.9 + 0.8 + 0.75) / 3)


def test_only_lives_below_the_cap_are_judged_and_each_counts_once():
    remaining = f(200, 100, 50, 10, 100, 50, 10)
    age = f(0, 100, 150, 190, 0, 50, 90)
    life = np.array([0, 0, 0, 0, 1, 1, 1])
    predicted = f(7, 100, 50, 10, 100, 90, 90)

    seen = foresight(predicted, remaining, age, life, 100.0)

    assert seen.lives == 2
    assert seen.alpha_lambda == 0.5
    assert seen.horizon == (100 + 0) / 2
    assert seen.relative_accuracy == pytest.approx((1 + np.mean([1, 1 - 40 / 50, 1 - 80 / 10])) / 2)
    assert math.isnan(foresight(predicted[:2], remaining[:2], age[:2], life[:2], 100.0).alpha_lambda)


def test_the_alpha_lambda_curve_counts_lives_at_every_tenth():
    truth = np.arange(100.0, -1.0, -1.0)
    curve = alpha_lambda_curve(truth + np.where(truth < 45, 30, 0), truth, 100 - truth, np.zeros(101, int), 100.0)

    assert [point["within"] for point in curve] == [1, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    assert [round(point["way"], 1) for point in curve] == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


def test_bands_split_by_the_true_remaining_life():
    error = f(1, 3, 5)
    table = by_band(
        f(20, 60),
        f(5, 19, 60),
        f(1, 1, 2),
        {"mae": lambda rows, weight: float(np.average(error[rows], weights=weight))},
    )

    assert table == [
        {"from": 0.0, "to": 20.0, "rows": 2.0, "mae": 2.0},
        {"from": 60.0, "to": np.inf, "rows": 1.0, "mae": 5.0},
    ]


def test_the_mean_nasa_score_scales_its_constants_with_the_unit():
    late_by_ten_cycles = math.e - 1

    assert metrics.nasa_mean(f(10), f(0)) == pytest.approx(late_by_ten_cycles)
    assert metrics.nasa_mean(f(200), f(0), scale=20.0) == pytest.approx(late_by_ten_cycles)
    assert metrics.nasa_mean(f(10, 5), f(0, 5), f(1, 3)) == pytest.approx(late_by_ten_cycles / 4)
    assert metrics.nasa_mean(f(1e6), f(0)) == math.inf


COSTS = Costs(missed_failure=1000.0, planned_repair=100.0, false_alert=10.0)
NAN = float("nan")


def lives(entry, end, failed, repaired, false=None):
    return SeenLives(f(*entry), f(*end), np.array(failed), f(*repaired), f(*(false or [0] * len(entry))))


def test_a_policy_pays_for_repairs_missed_failures_and_false_alerts_over_the_time_that_is_left():
    three = lives([0, 0, 50], [100, 200, 80], [True, True, False], [20, NAN, NAN], [1, 0, 2])

    rates = cost_rates(three, COSTS)

    # one planned repair, 20 before the end; one missed failure; three false alerts; 100 + 200 + 30 - 20 lived
    assert rates.policy == pytest.approx((100 + 1000 + 3 * 10) / 310)
    assert rates.run_to_failure == pytest.approx(2000 / 330)
    assert rates.perfect == pytest.approx(200 / 330)
    assert rates.regret == pytest.approx((1130 / 310 - 200 / 330) / (200 / 330))


def test_the_survival_curve_counts_only_lives_at_risk():
    # Entered at 0, 0, 60; at 50 two are at risk, at 100 the two that are left
    ages, survival, area = survival_curve(lives([0, 0, 60], [50, 100, 100], [True, True, False], [NAN] * 3))

    assert ages.tolist() == [50, 100]
    assert survival.tolist() == [0.5, 0.25]
    assert area.tolist() == [50, 75]


def test_no_interval_is_better_than_waiting_when_failures_come_at_any_age():
    # The exponential distribution forgets: only the very last of them is worth replacing, in hindsight
    ages = -np.log(1 - (np.arange(400) + 0.5) / 400) * 100
    many = SeenLives(np.zeros(400), ages, np.ones(400, dtype=bool), np.full(400, NAN), np.zeros(400))

    rate, interval = best_interval(many, COSTS)

    assert interval == ages[-1]
    assert rate == pytest.approx(400 * 1000 / ages.sum(), rel=0.01)


def test_the_best_interval_comes_just_before_the_wear_out():
    rate, interval = best_interval(lives([0] * 3, [90, 100, 110], [True] * 3, [NAN] * 3), COSTS)

    assert (rate, interval) == (pytest.approx(100 / 90), 90)


def test_nothing_seen_costs_nothing_anybody_knows():
    assert math.isnan(cost_rates(lives([], [], [], []), COSTS).policy)
