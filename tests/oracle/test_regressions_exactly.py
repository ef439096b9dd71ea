"""Regressions whose tsfresh value is made of rounding errors, against exact fractions; and parameters beyond the defaults."""

import re
import warnings
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pdm.extraction.calculators import Output, calculate, has_kernel
from pdm.extraction.parity import DEVIATIONS, agree, excepted

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from tsfresh.feature_extraction.extraction import _do_extraction_on_chunk

SETTINGS = {
    "agg_linear_trend": [
        {"attr": attr, "chunk_len": size, "f_agg": agg}
        for attr in ("pvalue", "slope", "stderr")
        for size in (1, 7)
        for agg in ("std", "sum", "mean")
    ],
    "agg_autocorrelation": [{"f_agg": agg, "maxlag": lag} for agg in ("std", "max", "min") for lag in (1, 6, 100)],
    "partial_autocorrelation": [{"lag": lag} for lag in (1, 14, 30)],
    "ar_coefficient": [{"coeff": coeff, "k": k} for k in (1, 4, 14) for coeff in (0, 1, k, k + 1)],
    "augmented_dickey_fuller": [
        {"attr": attr, "autolag": autolag}
        for attr in ("teststat", "pvalue", "usedlag")
        for autolag in ("BIC", "t-stat", None)
    ],
    "friedrich_coefficients": [
        {"m": m, "r": r, "coeff": coeff} for m, r in ((1, 4), (2, 10), (4, 20)) for coeff in (0, 1, 4)
    ],
    "max_langevin_fixed_point": [{"m": m, "r": r} for m, r in ((1, 4), (2, 10), (4, 20))],
}


@pytest.mark.parametrize("calculator", sorted(SETTINGS))
@pytest.mark.parametrize("length", [5, 24, 30, 31, 168, 600, 1400])
def test_other_parameters_give_what_tsfresh_gives(calculator, length):
    noise = np.random.default_rng(length).normal(size=length)
    values = 3.0 + np.convolve(noise, [1.0, 0.7, 0.4], "same")
    outputs = [Output(calculator, item) for item in SETTINGS[calculator]]

    mine = one(values, *outputs)
    answers = _do_extraction_on_chunk(
        ("a", "s", pd.Series(values)), {calculator: SETTINGS[calculator]}, None, show_warnings=False
    )
    theirs = {name: float(value) for _, name, value in answers}

    assert all(has_kernel(output) for output in outputs)
    for output, value in zip(outputs, mine, strict=True):
        name = output.name("s")
        assert agree(name, values, float(value), theirs[name]), f"{name}: {value!r}, tsfresh says {theirs[name]!r}"


def one(values, *outputs, **options):
    series = np.asarray(values, dtype=float)
    return calculate(series, np.array([0]), np.array([len(series)]), list(outputs), **options)[0]


def least_squares(rows, targets):
    """The exact solution of the normal equations, in fractions."""
    width = len(rows[0])
    system = [
        [sum(row[i] * row[j] for row in rows) for j in range(width)]
        + [sum(row[i] * y for row, y in zip(rows, targets, strict=True))]
        for i in range(width)
    ]
    for i in range(width):
        best = next(k for k in range(i, width) if system[k][i] != 0)
        system[i], system[best] = system[best], system[i]
        system[i] = [value / system[i][i] for value in system[i]]
        for k in range(width):
            if k != i:
                system[k] = [a - system[k][i] * b for a, b in zip(system[k], system[i], strict=True)]
    return [row[-1] for row in system]


@pytest.mark.parametrize(("length", "lags"), [(24, 10), (30, 10), (60, 3)])
def test_an_autoregression_far_from_zero_keeps_its_digits(length, lags):
    values = 1e6 + np.random.default_rng(length).normal(size=length)
    exact = [Fraction(value) for value in values]
    rows = [[Fraction(1), *(exact[t - lag] for lag in range(1, lags + 1))] for t in range(lags, length)]

    mine = one(values, *(Output("ar_coefficient", {"coeff": c, "k": lags}) for c in range(lags + 1)))

    np.testing.assert_allclose(mine, [float(value) for value in least_squares(rows, exact[lags:])], rtol=1e-11)


