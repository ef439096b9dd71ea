"""Kernels with parameters that are not tsfresh's defaults, against tsfresh itself."""

import warnings

import numpy as np
import pandas as pd
import pytest

from pdm.extraction.calculators import Output, calculate, has_kernel
from pdm.extraction.parity import agree

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from tsfresh.feature_extraction.extraction import _do_extraction_on_chunk

SETTINGS = {
    "fft_coefficient": [{"coeff": k, "attr": attr} for k in (0, 130, 200) for attr in ("abs", "angle")],
    "fourier_entropy": [{"bins": 1}, {"bins": 37}],
    "spkt_welch_density": [{"coeff": k} for k in (0, 1, 15, 84, 128)],
    "cwt_coefficients": [
        {"widths": widths, "coeff": k, "w": widths[1]} for widths in ((1, 3), (2, 7.5), (4, 33)) for k in (0, 20)
    ],
    "permutation_entropy": [{"tau": 3, "dimension": 4}, {"tau": 1, "dimension": 2}, {"tau": 2, "dimension": 9}],
    "lempel_ziv_complexity": [{"bins": 1}, {"bins": 7}],
    "binned_entropy": [{"max_bins": 1}, {"max_bins": 33}],
    "approximate_entropy": [{"m": 1, "r": 0.2}, {"m": 3, "r": 1.5}, {"m": 2, "r": 0}],
    "change_quantiles": [
        {"ql": ql, "qh": qh, "isabs": isabs, "f_agg": f_agg}
        for ql, qh in ((0.07, 0.93), (0.5, 0.5), (0.35, 0.41), (0, 1))
        for isabs in (False, True)
        for f_agg in ("mean", "var", "std")
    ],
    "number_cwt_peaks": [{"n": n} for n in (2, 8, 12)],
    "query_similarity_count": [{"query": None, "threshold": 2.0}],
}


@pytest.mark.parametrize("calculator", sorted(SETTINGS))
@pytest.mark.parametrize("length", [5, 30, 31, 168, 257, 600])
def test_other_parameters_give_what_tsfresh_gives(calculator, length):
    values = np.random.default_rng(length).normal(size=length).cumsum() + 50.0
    settings = {calculator: SETTINGS[calculator]}
    outputs = [Output(calculator, item) for item in SETTINGS[calculator]]

    mine = calculate(values, np.array([0]), np.array([length]), outputs)[0]
    answers = _do_extraction_on_chunk(("a", "s", pd.Series(values)), settings, None, show_warnings=False)
    theirs = {name: float(value) for _, name, value in answers}

    assert all(has_kernel(output) for output in outputs)
    for output, value in zip(outputs, mine, strict=True):
        name = output.name("s")
        assert agree(name, values, float(value), theirs[name]), f"{name}: {value!r}, tsfresh says {theirs[name]!r}"
