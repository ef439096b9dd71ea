"""Spectra, wavelets, entropies and corridors against exact arithmetic, where tsfresh's own rounding is no yardstick."""

from collections import Counter
from math import fsum, log

import numpy as np
import pytest

from pdm.extraction.calculators import Output, calculate, has_kernel
from pdm.extraction.spectra_calculators import SPECTRA_CALCULATORS

PARAMETERS = {
    "fft_coefficient": [{"coeff": k, "attr": attr} for k in (0, 1, 3) for attr in ("real", "imag", "abs", "angle")],
    "fft_aggregated": [{"aggtype": kind} for kind in ("centroid", "variance", "skew", "kurtosis")],
    "fourier_entropy": [{"bins": 2}, {"bins": 10}],
    "spkt_welch_density": [{"coeff": 0}, {"coeff": 2}],
    "cwt_coefficients": [{"widths": (2, 5), "coeff": k, "w": w} for k in (0, 9) for w in (2, 5)],
    "permutation_entropy": [{"tau": 1, "dimension": 3}, {"tau": 2, "dimension": 5}, {"tau": 1, "dimension": 9}],
    "lempel_ziv_complexity": [{"bins": 2}, {"bins": 100}],
    "binned_entropy": [{"max_bins": 10}],
    "approximate_entropy": [{"m": 2, "r": 0.5}],
    "number_cwt_peaks": [{"n": 1}, {"n": 5}],
    "query_similarity_count": [{"query": None, "threshold": 0.0}],
    "change_quantiles": [
        {"ql": low, "qh": high, "isabs": True, "f_agg": kind}
        for low, high in ((0, 0.4), (0.2, 1))
        for kind in ("mean", "var")
    ],
}
OUTPUTS = [Output(name, item) for name in SPECTRA_CALCULATORS for item in PARAMETERS.get(name) or [None]]


def one(values, *outputs):
    series = np.asarray(values, dtype=float)
    return calculate(series, np.array([0]), np.array([len(series)]), list(outputs))[0]


def coefficient(k, attr):
    return Output("fft_coefficient", {"coeff": k, "attr": attr})


def test_a_window_has_the_same_bits_alone_and_in_any_company():
    rng = np.random.default_rng(6)
    values = np.where(rng.random(700) < 0.4, rng.integers(-1, 2, 700), 1e3 + rng.normal(size=700))
    ends = np.sort(np.concatenate([np.arange(30, 700, 7), rng.integers(1, 700, 60)]))
    starts = np.maximum(0, ends - rng.choice([1, 2, 3, 16, 29, 30, 300], len(ends)))

    together = calculate(values, starts, ends, OUTPUTS)
    alone = [
        calculate(values[a:b], np.array([0]), np.array([b - a]), OUTPUTS)[0] for a, b in zip(starts, ends, strict=True)
    ]
    backwards = calculate(values, starts[::-1], ends[::-1], OUTPUTS[::-1])

    np.testing.assert_array_equal(together, np.vstack(alone))
    np.testing.assert_array_equal(together, backwards[::-1, ::-1])


@pytest.mark.parametrize("offset", [0.0, 1e6, -3e9])
@pytest.mark.parametrize("length", [7, 30, 168])
def test_an_offset_costs_no_fourier_coefficient_a_digit(offset, length):
    values = np.random.default_rng(length).normal(size=length) + offset
    turns = np.outer(np.arange(4), np.arange(length)) % length * np.longdouble(2)
    angles = turns * (np.arctan(np.longdouble(1)) * 4) / length
    exact_cos, exact_sin = np.cos(angles), np.sin(angles)
    truth = (values * exact_cos).sum(axis=1) - 1j * (values * exact_sin).sum(axis=1)

    mine = [complex(*one(values, coefficient(k, "real"), coefficient(k, "imag"))) for k in range(4)]

    spread = float(np.linalg.norm(values - values.mean()))
    np.testing.assert_allclose(
        mine[1:], truth[1:].astype(complex), rtol=0, atol=2e-14 * spread + 1e-18 * abs(offset) * length
    )
    assert mine[0] == complex(np.sum(values))


def test_a_coefficient_made_of_rounding_has_no_direction():
    angles = [coefficient(k, "angle") for k in range(1, 15)]
    alternating = [1.1, -1.3] * 15

    assert one([0.1] * 30, *angles).tolist() == [0.0] * 14
    assert one(alternating, *angles).tolist() == [0.0] * 14
    assert one(alternating, coefficient(0, "angle"), coefficient(15, "angle")).tolist() == [180.0, 0.0]


def test_a_coefficient_beyond_the_window_is_not_a_number():
    assert np.isnan(one(np.arange(30.0), coefficient(16, "abs"), coefficient(99, "angle"))).all()
    assert np.isnan(one(np.arange(30.0), Output("spkt_welch_density", {"coeff": 16}))).all()
    assert np.isnan(one([1.0, 2.0], Output("cwt_coefficients", {"widths": (2,), "coeff": 2, "w": 2}))).all()


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e6 + 0.1])
@pytest.mark.parametrize("length", [3, 30, 300])
def test_a_constant_window_has_neither_spectrum_nor_disorder(constant, length):
    entropies = [Output("binned_entropy", {"max_bins": 10}), Output("permutation_entropy", {"tau": 1, "dimension": 3})]
    corridor = Output("change_quantiles", {"ql": 0.2, "qh": 0.8, "isabs": False, "f_agg": "var"})
    shape = [
        coefficient(1, "abs"),
        Output("spkt_welch_density", {"coeff": 1}),
        Output("fft_aggregated", {"aggtype": "variance"}),
    ]

    assert one([constant] * length, *entropies, corridor, *shape[:2]).tolist() == [0.0] * 5
    assert np.isnan(one([constant] * length, Output("fourier_entropy", {"bins": 5}))).all()
    if constant:
        assert one([constant] * length, shape[2]).tolist() == [0.0]