@pytest.mark.parametrize("value", [4.0, -33.3])
@pytest.mark.parametrize("length", [30, 3600])
def test_an_autoregression_that_nothing_decides_is_the_smallest_one(value, length):
    mine = one(np.full(length, value), *(Output("ar_coefficient", {"coeff": c, "k": 3}) for c in range(4)))

    np.testing.assert_allclose(mine, value * np.array([1.0, value, value, value]) / (1.0 + 3 * value**2), rtol=1e-12)


@pytest.mark.parametrize("length", [4, 5])
def test_the_unit_root_statistic_far_from_zero_keeps_its_digits(length):
    values = 1e6 + np.random.default_rng(length).normal(size=length)
    exact = [Fraction(value) for value in values]
    rows = [[Fraction(1), level] for level in exact[:-1]]
    steps = [b - a for a, b in pairwise(exact)]
    start, slope = least_squares(rows, steps)
    rest = sum((y - start - slope * row[1]) ** 2 for row, y in zip(rows, steps, strict=True))
    mean = sum(exact[:-1]) / len(rows)
    spread = sum((level - mean) ** 2 for level in exact[:-1])

    (mine,) = one(values, Output("augmented_dickey_fuller", {"attr": "teststat"}))

    assert mine == pytest.approx(float(slope) / float(rest / (len(rows) - 2) / spread) ** 0.5, rel=1e-11)


def test_a_ramp_has_no_unit_root_statistic_and_needs_no_lag():
    outputs = [Output("augmented_dickey_fuller", {"attr": attr}) for attr in ("teststat", "pvalue", "usedlag")]

    for length in (4, 24, 168):
        statistic, chance, lag = one(np.arange(length) * 0.5 + 3.0, *outputs)
        assert np.isnan([statistic, chance]).all()
        assert lag == 0


@pytest.mark.parametrize("length", [10, 60])
def test_the_drift_far_from_zero_keeps_its_digits(length):
    values = 1e6 + np.random.default_rng(length).normal(size=length)
    exact, edges = [Fraction(value) for value in values], np.quantile(values[:-1], np.linspace(0, 1, 31))
    group = np.searchsorted(edges, values[:-1]).clip(1)
    rows, steps = [], []
    for members in (np.flatnonzero(group == g) for g in np.unique(group)):
        level = sum(exact[i] for i in members) / len(members)
        rows.append([level**3, level**2, level, Fraction(1)])
        steps.append(sum(exact[i + 1] - exact[i] for i in members) / len(members))
    cubic, square, linear, constant = least_squares(rows, steps)
    near = Fraction(1_000_000)
    around = [cubic, 3 * cubic * near + square, 3 * cubic * near**2 + 2 * square * near + linear]
    around.append(((cubic * near + square) * near + linear) * near + constant)

    *mine, point = one(
        values,
        *(Output("friedrich_coefficients", {"m": 3, "r": 30, "coeff": c}) for c in range(4)),
        Output("max_langevin_fixed_point", {"m": 3, "r": 30}),
    )

    np.testing.assert_allclose(mine, [float(value) for value in (cubic, square, linear, constant)], rtol=1e-9)
    roots = np.roots([float(value) for value in around])
    assert point - 1e6 == pytest.approx(roots.real.max(), rel=1e-7)


