"""tsfresh itself for every calculator without a kernel, on the same windows: slow, for training, and never needed to apply a model
whose features have kernels.

A calculator that cannot answer for a window (too short, singular) gives NaN there: a gap must not stop the job.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pdm.catalogue.feature_set import Parameters
from pdm.errors import InputError, MissingExtra
from pdm.extraction.names import feature_name

if TYPE_CHECKING:
    import pandas as pd

Calculate = str | Callable[..., Any]

# Silencing warnings changes the whole process, so one thread at a time; the interpreter lock allows no more anyway.
_ONE_AT_A_TIME = threading.Lock()
_NO_ANSWER = (ArithmeticError, ValueError, LookupError, AssertionError, TypeError, AttributeError)


def tsfresh_names(calculator: Calculate, parameters: Parameters, *, calendar: bool) -> list[str]:
    """The part of the columns' names after the kind, as tsfresh writes it; found by asking it about a made-up series.

    Raises:
        MissingExtra: tsfresh is not installed.
        InputError: tsfresh has no such calculator, or it refuses these parameters.
    """
    probe = np.random.default_rng(0).normal(size=200).cumsum()
    ticks = np.arange(len(probe), dtype=np.int64) * 3_600_000_000
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tsfresh = _tsfresh()
        function = _function(tsfresh, calculator)
        try:
            return [name for name, _ in _answers(function, parameters, _series(probe, ticks, calendar))]
        except _NO_ANSWER as error:
            raise InputError(
                f"tsfresh's {function.__name__} refuses {parameters!r}: {error}", hint="see its documentation"
            ) from None


def tsfresh_values(
    values: npt.NDArray[np.float64],
    ticks: npt.NDArray[Any],
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    calculators: Sequence[tuple[Calculate, Parameters, int]],
    *,
    min_rows: int,
    calendar: bool,
) -> npt.NDArray[np.float64]:
    """Columns for many windows of one series: [windows, sum of widths].

    calculators: (calculator, parameters, how many columns it has). values: finite readings, at `ticks`.
    """
    matrix = np.full((len(starts), sum(width for _, _, width in calculators)), np.nan)
    with _ONE_AT_A_TIME, warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        tsfresh = _tsfresh()
        for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
            if end - start < max(min_rows, 1):
                continue
            series = _series(values[start:end], ticks[start:end], calendar)
            column = 0
            for calculator, parameters, width in calculators:
                try:
                    answers = _answers(_function(tsfresh, calculator), parameters, series)
                    matrix[row, column : column + width] = [float(value) for _, value in answers]
                except _NO_ANSWER:
                    matrix[row, column : column + width] = np.nan
                column += width
    return matrix


def _tsfresh() -> ModuleType:
    try:
        from tsfresh.feature_extraction import feature_calculators
    except ImportError:
        raise MissingExtra("train", "a calculator without a kernel of our own") from None
    module: ModuleType = feature_calculators
    return module


def _function(tsfresh: ModuleType, calculator: Calculate) -> Callable[..., Any]:
    if callable(calculator):
        return calculator
    function = getattr(tsfresh, calculator, None)
    if function is None or not hasattr(function, "fctype"):
        raise InputError(f"tsfresh has no calculator {calculator!r}", hint="check [features.calculators]")
    return function  # type: ignore[no-any-return]  # tsfresh has no types


def _series(values: npt.NDArray[np.float64], ticks: npt.NDArray[Any], calendar: bool) -> pd.Series:
    import pandas as pd

    return pd.Series(values, index=pd.DatetimeIndex(ticks.astype("datetime64[us]")) if calendar else None)


def _answers(function: Callable[..., Any], parameters: Parameters, series: pd.Series) -> list[tuple[str, Any]]:
    index_type = getattr(function, "index_type", None)
    if index_type is not None and not isinstance(series.index, index_type):
        return []
    x = series if getattr(function, "input", None) == "pd.Series" else series.to_numpy()
    settings = [_as_python(item) for item in parameters] if parameters else None
    name = function.__name__
    if getattr(function, "fctype", None) == "combiner":
        return [(f"{name}__{key}" if key else name, value) for key, value in function(x, param=settings)]
    if settings is None:
        return [(name, function(x))]
    return [(feature_name("", name, item).removeprefix("__"), function(x, **item)) for item in settings]


def _as_python(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Lists back to tuples: JSON and TOML know no tuples, tsfresh writes them into names."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in parameters.items()}
