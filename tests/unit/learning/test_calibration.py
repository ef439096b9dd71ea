import numpy as np
import pytest

from pdm.learning.calibration import apply_platt, cross_fitted_platt, fit_conformal, fit_platt, log_odds
from pdm.learning.metrics import brier, expected_calibration_error
from pdm.learning.survival import mean_life, monotone, quantile, remaining_life, widen


def overconfident(rows, seed=1):
    """Answers whose log-odds are three times too large."""
    random = np.random.default_rng(seed)
    true = random.beta(2, 5, rows)
    truth = (random.uniform(size=rows) < true).astype(float)
    return apply_platt(true, 3.0, 0.5), truth, true


def test_calibration_brings_stated_chances_back_to_what_comes():
    stated, truth, true = overconfident(20_000)

    slope, intercept = fit_platt(stated, truth, np.ones(len(truth)))
    moved = apply_platt(stated, slope, intercept)

    assert (slope, intercept) == pytest.approx((1 / 3, -0.5 / 3), abs=0.03)
    assert expected_calibration_error(moved, truth) < 0.02 < expected_calibration_error(stated, truth)
    assert np.abs(moved - true).mean() < 0.02


def test_every_fold_is_calibrated_by_the_others():
    stated, truth, _ = overconfident(6000)
    fold = np.arange(6000) % 3
    weight = np.ones(6000)

    moved = cross_fitted_platt(stated, truth, weight, fold)

    others = fold != 1
    expected = apply_platt(stated[fold == 1], *fit_platt(stated[others], truth[others], weight[others]))
    np.testing.assert_array_equal(moved[fold == 1], expected)
    assert brier(moved, truth) < brier(stated, truth)


def test_calibration_stays_finite_when_answers_are_perfect():
    truth = np.array([0.0, 0.0, 1.0, 1.0])

    assert np.isfinite(fit_platt(truth, truth, np.ones(4))).all()
    assert np.isfinite(log_odds(truth)).all()


def test_conformal_bounds_cover_what_they_promise_on_assets_never_seen():
    random = np.random.default_rng(4)
    assets, cuts, cap = 600, 20, 125.0
    groups = np.repeat(np.arange(assets), cuts)
    truth = random.uniform(0, 125, assets * cuts)
    bias = np.repeat(random.normal(0, 8, assets), cuts)
    mean = np.clip(truth + bias + random.normal(0, 4, len(truth)), 0, cap)
    low, high = np.maximum(mean - 3, 0), np.minimum(mean + 3, cap)
    known, fresh = groups < 300, groups >= 300

    table = fit_conformal(low[known], high[known], truth[known], mean[known], groups[known], np.ones(known.sum()), cap)
    wide_low, wide_high = widen(low[fresh], high[fresh], mean[fresh], cap, table)

    assert len(table) == 5
    inside = (wide_low <= truth[fresh]) & (truth[fresh] <= wide_high)
    assert 0.88 <= inside.mean() <= 0.93
    assert wide_low.min() >= 0
    assert wide_high.max() <= cap


def test_a_band_that_few_assets_reach_takes_the_correction_of_all():
    groups = np.arange(40)
    truth = np.linspace(0, 60, 40)

    table = fit_conformal(truth - 1, truth + 1, truth, truth, groups, np.ones(40), 125.0)

    assert table[4]["groups"] == 0
    assert table[4]["lower"] == pytest.approx(-1.0)


def test_the_curve_never_falls_with_the_horizon():
    random = np.random.default_rng(3)

    curve = monotone(random.uniform(size=(50, 6)))

    assert (np.diff(curve, axis=1) >= 0).all()


def test_mean_and_quantiles_agree_with_a_fine_sum():
    grid, cap = np.array([10.0, 30.0, 60.0]), 100.0
    curve = np.array([[0.1, 0.6, 0.9], [0.0, 0.02, 0.04]])
    fine = np.linspace(0, cap, 200_001)
    expected = [np.interp(fine, [0, 10, 30, 60, 100], [0, *row, row[-1]]) for row in curve]

    np.testing.assert_allclose(mean_life(grid, curve, cap), [(1 - row).mean() * cap for row in expected], rtol=1e-4)
    for level in (0.05, 0.5, 0.95):
        by_hand = [fine[np.argmax(row >= level)] if row.max() >= level else cap for row in expected]
        np.testing.assert_allclose(quantile(grid, curve, cap, level), by_hand, atol=1e-3)


def test_bounds_always_enclose_mean_and_median():
    grid, curve = np.array([10.0, 50.0]), np.array([[0.2, 0.9], [0.9, 0.95]])
    table = [{"lower": -30.0, "upper": -30.0}] * 5

    life = remaining_life(grid, curve, np.array([90.0, 2.0]), 100.0, table)

    assert (life.low <= np.minimum(life.mean, life.median)).all()
    assert (life.high >= np.maximum(life.mean, life.median)).all()