def drift_exactly(values, degree=3, quantiles=30):
    """The polynomial of the drift in fractions: least squares, or the smallest one with scaled powers where points are too few."""
    exact, edges = [Fraction(value) for value in values], np.quantile(values[:-1], np.linspace(0, 1, quantiles + 1))
    group = np.searchsorted(edges, values[:-1]).clip(1)
    rows, steps = [], []
    for members in (np.flatnonzero(group == g) for g in np.unique(group)):
        level = sum(exact[i] for i in members) / len(members)
        rows.append([level**power for power in range(degree, -1, -1)])
        steps.append(sum(exact[i + 1] - exact[i] for i in members) / len(members))
    if len(rows) > degree:
        return least_squares(rows, steps)
    sizes = [sum(row[k] ** 2 for row in rows) for k in range(degree + 1)]
    gram = [[sum(a * b / size for a, b, size in zip(row, other, sizes, strict=True)) for other in rows] for row in rows]
    shares = least_squares(gram, steps)
    return [sum(share * row[k] for share, row in zip(shares, rows, strict=True)) / sizes[k] for k in range(degree + 1)]


def coefficients_and_point(values):
    outputs = [Output("friedrich_coefficients", {"m": 3, "r": 30, "coeff": c}) for c in range(4)]
    *mine, point = one(values, *outputs, Output("max_langevin_fixed_point", {"m": 3, "r": 30}))
    return mine, point


