"""The kernels where tsfresh, pandas or plain arithmetic would stumble."""

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import FeatureSet, Window
from pdm.extraction import extract
from pdm.extraction.calculators import CALCULATORS, Output, calculate, has_kernel
from pdm.extraction.kernel_sums import pairwise_sum


def one(values, *outputs, min_rows=1):
    series = np.asarray(values, dtype=float)
    return calculate(series, np.array([0]), np.array([len(series)]), list(outputs), min_rows=min_rows)[0]


@pytest.mark.parametrize("length", [*range(1, 20), 127, 128, 129, 1000, 4097, 20_000])
def test_sums_are_numpys_bit_for_bit(length):
    values = np.random.default_rng(length).normal(size=length) * 1e3 + 0.1

    assert pairwise_sum(values, 0, length) == np.sum(values)


def test_small_integer_columns_do_not_overflow():
    times = pd.date_range("2026-01-01", periods=4, freq="1h", tz="UTC")
    readings = pd.DataFrame({"asset": "P-1", "time": times, "p": np.array([300, -300, 250, 200], dtype=np.int16)})
    settings = {"root_mean_square": None, "abs_energy": None}

    table = extract(readings, FeatureSet("pump", ("p",), (Window(rows=4),), settings))

    energy = 300**2 * 2 + 250**2 + 200**2
    assert table["p__abs_energy"].iloc[-1] == energy
    assert table["p__root_mean_square"].iloc[-1] == np.float32(np.sqrt(energy / 4))


@pytest.mark.parametrize("constant", [0.1, 1e-300, 1e6 + 0.1, -3.3])
@pytest.mark.parametrize("length", [3, 10, 168])
def test_a_constant_window_has_no_spread_whatever_its_value(constant, length):
    calm = one(
        [constant] * length,
        Output("variance"),
        Output("count_above_mean"),
        Output("count_below_mean"),
        Output("ratio_beyond_r_sigma", {"r": 0.5}),
        Output("linear_trend", {"attr": "slope"}),
        Output("cid_ce", {"normalize": True}),
    )
    unknown = one([constant] * length, Output("skewness"), Output("kurtosis"), Output("autocorrelation", {"lag": 1}))

    assert calm.tolist() == [0.0] * 6
    assert np.isnan(unknown).all()


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_shape_and_autocorrelation_do_not_depend_on_the_unit(unit):
    values = np.random.default_rng(1).gamma(2.0, size=60)
    outputs = [Output("skewness"), Output("kurtosis"), Output("autocorrelation", {"lag": 1})]

    np.testing.assert_allclose(one(values * unit, *outputs), one(values, *outputs), rtol=1e-10)


def test_moments_stand_an_offset_a_million_times_the_spread():
    values = np.random.default_rng(2).normal(size=168)
    outputs = [Output("variance"), Output("skewness"), Output("kurtosis")]
    far = values + 1e6

    np.testing.assert_allclose(one(far, *outputs), one(far - 1e6, *outputs), rtol=1e-11)


def test_a_spike_that_has_left_the_window_leaves_no_trace():
    values = np.random.default_rng(3).normal(size=400)
    spiked = values.copy()
    spiked[100] = 1e12
    ends = np.arange(150, 400)
    outputs = [Output(name) for name, calculator in CALCULATORS.items() if not calculator.parameters]

    clean, after = (calculate(series, ends - 40, ends, outputs) for series in (values, spiked))

    np.testing.assert_array_equal(clean, after)


def test_fewer_values_than_asked_for_give_nan_throughout():
    assert np.isnan(one([1.0, 2.0], Output("mean"), Output("length"), Output("median"), min_rows=3)).all()
    assert np.isnan(one([], Output("mean"), Output("sum_values"), Output("count_above", {"t": 0}))).all()


@pytest.mark.parametrize(
    "output",
    [
        Output("autocorrelation", {"lag": -1}),
        Output("autocorrelation", {"lag": 1.5}),
        Output("quantile", {"q": 1.5}),
        Output("quantile", {"p": 0.5}),
        Output("number_peaks", {"n": 0}),
        Output("value_count", {"value": float("nan")}),
        Output("energy_ratio_by_chunks", {"num_segments": 3, "segment_focus": 3}),
        Output("linear_trend", {"attr": "magic"}),
        Output("ar_coefficient", {"coeff": 0, "k": 0}),
    ],
)
def test_parameters_a_kernel_does_not_take_are_left_to_tsfresh(output):
    assert not has_kernel(output)
