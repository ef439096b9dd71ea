"""Every figure against a naive second implementation, on numbers nobody chose."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdm.learning import metrics

numbers = st.lists(st.tuples(st.floats(0, 125), st.floats(0, 125), st.floats(0.1, 5)), min_size=1, max_size=30)
chances = st.lists(
    st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans(), st.integers(1, 3)), min_size=2, max_size=30
)


def arrays(rows):
    return tuple(np.array([float(value) for value in column]) for column in zip(*rows, strict=True))


@given(numbers)
def test_errors_agree_with_sums_by_hand(rows):
    predicted, truth, weight = arrays(rows)
    total = sum(w for _, _, w in rows)

    assert metrics.rmse(predicted, truth, weight) == pytest.approx(
        math.sqrt(sum(w * (p - t) ** 2 for p, t, w in rows) / total)
    )
    assert metrics.mae(predicted, truth, weight) == pytest.approx(sum(w * abs(p - t) for p, t, w in rows) / total)


@given(numbers)
def test_the_nasa_score_agrees_with_its_definition(rows):
    predicted, truth, _ = arrays(rows)
    expected = sum(math.exp((t - p) / 13) - 1 if p < t else math.exp((p - t) / 10) - 1 for p, t, _ in rows)

    assert metrics.nasa_score(predicted, truth) == pytest.approx(expected, abs=1e-9)


@given(numbers)
def test_interval_figures_agree_with_counting(rows):
    centre, truth, half = arrays(rows)
    low, high = centre - half, centre + half
    inside = [lo <= t <= hi for lo, t, hi in zip(low, truth, high, strict=True)]
    outside = [max(lo - t, t - hi, 0) for lo, t, hi in zip(low, truth, high, strict=True)]

    assert metrics.coverage(low, high, truth) == pytest.approx(sum(inside) / len(inside))
    assert metrics.width(low, high) == pytest.approx(float(np.mean(2 * half)))
    assert metrics.winkler(low, high, truth) == pytest.approx(float(np.mean(2 * half)) + 20 * float(np.mean(outside)))


@given(chances)
def test_brier_and_auc_agree_with_pairs(rows):
    chance, truth, _ = arrays(rows)
    pairs = [(1.0 if p > q else 0.5 if p == q else 0.0) for p, a, _ in rows if a for q, b, _ in rows if not b]

    assert metrics.brier(chance, truth) == pytest.approx(sum((p - y) ** 2 for p, y, _ in rows) / len(rows))
    if pairs:
        assert metrics.roc_auc(chance, truth) == pytest.approx(sum(pairs) / len(pairs))
    else:
        assert math.isnan(metrics.roc_auc(chance, truth))


@given(chances)
def test_average_precision_agrees_with_a_walk_over_thresholds(rows):
    chance, truth, weight = arrays(rows)
    positives = sum(w for _, y, w in rows if y)
    if not positives:
        assert math.isnan(metrics.average_precision(chance, truth, weight))
        return
    area, before = 0.0, 0.0
    for threshold in sorted({p for p, _, _ in rows}, reverse=True):
        hit = sum(w for p, y, w in rows if y and p >= threshold)
        flagged = sum(w for p, _, w in rows if p >= threshold)
        area += (hit / positives - before) * hit / flagged
        before = hit / positives

    assert metrics.average_precision(chance, truth, weight) == pytest.approx(area)


def test_bins_hold_equal_mass_and_their_distance_is_the_calibration_error():
    chance = np.linspace(0.005, 0.995, 100)
    truth = np.zeros(100)
    table = metrics.reliability(chance, truth)

    assert Counter(table[:, 2].tolist()) == {10.0: 10}
    assert metrics.expected_calibration_error(chance, truth) == pytest.approx(0.5)


def test_a_perfectly_calibrated_answer_has_hardly_any_error():
    random = np.random.default_rng(2)
    chance = random.uniform(size=40_000)

    assert metrics.expected_calibration_error(chance, (random.uniform(size=40_000) < chance).astype(float)) < 0.02


@pytest.mark.parametrize(("found", "of"), [(0, 7), (7, 7), (54, 56), (1, 3)])
def test_the_binomial_interval_is_exact(found, of):
    low, high = metrics.binomial_interval(found, of)

    def at_least(k, p):
        return sum(math.comb(of, i) * p**i * (1 - p) ** (of - i) for i in range(k, of + 1))

    assert low == 0.0 if found == 0 else at_least(found, low) == pytest.approx(0.025)
    assert high == 1.0 if found == of else 1 - at_least(found + 1, high) == pytest.approx(0.025)


def test_an_item_that_is_drawn_twice_weighs_twice():
    random = np.random.default_rng(4)
    groups = np.repeat(np.arange(30), 20)
    values = np.repeat(random.normal(0, 1, 30), 20) + random.normal(0, 0.01, 600)

    low, high = metrics.interval_by_item(lambda w: metrics.mae(values, np.zeros(600), w), np.ones(600), groups)
    by_rows = metrics.interval_by_item(lambda w: metrics.mae(values, np.zeros(600), w), np.ones(600), np.arange(600))

    same = metrics.bootstrap_interval(lambda rows: metrics.mae(values[rows], np.zeros(len(rows))), groups)
    assert (low, high) == pytest.approx(same, abs=0.04)
    assert high - low > 3 * (by_rows[1] - by_rows[0])


def test_the_bootstrap_draws_whole_assets():
    groups = np.repeat([0, 1, 2, 3], 25)
    seen = []

    def measure(rows):
        seen.append(Counter(groups[rows].tolist()))
        return float(np.mean(groups[rows]))

    low, high = metrics.bootstrap_interval(measure, groups, draws=50)

    assert low < 1.5 < high
    assert all(count % 25 == 0 for draw in seen for count in draw.values())
