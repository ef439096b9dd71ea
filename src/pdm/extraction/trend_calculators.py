"""Calculators of trends, lags and regressions: which parameters their kernels take, and as which numbers."""

from __future__ import annotations

from collections.abc import Mapping

from pdm.extraction.calculator import Calculator, Given, is_count

_ATTRIBUTES = frozenset({"slope", "intercept", "rvalue", "stderr", "pvalue"})
# in the order of the constants of `kernel_chunks`
_CONDENSED = ("max", "min", "mean", "var", "std", "sum")
_SUMMARIES = frozenset({"mean", "median", "var", "std", "max", "min"})

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


TREND_CALCULATORS: Mapping[str, Calculator] = {
    "agg_linear_trend": Calculator("chunks", ("attr", "chunk_len", "f_agg"), read=_agg_linear_trend),
    "linear_trend_timewise": Calculator("timewise", ("attr",), read=_linear_trend_timewise, timewise=True),
    "agg_autocorrelation": Calculator("lags", ("f_agg", "maxlag"), read=_agg_autocorrelation),
    "partial_autocorrelation": Calculator("lags", ("lag",), {"lag": 0}),
}
