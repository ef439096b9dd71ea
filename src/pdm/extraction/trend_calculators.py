"""Calculators of trends, lags and regressions: which parameters their kernels take, and as which numbers."""

from __future__ import annotations

from collections.abc import Mapping

from pdm.extraction.calculator import Calculator, Given, is_count

_ATTRIBUTES = frozenset({"slope", "intercept", "rvalue", "stderr", "pvalue"})
# in the order of the constants of `kernel_chunks`
_CONDENSED = ("max", "min", "mean", "var", "std", "sum")
_SUMMARIES = frozenset({"mean", "median", "var", "std", "max", "min"})
# in the order of the constants of `kernel_unit_root`
_AUTOLAGS = ("AIC", "BIC", "t-stat", None)

_Found = tuple[str, tuple[float, ...]] | None


def _agg_linear_trend(given: Given) -> _Found:
    if set(given) != {"attr", "chunk_len", "f_agg"} or not is_count(given["chunk_len"], 1):
        return None
    if given["attr"] not in _ATTRIBUTES or given["f_agg"] not in _CONDENSED:
        return None
    return f"agg_linear_trend.{given['attr']}", (float(given["chunk_len"]), float(_CONDENSED.index(given["f_agg"])))


def _linear_trend_timewise(given: Given) -> _Found:
    return (
        (f"linear_trend_timewise.{given['attr']}", ()) if given.get("attr") in _ATTRIBUTES and len(given) == 1 else None
    )


def _agg_autocorrelation(given: Given) -> _Found:
    if set(given) != {"f_agg", "maxlag"} or given["f_agg"] not in _SUMMARIES or not is_count(given["maxlag"], 1):
        return None
    return f"agg_autocorrelation.{given['f_agg']}", (float(given["maxlag"]),)


def _augmented_dickey_fuller(given: Given) -> _Found:
    if not {"attr"} <= set(given) <= {"attr", "autolag"} or given["attr"] not in ("teststat", "pvalue", "usedlag"):
        return None
    autolag = given.get("autolag", "AIC")
    if autolag not in _AUTOLAGS:
        return None
    return f"augmented_dickey_fuller.{given['attr']}", (float(_AUTOLAGS.index(autolag)),)


def _with_autolag(given: Given) -> Given:
    """What stands in the name: the default too, and always in quotes."""
    return {"attr": given.get("attr"), "autolag": str(given.get("autolag", "AIC"))}


TREND_CALCULATORS: Mapping[str, Calculator] = {
    "agg_linear_trend": Calculator("chunks", ("attr", "chunk_len", "f_agg"), read=_agg_linear_trend),
    "linear_trend_timewise": Calculator("timewise", ("attr",), read=_linear_trend_timewise, timewise=True),
    "agg_autocorrelation": Calculator("lags", ("f_agg", "maxlag"), read=_agg_autocorrelation),
    "ar_coefficient": Calculator("autoregression", ("coeff", "k"), {"coeff": 0, "k": 1}),
    "augmented_dickey_fuller": Calculator(
        "unit_root", ("attr", "autolag"), read=_augmented_dickey_fuller, spell=_with_autolag
    ),
    "friedrich_coefficients": Calculator("drift", ("m", "r", "coeff"), {"m": 1, "r": 2, "coeff": 0}),
    "max_langevin_fixed_point": Calculator("drift", ("m", "r"), {"m": 1, "r": 2}),
    "partial_autocorrelation": Calculator("lags", ("lag",), {"lag": 0}),
}
