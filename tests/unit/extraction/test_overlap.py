"""What overlapping windows share (tallies, chunks, sorted copies, sums in lanes) changes no bit of any of them."""

import math
import warnings

import numpy as np
import pytest

from pdm.extraction.calculators import CALCULATORS, Output, calculate
from pdm.extraction.kernel_sums import extremes, pairwise_sum, products, squares


@pytest.fixture(scope="module")
def outputs():
    """tsfresh's default parameters of every calculator that has a kernel, but for the two of quadratic cost."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tsfresh.feature_extraction import EfficientFCParameters

        settings = dict(EfficientFCParameters())
    return tuple(Output(name, item) for name in CALCULATORS if name in settings for item in settings[name] or [None])


def series(rows):
    rng = np.random.default_rng(11)
    walk = rng.normal(size=rows).cumsum()
    return np.where(np.arange(rows) % 97 < 40, walk.round(), walk + 0.3 * rng.normal(size=rows))


@pytest.mark.parametrize(("length", "stride"), [(24, 3), (30, 1), (168, 3), (168, 50), (400, 40), (60, 75)])
def test_a_window_among_overlapping_ones_has_the_bits_it_has_alone(length, stride, outputs):
    values = series(900)
    starts = np.arange(0, 900 - length, stride)[:12]

    together = calculate(values, starts, starts + length, outputs)

    for place, start in enumerate(starts):
        window = values[start : start + length].copy()
        alone = calculate(window, np.array([0]), np.array([length]), outputs)[0]
        differ = [outputs[c].name("s") for c in np.flatnonzero(~_same(together[place], alone))]
        assert differ == []


def test_windows_in_any_order_and_of_any_length_have_the_bits_they_have_alone(outputs):
    values = series(500)
    rng = np.random.default_rng(3)
    starts = rng.integers(0, 400, 25)
    ends = starts + rng.integers(0, 100, 25)

    together = calculate(values, starts, ends, outputs)

    for place in range(25):
        window = values[starts[place] : ends[place]].copy()
        alone = calculate(window, np.array([0]), np.array([len(window)]), outputs)[0]
        assert _same(together[place], alone).all()


NINE = "mean standard_deviation variance minimum maximum sum_values median skewness kurtosis abs_energy"


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 9, 24, 30, 63, 127, 128, 129, 135, 168, 250, 256, 257, 300])
@pytest.mark.parametrize("kind", ["walk and ties", "far from zero", "zeros of both signs", "constant for a while"])
def test_windows_at_every_row_have_the_bits_they_have_alone(length, kind):
    """Eight of them are added up side by side, and their median is followed: neither may be seen in any bit."""
    rng, simple = np.random.default_rng(length), tuple(Output(name) for name in NINE.split())
    values = {
        "walk and ties": series(400),
        "far from zero": 1e6 + rng.normal(size=400),
        "zeros of both signs": rng.choice([0.0, -0.0, 1.0, -1.0], 400),
        "constant for a while": np.where(np.arange(400) % 350 < 320, 0.1, rng.normal(size=400)),
    }[kind]
    starts = np.concatenate([np.zeros(max(length - 1, 0), np.int64), np.arange(400 - length + 1)])
    ends = np.concatenate([np.arange(1, length), np.arange(length, 401)])
    chosen = np.unique(rng.integers(0, len(starts), 60))

    together = calculate(values, starts, ends, simple)
    windows = [values[starts[w] : ends[w]].copy() for w in chosen]
    alone = [calculate(window, np.array([0]), np.array([len(window)]), simple)[0] for window in windows]
    medians = calculate(values, starts, ends, (Output("median"),))[:, 0]

    assert together[chosen].tobytes() == np.array(alone).tobytes()
    np.testing.assert_array_equal(medians, [np.median(values[a:b]) for a, b in zip(starts, ends, strict=True)])


@pytest.mark.parametrize("length", [*range(1, 20), 127, 128, 129, 135, 168, 256, 257, 264, 1000, 3600])
def test_a_sum_in_lanes_has_numpys_bits(length):
    values = np.random.default_rng(length).normal(size=length + 3) * 10.0 ** np.arange(-4, length - 1).clip(-4, 4)

    assert pairwise_sum(values, 3, length) == np.sum(values[3:])
    assert extremes(values, 3, length) == (values[3:].min(), values[3:].max())


@pytest.mark.parametrize("length", [1, 7, 8, 30, 168, 3600])
def test_squares_and_products_in_lanes_keep_their_digits(length):
    rng = np.random.default_rng(length)
    values, others = 1e6 + rng.normal(size=length + 1), rng.normal(size=length + 1)

    exact = math.fsum((x - 1e6) ** 2 for x in values[1:].tolist())
    cross = math.fsum(x * y for x, y in zip(values[:-1].tolist(), others[1:].tolist(), strict=True))

    assert squares(values, 1, length, 1e6) == pytest.approx(exact, rel=1e-14)
    assert products(values, 0, others, 1, length) == pytest.approx(cross, rel=1e-12)


def _same(one, other):
    return (one == other) | (np.isnan(one) & np.isnan(other))
