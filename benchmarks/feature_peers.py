"""What the feature benchmark compares with: every contender as one function of a workload, its readings and some of its windows.

A contender that cannot work with the versions installed here is not left out: its error stands in the result.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from feature_workloads import CYCLES, Workload

from pdm.extraction import extract

Floats = npt.NDArray[np.float64]
Job = Callable[[], object]
NINE = ("mean", "standard_deviation", "variance", "minimum", "maximum", "sum_values", "median", "skewness", "kurtosis")


@dataclass(frozen=True)
class Contender:
    """Who computes what. features: per window. job: workload, readings, windows to be asked about -> the work, and of how many
    channel-windows it is. windows: how many windows a round asks about, by the length of a window; 0: all of the workload.
    beside: whose figure it is held against.
    """

    name: str
    features: str
    job: Callable[[Workload, pd.DataFrame, Floats], tuple[Job, int]]
    windows: Callable[[int], int]
    beside: str = ""


def efficient() -> dict[str, Any]:
    """Tsfresh's settings without the two calculators of quadratic cost."""
    from tsfresh.feature_extraction import EfficientFCParameters

    return dict(EfficientFCParameters())


def minimal() -> dict[str, Any]:
    """Tsfresh's ten simplest features."""
    from tsfresh.feature_extraction import MinimalFCParameters

    return dict(MinimalFCParameters())


def ours(settings: Callable[[], Mapping[str, Any]], *, every_row: bool = False) -> Callable[..., tuple[Job, int]]:
    """The feature table of the whole workload; every_row: at every row, as rolling statistics have it."""

    def make(workload: Workload, readings: pd.DataFrame, _windows: Floats) -> tuple[Job, int]:
        features = workload.feature_set(settings(), every=1 if every_row else None)
        rows = workload.assets * workload.rows * workload.channels
        return lambda: extract(readings, features, axis=CYCLES), rows if every_row else workload.channel_windows

    return make


def tsfresh_table(windows: Floats, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Ask tsfresh itself about those windows, one series each."""
    from tsfresh.feature_extraction import extract_features

    long = pd.DataFrame({"id": np.repeat(np.arange(len(windows)), windows.shape[1]), "s": windows.ravel()})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table: pd.DataFrame = extract_features(
            long, column_id="id", default_fc_parameters=settings, n_jobs=1, disable_progressbar=True
        )
    return table


def tsfresh(settings: Callable[[], Mapping[str, Any]]) -> Callable[..., tuple[Job, int]]:
    """Tsfresh on a sample of the windows; cutting them out of the history (`roll_time_series`) is not counted."""

    def make(_workload: Workload, _readings: pd.DataFrame, windows: Floats) -> tuple[Job, int]:
        return lambda: tsfresh_table(windows, settings()), len(windows)

    return make


def catch22(_workload: Workload, _readings: pd.DataFrame, windows: Floats) -> tuple[Job, int]:
    """The 24 features of catch24, window by window."""
    peer = import_module("pycatch22")
    return lambda: [peer.catch22_all(window.tolist(), catch24=True) for window in windows], len(windows)


def tsfel(_workload: Workload, _readings: pd.DataFrame, windows: Floats) -> tuple[Job, int]:
    """Its statistical domain, in this process."""
    peer = import_module("tsfel")
    settings = peer.get_features_by_domain("statistical")
    frame, length = pd.DataFrame({"s": windows.ravel()}), windows.shape[1]

    def job() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return peer.time_series_features_extractor(
                settings, frame, fs=1.0, window_size=length, overlap=0, verbose=0, n_jobs=None
            )

    return job, len(windows)


def tsflex(workload: Workload, readings: pd.DataFrame, _windows: Floats) -> tuple[Job, int]:
    """The nine statistics by numpy and scipy, over one channel of one machine."""
    features = import_module("tsflex.features")
    stats = import_module("scipy.stats")
    functions = [np.mean, np.std, np.var, np.min, np.max, np.sum, np.median, stats.skew, stats.kurtosis]
    described = features.MultipleFeatureDescriptors(
        functions=functions, series_names="s0", windows=workload.window, strides=workload.every
    )
    collection = features.FeatureCollection(described)
    channel = readings.loc[readings["asset"] == readings["asset"].iloc[0], "s0"].reset_index(drop=True)
    count = (len(channel) - workload.window) // workload.every + 1

    def job() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return collection.calculate(channel, return_df=True, n_jobs=1)

    return job, count


def pandas_rolling(workload: Workload, readings: pd.DataFrame, _windows: Floats) -> tuple[Job, int]:
    """Nine rolling statistics of every channel. They know no stride: the cost is per row."""
    grouped = readings.groupby("asset")[workload.columns].rolling(workload.window)
    methods = ("mean", "std", "var", "min", "max", "sum", "median", "skew", "kurt")
    rows = workload.assets * workload.rows * workload.channels
    return lambda: [getattr(grouped, method)() for method in methods], rows


def polars_rolling(workload: Workload, readings: pd.DataFrame, _windows: Floats) -> tuple[Job, int]:
    """The same nine by polars, in the way and with the one thread that cost it least."""
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # read once, when it is imported
    polars = import_module("polars")
    methods = ("mean", "std", "var", "min", "max", "sum", "median", "skew", "kurtosis")
    columns = [
        getattr(polars.col(name), f"rolling_{method}")(workload.window).over("asset").alias(f"{name} {method}")
        for name in workload.columns
        for method in methods
    ]
    frame = polars.from_pandas(readings)
    return lambda: frame.select(columns), workload.assets * workload.rows * workload.channels


def _by_length(short: int, long: int) -> Callable[[int], int]:
    return lambda length: short if length < 1000 else long


def _none(_length: int) -> int:
    return 0


CONTENDERS = (
    Contender("ours, efficient", "777", ours(efficient), _none),
    Contender("tsfresh, efficient", "777", tsfresh(efficient), _by_length(20, 2), "ours, efficient"),
    Contender("ours, minimal", "10", ours(minimal), _none),
    Contender("tsfresh, minimal", "10", tsfresh(minimal), _by_length(20, 10), "ours, minimal"),
    Contender("pycatch22", "24", catch22, _by_length(200, 5), "ours, efficient"),
    Contender("tsfel, statistical", "its own", tsfel, _by_length(10, 3), "ours, efficient"),
    Contender("ours, nine", "9", ours(lambda: dict.fromkeys(NINE)), _none),
    Contender("tsflex, nine", "9", tsflex, _none, "ours, nine"),
    Contender("ours, nine at every row", "9", ours(lambda: dict.fromkeys(NINE), every_row=True), _none),
    Contender("pandas rolling, nine", "9", pandas_rolling, _none, "ours, nine at every row"),
    Contender("polars rolling, nine", "9", polars_rolling, _none, "ours, nine at every row"),
)