@pytest.mark.parametrize("level", [0.0, 100.0, 642.0, 1e4])
@pytest.mark.parametrize("length", [3, 4, 5, 7, 24])
def test_the_drift_of_spikes_and_of_few_levels_is_exact(level, length):
    values = level + np.random.default_rng(length).normal(size=length)
    values[length // 2] += 1e4 if length > 4 else 0.0

    mine, _ = coefficients_and_point(values)

    np.testing.assert_allclose(mine, [float(value) for value in drift_exactly(values)], rtol=1e-9)


def test_a_leading_coefficient_of_zero_has_no_root():
    values = [0.0, 0.75, 1.0, 0.25, 0.5, -0.25, 0.5]
    cubic, square, linear, constant = (float(value) for value in drift_exactly(np.array(values)))

    mine, point = coefficients_and_point(values)

    assert cubic == mine[0] == 0.0
    np.testing.assert_allclose(mine[1:], [square, linear, constant], rtol=1e-12)
    assert point == pytest.approx((-linear + (linear**2 - 4 * square * constant) ** 0.5) / (2 * square), rel=1e-12)


def test_a_drift_that_is_the_same_everywhere_is_that_constant_and_has_no_fixed_point():
    outputs = [Output("friedrich_coefficients", {"m": 3, "r": 30, "coeff": c}) for c in range(4)]

    mine = one(np.arange(60) * 0.5, *outputs, Output("max_langevin_fixed_point", {"m": 3, "r": 30}))

    np.testing.assert_array_equal(mine, [0.0, 0.0, 0.0, 0.5, np.nan])


@pytest.mark.parametrize("length", [11, 60, 168])
def test_a_steep_ramp_has_no_fixed_point_either(length):
    (point,) = one(np.linspace(0.0, 1e6, length), Output("max_langevin_fixed_point", {"m": 3, "r": 30}))

    assert np.isnan(point)


def test_a_slope_that_is_nearly_nothing_keeps_the_digits_of_its_probability():
    """Three points, one degree of freedom: p = 1 - 2 atan(t) / pi."""
    values, ticks = np.array([0.0, 1e8, 1.0]), np.array([0, 1, 2]) * 3_600_000_000
    outputs = [Output("linear_trend_timewise", {"attr": attr}) for attr in ("rvalue", "pvalue")]

    r, chance = one(values, *outputs, ticks=ticks)

    t = r / np.sqrt((1.0 - r) * (1.0 + r))
    assert 1.0 - chance == pytest.approx(2.0 * np.arctan(t) / np.pi, rel=1e-6)


@pytest.mark.parametrize("length", [5, 30, 168])
def test_a_straight_line_has_no_uncertainty(length):
    ticks = np.arange(length) * 600_000_000

    mine = one(
        np.arange(length) * 0.5,
        Output("linear_trend_timewise", {"attr": "stderr"}),
        Output("agg_linear_trend", {"attr": "stderr", "chunk_len": 1, "f_agg": "mean"}),
        ticks=ticks,
    )

    assert np.abs(mine).max() < 1e-13


def test_a_line_against_the_clock_follows_irregular_times():
    hours = np.array([0.0, 1.0, 1.5, 7.0, 7.25])
    ticks = 1_700_000_000_000_000 + np.round(hours * 3.6e9).astype(np.int64)
    outputs = [Output("linear_trend_timewise", {"attr": attr}) for attr in ("slope", "intercept", "rvalue")]

    np.testing.assert_allclose(one(2.0 * hours + 5.0, *outputs, ticks=ticks), [2.0, 5.0, 1.0], rtol=1e-14)


def test_a_partial_autocorrelation_does_not_depend_on_which_others_are_asked_for():
    values = np.random.default_rng(1).normal(size=30)
    lags = [Output("partial_autocorrelation", {"lag": lag}) for lag in range(10)]

    together = one(values, *lags)

    assert [one(values, lag)[0] for lag in lags] == together.tolist()
    assert together[0] == 1.0


def test_summaries_of_the_autocorrelation_do_not_depend_on_the_unit():
    values = np.random.default_rng(2).normal(size=60)
    outputs = [Output("agg_autocorrelation", {"f_agg": agg, "maxlag": 40}) for agg in ("mean", "median", "var")]

    np.testing.assert_allclose(one(values * 1e-7, *outputs), one(values, *outputs), rtol=1e-10)


@pytest.mark.parametrize(
    ("calculator", "parameters"),
    [
        ("agg_linear_trend", {"attr": "slope", "chunk_len": 5, "f_agg": "median"}),
        ("agg_linear_trend", {"attr": "slope", "chunk_len": 0, "f_agg": "max"}),
        ("agg_autocorrelation", {"f_agg": "mean", "maxlag": 0}),
        ("ar_coefficient", {"coeff": 0, "k": 0}),
        ("augmented_dickey_fuller", {"attr": "teststat", "autolag": "magic"}),
        ("friedrich_coefficients", {"coeff": 0, "m": 0, "r": 30}),
        ("linear_trend_timewise", {"attr": "magic"}),
    ],
)
def test_parameters_without_a_meaning_have_no_kernel(calculator, parameters):
    assert not has_kernel(Output(calculator, parameters))


@pytest.mark.parametrize("value", [0.1, -33.3, 1e6 + 0.1])
@pytest.mark.parametrize("length", [3, 6, 24, 30, 168])
def test_equal_values_have_no_spread_no_side_of_their_mean_and_no_spectrum(value, length):
    calm = [
        *(
            Output(name)
            for name in ("standard_deviation", "variation_coefficient", "count_above_mean", "count_below_mean")
        ),
        *(Output(f"longest_strike_{side}_mean") for side in ("above", "below")),
        Output("ratio_beyond_r_sigma", {"r": 0.5}),
        Output("large_standard_deviation", {"r": 0.05}),
        Output("linear_trend", {"attr": "slope"}),
    ]
    unknown = [
        Output("linear_trend", {"attr": "rvalue"}),
        Output("linear_trend_timewise", {"attr": "rvalue"}),
        Output("agg_linear_trend", {"attr": "rvalue", "chunk_len": 1, "f_agg": "mean"}),
        Output("partial_autocorrelation", {"lag": 1}),
        Output("fourier_entropy", {"bins": 5}),
    ]

    assert one([value] * length, *calm).tolist() == [0.0] * len(calm)
    assert np.isnan(one([value] * length, *unknown)).all()


@pytest.mark.parametrize("length", [6, 10, 24, 30])
def test_half_of_the_largest_line_counts_to_the_upper_bin(length):
    """Under a Hann window the spectrum of a step at the beginning is 1, exactly 1/2, then nothing."""
    upper = 2 / (length // 2 + 1)

    (entropy,) = one([5.25] + [5.0] * (length - 1), Output("fourier_entropy", {"bins": 2}))

    assert entropy == pytest.approx(-upper * np.log(upper) - (1 - upper) * np.log(1 - upper), rel=1e-12)


def test_chunks_of_the_same_readings_in_another_order_are_level():
    rng = np.random.default_rng(1)
    outputs = [
        Output("agg_linear_trend", {"attr": attr, "chunk_len": 10, "f_agg": agg})
        for agg in ("mean", "var")
        for attr in ("slope", "rvalue")
    ]

    for _ in range(100):
        readings = np.round(640.0 + 10.0 * rng.normal(size=10), 2)
        mine = one(np.concatenate([rng.permutation(readings) for _ in range(3)]), *outputs)

        np.testing.assert_array_equal(mine, [0.0, np.nan, 0.0, np.nan])


def test_chunks_whose_exact_means_are_equal_have_no_correlation_whatever_their_mean_rounds_to():
    """A sensor of a real engine: three in ten readings of each chunk stand one step higher."""
    steps = [0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0]
    values = np.array([0.03 if step else 0.02 for step in steps])
    settings = {"chunk_len": 10, "f_agg": "mean"}
    outputs = [Output("agg_linear_trend", settings | {"attr": attr}) for attr in ("slope", "rvalue", "stderr")]

    means = {sum(map(Fraction, values[i : i + 10].tolist())) / 10 for i in (0, 10, 20)}

    assert len(means) == 1
    np.testing.assert_array_equal(one(values, *outputs), [0.0, np.nan, np.nan])
    assert excepted(outputs[1].name("s"), values)
    assert not excepted(outputs[1].name("s"), np.array(steps) * 10.0)


def test_a_level_that_never_moved_before_its_last_step_has_no_unit_root_statistic():
    (statistic,) = one([0.25, 0.25, 0.25, 1.75], Output("augmented_dickey_fuller", {"attr": "teststat"}))

    assert np.isnan(statistic)


SHOWN = {
    ("standard_deviation", "constant"): "test_equal_values_have_no_spread_no_side_of_their_mean_and_no_spectrum",
    ("ar_coefficient", "constant"): "test_an_autoregression_that_nothing_decides_is_the_smallest_one",
    ("linear_trend", "constant"): "test_equal_values_have_no_spread_no_side_of_their_mean_and_no_spectrum",
    ("autocorrelation", "tiny"): "test_summaries_of_the_autocorrelation_do_not_depend_on_the_unit",
    ("ar_coefficient", "far from zero"): "test_an_autoregression_far_from_zero_keeps_its_digits",
    ("augmented_dickey_fuller", "far from zero"): "test_the_unit_root_statistic_far_from_zero_keeps_its_digits",
    ("augmented_dickey_fuller", "explained"): "test_a_ramp_has_no_unit_root_statistic_and_needs_no_lag",
    ("friedrich_coefficients", "hard powers"): "test_the_drift_of_spikes_and_of_few_levels_is_exact",
    (
        "friedrich_coefficients",
        "straight",
    ): "test_a_drift_that_is_the_same_everywhere_is_that_constant_and_has_no_fixed_point",
    ("max_langevin_fixed_point", "ties"): "test_a_leading_coefficient_of_zero_has_no_root",
    ("linear_trend", "straight"): "test_a_straight_line_has_no_uncertainty",
    ("agg_linear_trend", "flat chunks"): "test_chunks_of_the_same_readings_in_another_order_are_level",
    ("fourier_entropy", "impulse"): "test_half_of_the_largest_line_counts_to_the_upper_bin",
    ("permutation_entropy", "ties"): "test_of_equal_values_the_earlier_counts_as_the_smaller_on_every_machine",
    ("number_cwt_peaks", "ties"): "test_two_equal_neighbours_are_no_peak_whatever_their_rounding",
}


def test_every_exception_has_a_reason_and_a_test_of_its_own():
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parents[1].glob("*/**/test_*_*.py"))

    listed = {(re.split(r"\||__", deviation.columns)[0], deviation.windows) for deviation in DEVIATIONS}

    assert listed == set(SHOWN)
    assert [name for name in SHOWN.values() if f"def {name}(" not in tests] == []
    assert all(len(deviation.reason) > 40 for deviation in DEVIATIONS)
