"""tsfresh's calculators of spectra, wavelets, entropies and corridors: which kernel computes them, and which parameters it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pdm.extraction.calculator import Calculator, Given, Read, is_count

_Found = tuple[str, tuple[float, ...]] | None
_CORRIDOR_SUMMARIES = ("mean", "var", "std")
_LONGEST_ORDER = 18
"""The orders of more values than this are too many to be told apart by one float64."""


def _whole(calculator: str, *smallest: tuple[str, int]) -> Read:
    """All parameters are whole numbers, each with its smallest allowed value."""

    def read(given: Given) -> _Found:
        if set(given) != {key for key, _ in smallest} or not all(is_count(given[key], low) for key, low in smallest):
            return None
        return calculator, tuple(float(given[key]) for key, _ in smallest)

    return read


def _none(calculator: str) -> Read:
    return lambda given: None if given else (calculator, ())


def _number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and -1e300 < float(value) < 1e300


def _chosen(calculator: str, key: str, choices: tuple[str, ...], count: str = "") -> Read:
    """One parameter chooses among outputs, another may count."""

    def read(given: Given) -> _Found:
        if set(given) != {key, *([count] if count else [])} or given[key] not in choices:
            return None
        if count and not is_count(given[count]):
            return None
        return f"{calculator}.{given[key]}", (float(given[count]),) if count else ()

    return read


def _order(given: Given) -> _Found:
    found = _whole("permutation_entropy", ("tau", 1), ("dimension", 2))(given)
    return found if found and found[1][1] <= _LONGEST_ORDER else None


def _approximate(given: Given) -> _Found:
    if set(given) != {"m", "r"} or not is_count(given["m"], 1) or not _number(given["r"]) or given["r"] < 0:
        return None
    return "approximate_entropy", (float(given["m"]), float(given["r"]))


def _corridor(given: Given) -> _Found:
    if set(given) != {"ql", "qh", "isabs", "f_agg"} or given["f_agg"] not in _CORRIDOR_SUMMARIES:
        return None
    quantiles = (given["ql"], given["qh"])
    if not all(_number(q) and 0.0 <= q <= 1.0 for q in quantiles):
        return None
    # pandas goes by way of per cent, which rounds
    low, high = (float(q) * 100.0 / 100.0 for q in quantiles)
    return f"change_quantiles.{given['f_agg']}", (low, high, float(bool(given["isabs"])))


def _wavelet(given: Given) -> _Found:
    if set(given) != {"widths", "coeff", "w"} or not isinstance(given["widths"], tuple | list):
        return None
    if given["w"] not in given["widths"] or not is_count(given["coeff"]):
        return None
    # PyWavelets refuses a wavelet of fewer than two samples
    if not all(_number(width) and width >= 1 for width in given["widths"]):
        return None
    return "cwt_coefficients", (float(given["w"]), float(given["coeff"]))


def _with_tuple(given: Given) -> Given:
    """JSON and TOML know no tuples, and tsfresh writes tuples into names."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}


def _query(given: Given) -> _Found:
    """Without a query of at least three values tsfresh counts nothing and says NaN; a real query is left to it."""
    unasked = given.get("query") is None or (isinstance(given["query"], tuple | list) and len(given["query"]) < 3)
    return ("query_similarity_count", ()) if unasked and set(given) <= {"query", "threshold", "normalize"} else None


def _table(family: str, reads: Mapping[str, Read], **more: Any) -> dict[str, Calculator]:
    parameters = {
        "fft_coefficient": ("attr", "coeff"),
        "fft_aggregated": ("aggtype",),
        "fourier_entropy": ("bins",),
        "spkt_welch_density": ("coeff",),
        "cwt_coefficients": ("widths", "coeff", "w"),
        "number_cwt_peaks": ("n",),
        "permutation_entropy": ("tau", "dimension"),
        "lempel_ziv_complexity": ("bins",),
        "binned_entropy": ("max_bins",),
        "query_similarity_count": ("query", "threshold"),
        "approximate_entropy": ("m", "r"),
        "change_quantiles": ("ql", "qh", "isabs", "f_agg"),
    }
    return {name: Calculator(family, parameters.get(name, ()), read=read, **more) for name, read in reads.items()}


SPECTRA_CALCULATORS: Mapping[str, Calculator] = {
    **_table(
        "fourier",
        {
            "fft_coefficient": _chosen("fft_coefficient", "attr", ("real", "imag", "abs", "angle"), "coeff"),
            "fft_aggregated": _chosen("fft_aggregated", "aggtype", ("centroid", "variance", "skew", "kurtosis")),
        },
    ),
    **_table(
        "welch",
        {
            "fourier_entropy": _whole("fourier_entropy", ("bins", 1)),
            "spkt_welch_density": _whole("spkt_welch_density", ("coeff", 0)),
        },
    ),
    **_table(
        "patterns",
        {
            "permutation_entropy": _order,
            "lempel_ziv_complexity": _whole("lempel_ziv_complexity", ("bins", 1)),
            "binned_entropy": _whole("binned_entropy", ("max_bins", 1)),
            "benford_correlation": _none("benford_correlation"),
            "query_similarity_count": _query,
        },
    ),
    **_table("corridors", {"change_quantiles": _corridor}),
    **_table("matches", {"sample_entropy": _none("sample_entropy"), "approximate_entropy": _approximate}),
    **_table("ridges", {"number_cwt_peaks": _whole("number_cwt_peaks", ("n", 1))}),
    **_table("wavelet", {"cwt_coefficients": _wavelet}, spell=_with_tuple),
}