@pytest.mark.parametrize(("tau", "dimension"), [(1, 3), (1, 6), (2, 7), (3, 8)])
def test_of_equal_values_the_earlier_counts_as_the_smaller_on_every_machine(tau, dimension):
    values = np.random.default_rng(dimension).integers(-2, 3, 300).astype(float)
    chunks = [values[i : i + dimension] for i in range(0, 300 - dimension + 1, tau)]
    counts = Counter(tuple(np.argsort(chunk, kind="stable")) for chunk in chunks)
    truth = -fsum(count / len(chunks) * log(count / len(chunks)) for count in counts.values())

    mine = one(values, Output("permutation_entropy", {"tau": tau, "dimension": dimension}))[0]

    assert mine == pytest.approx(truth, rel=1e-13)


def test_leading_digits_are_those_one_would_write_down():
    edges = np.array([float(f"{digit}e{power}") for digit in range(1, 10) for power in range(-300, 300, 7)])
    others = np.random.default_rng(3).lognormal(0.0, 9.0, 500)
    values = np.concatenate([edges, np.nextafter(edges, 0.0), -np.nextafter(edges, np.inf), [0.0], others])
    digits = [int(np.format_float_scientific(abs(value))[0]) for value in values]
    shares = np.array([digits.count(digit) for digit in range(1, 10)]) / len(values)
    truth = np.corrcoef(np.log10(1 + 1 / np.arange(1, 10)), shares)[0, 1]

    assert one(values, Output("benford_correlation"))[0] == pytest.approx(truth, rel=1e-12)


def test_nine_digits_equally_often_follow_no_law():
    assert np.isnan(one(np.arange(1.0, 10.0), Output("benford_correlation"))[0])
    assert np.isnan(one(np.zeros(5), Output("benford_correlation"))[0])


@pytest.mark.parametrize("bins", [1, 3, 10, 100])
def test_a_value_on_the_edge_of_a_bin_falls_where_numpy_puts_it(bins):
    values = np.linspace(0.1, 0.1 + bins * 0.3, bins + 1)
    counts = np.histogram(values, bins)[0]
    truth = -fsum(count / len(values) * log(count / len(values)) for count in counts if count)

    assert one(values, Output("binned_entropy", {"max_bins": bins}))[0] == pytest.approx(truth, rel=1e-13)


def test_sample_entropy_counts_pairs_that_go_on_matching():
    values = np.random.default_rng(9).integers(0, 4, 60).astype(float)
    near = [
        {
            (i, j)
            for i in range(60 - m + 1)
            for j in range(i)
            if np.ptp(values[[i + np.arange(m), j + np.arange(m)]], axis=0).max() == 0
        }
        for m in (2, 3)
    ]

    assert one(values, Output("sample_entropy"))[0] == pytest.approx(log(len(near[0]) / len(near[1])), rel=1e-14)


def test_two_equal_neighbours_are_no_peak_whatever_their_rounding():
    step = [0.0, -1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]  # at widths 2 to 5 places 7 and 8 see the same values

    for unit in (1.0, 0.1, 1 / 3, 1e9 / 7):
        assert one(np.array(step) * unit, Output("number_cwt_peaks", {"n": 5})).tolist() == [0.0]
    assert one([0.0] * 9 + [1.0, 1.0] + [0.0] * 9, Output("number_cwt_peaks", {"n": 1})).tolist() == [1.0]


@pytest.mark.parametrize(
    "output",
    [
        Output("number_cwt_peaks", {"n": 0}),
        Output("fft_coefficient", {"coeff": -1, "attr": "abs"}),
        Output("fft_coefficient", {"coeff": 1, "attr": "phase"}),
        Output("fft_coefficient", {"coeff": 1.0, "attr": "abs"}),
        Output("fft_aggregated", {"aggtype": "mean"}),
        Output("fourier_entropy", {"bins": 0}),
        Output("permutation_entropy", {"tau": 1, "dimension": 19}),
        Output("permutation_entropy", {"tau": 0, "dimension": 3}),
        Output("approximate_entropy", {"m": 2, "r": -0.1}),
        Output("change_quantiles", {"ql": -0.1, "qh": 0.5, "isabs": True, "f_agg": "mean"}),
        Output("change_quantiles", {"ql": 0.1, "qh": 0.5, "isabs": True, "f_agg": "ptp"}),
        Output("cwt_coefficients", {"widths": (2, 5), "coeff": 0, "w": 3}),
        Output("cwt_coefficients", {"widths": 2, "coeff": 0, "w": 2}),
        Output("query_similarity_count", {"query": [1.0, 2.0, 1.0], "threshold": 0.5}),
        Output("sample_entropy", {"m": 2}),
    ],
)
def test_parameters_without_a_kernel_are_left_to_tsfresh(output):
    assert not has_kernel(output)


def test_a_list_of_widths_from_a_file_is_named_as_the_tuple_it_stands_for():
    output = Output("cwt_coefficients", {"widths": [2, 5], "coeff": 1, "w": 5})

    assert has_kernel(output)
    assert output.name("p") == "p__cwt_coefficients__coeff_1__w_5__widths_(2, 5)"
