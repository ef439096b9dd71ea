"""What features cost: our kernels against tsfresh, pandas and polars on the same windows, in CPU time and memory.

Two workloads, each a fleet of random walks from zero, with measurement noise:

* W1: 100 machines, 200 cycles, 14 channels, windows of 30 at every cycle;
* W2: 100 machines, a year of hours, 4 channels, windows of 24 or of 168 every 3 hours.

Everything runs on one core, in turn, `--rounds` times; the figures are medians, and ratios are taken within a round, because a busy
machine slows everybody alike. tsfresh (`n_jobs=1`) gets a random sample of the very windows that we compute, since all of them would
take it days. Every value of that sample is compared with ours first (see `pdm.extraction.parity`). Peak memory is that of a
process of its own which computes the table once, beyond what it held with the readings in memory and the kernels warm.

    python benchmarks/feature_speed.py                      a few machines of each workload, two minutes
    python benchmarks/feature_speed.py --size full --workloads W1 --out feature_speed.json
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import Axis, FeatureSet, Window
from pdm.extraction import extract
from pdm.extraction.calculators import Output, calculate
from pdm.extraction.parity import agree, excepted

Settings = Mapping[str, Any]
CYCLES = Axis("usage", 1.0, "cycles")
NINE = ("mean", "standard_deviation", "variance", "minimum", "maximum", "sum_values", "median", "skewness", "kurtosis")


@dataclass(frozen=True)
class Workload:
    """A fleet and its windows: assets, rows per asset, channels, rows per window, rows from one window to the next."""

    name: str
    assets: int
    rows: int
    channels: int
    window: int
    every: int

    @property
    def columns(self) -> list[str]:
        """The channels' names."""
        return [f"s{place}" for place in range(self.channels)]

    @property
    def channel_windows(self) -> int:
        """How many whole windows there are, over all assets and channels."""
        ends = np.arange(1, self.rows + 1)
        return int(((ends >= self.window) & ((ends - 1) % self.every == 0)).sum()) * self.assets * self.channels

    def readings(self) -> pd.DataFrame:
        """The fleet's readings, the same every time."""
        rng = np.random.default_rng(1)
        values = rng.normal(size=(self.assets, self.rows, self.channels)).cumsum(axis=1)
        values += 0.3 * rng.normal(size=values.shape)
        frame = pd.DataFrame(values.reshape(-1, self.channels), columns=self.columns)
        frame.insert(0, "asset", np.repeat([f"A-{place:03d}" for place in range(self.assets)], self.rows))
        frame.insert(1, "time", np.tile(np.arange(1.0, self.rows + 1), self.assets))
        return frame

    def feature_set(self, settings: Settings) -> FeatureSet:
        """Those features over this workload's windows; windows that are not whole give NaN."""
        window = Window(rows=self.window, every=self.every, min_rows=self.window)
        return FeatureSet("benchmark", tuple(self.columns), (window,), settings)


WORKLOADS = {
    "full": (
        Workload("W1", 100, 200, 14, 30, 1),
        Workload("W2, window 24", 100, 8760, 4, 24, 3),
        Workload("W2, window 168", 100, 8760, 4, 168, 3),
    ),
    "reduced": (
        Workload("W1", 5, 200, 4, 30, 1),
        Workload("W2, window 24", 2, 4380, 1, 24, 3),
        Workload("W2, window 168", 2, 2190, 1, 168, 3),
    ),
}


def sample_windows(workload: Workload, readings: pd.DataFrame, count: int) -> npt.NDArray[np.float64]:
    """[count, window]: random windows out of those that the workload consists of."""
    rng = np.random.default_rng(2)
    values = readings[workload.columns].to_numpy().reshape(workload.assets, workload.rows, workload.channels)
    ends = np.arange(1, workload.rows + 1)
    ends = ends[(ends >= workload.window) & ((ends - 1) % workload.every == 0)]
    picks = zip(
        rng.integers(0, workload.assets, count),
        rng.choice(ends, count),
        rng.integers(0, workload.channels, count),
        strict=True,
    )
    return np.stack([values[asset, end - workload.window : end, channel] for asset, end, channel in picks])


def cpu_seconds(job: Callable[[], object]) -> float:
    """CPU time of this process for one call."""
    begun = time.process_time()
    job()
    return time.process_time() - begun


def tsfresh_job(windows: npt.NDArray[np.float64], settings: Settings) -> pd.DataFrame:
    """Ask tsfresh itself about those windows, one series each."""
    from tsfresh.feature_extraction import extract_features

    long = pd.DataFrame({"id": np.repeat(np.arange(len(windows)), windows.shape[1]), "s": windows.ravel()})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table: pd.DataFrame = extract_features(
            long, column_id="id", default_fc_parameters=settings, n_jobs=1, disable_progressbar=True
        )
    return table


def disagreements(windows: npt.NDArray[np.float64], theirs: pd.DataFrame, settings: Settings) -> list[str]:
    """Columns in which a sampled window differs from tsfresh by more than parity allows."""
    outputs = [Output(name, item) for name, items in settings.items() for item in items or [None]]
    outputs = [output for output in outputs if output.name("s") in theirs]
    length = windows.shape[1]
    starts = np.arange(len(windows)) * length
    matrix = calculate(windows.ravel(), starts, starts + length, outputs)
    found = set()
    for column, output in enumerate(outputs):
        name = output.name("s")
        reference = theirs[name].to_numpy(dtype=float)
        for row, values in enumerate(windows):
            if not excepted(name, values) and not agree(name, values, matrix[row, column], reference[row]):
                found.add(name)
    return sorted(found)


def pandas_job(workload: Workload, readings: pd.DataFrame) -> None:
    """Nine rolling statistics of every channel, at every window of the workload."""
    grouped = readings.groupby("asset")[workload.columns].rolling(workload.window)
    for method in ("mean", "std", "var", "min", "max", "sum", "median", "skew", "kurt"):
        getattr(grouped, method)()


def polars_job(workload: Workload, readings: Any) -> None:
    """The same nine statistics by polars, where it is installed."""
    polars = import_module("polars")
    methods = ("mean", "std", "var", "min", "max", "sum", "median", "skew", "kurtosis")
    columns = [
        getattr(polars.col(name), f"rolling_{method}")(workload.window).over("asset").alias(f"{name} {method}")
        for name in workload.columns
        for method in methods
    ]
    readings.select(columns)


def measure(workload: Workload, rounds: int, sample: int) -> dict[str, Any]:
    """Medians over the rounds for one workload: microseconds of CPU per channel-window, ratios, disagreements."""
    from tsfresh.feature_extraction import EfficientFCParameters, MinimalFCParameters

    efficient, minimal = dict(EfficientFCParameters()), dict(MinimalFCParameters())
    readings = workload.readings()
    windows = sample_windows(workload, readings, sample * rounds)
    everything = float(workload.channel_windows)

    def ours(settings: Settings) -> Callable[[], object]:
        return lambda: extract(readings, workload.feature_set(settings), axis=CYCLES)

    def theirs(settings: Settings, turn: int) -> Callable[[], object]:
        return lambda: tsfresh_job(windows[turn * sample : (turn + 1) * sample], settings)

    ours(efficient)()
    differing = disagreements(windows[:sample], tsfresh_job(windows[:sample], efficient), efficient)
    # Rolling statistics know no stride: pandas and polars compute every row, so their cost is per row.
    rows = float(workload.assets * workload.rows * workload.channels)
    every_row = Workload(workload.name, workload.assets, workload.rows, workload.channels, workload.window, 1)
    nine = dict.fromkeys(NINE)
    jobs: dict[str, tuple[Callable[[int], Callable[[], object]], float]] = {
        "ours, efficient": (lambda _: ours(efficient), everything),
        "tsfresh, efficient": (lambda turn: theirs(efficient, turn), float(sample)),
        "ours, minimal": (lambda _: ours(minimal), everything),
        "tsfresh, minimal": (lambda turn: theirs(minimal, turn), float(sample)),
        "ours, nine": (lambda _: lambda: extract(readings, every_row.feature_set(nine), axis=CYCLES), rows),
        "pandas rolling, nine": (lambda _: lambda: pandas_job(workload, readings), rows),
    }
    if find_spec("polars"):
        as_polars = import_module("polars").from_pandas(readings)
        jobs["polars rolling, nine"] = (lambda _: lambda: polars_job(workload, as_polars), rows)
    spent: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(rounds):
        for name, (job, count) in jobs.items():
            spent[name].append(cpu_seconds(job(turn)) / count * 1e6)
    return {
        "channel_windows": workload.channel_windows,
        "cpu_us_per_channel_window": {name: round(statistics.median(times), 3) for name, times in spent.items()},
        "times_less_cpu": _ratios(spent),
        "columns_that_differ_from_tsfresh": differing,
        **_memory(workload),
    }


def _ratios(spent: Mapping[str, Sequence[float]]) -> dict[str, float]:
    def ratio(name: str, mine: str) -> float:
        return round(statistics.median(a / b for a, b in zip(spent[name], spent[mine], strict=True)), 1)

    partners = {"efficient": "ours, efficient", "minimal": "ours, minimal", "nine": "ours, nine"}
    return {name: ratio(name, partners[name.rpartition(", ")[2]]) for name in spent if not name.startswith("ours")}


def _memory(workload: Workload) -> dict[str, float]:
    """CPU seconds and peak memory of the whole table, measured in a process of its own."""
    command = [sys.executable, __file__, "--whole", json.dumps(workload.__dict__)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, float] = json.loads(answer.splitlines()[-1])
    return found


def whole(workload: Workload) -> dict[str, float]:
    """The whole table once: CPU seconds, peak memory beyond the readings, and that as a multiple of the float32 answer."""
    from tsfresh.feature_extraction import EfficientFCParameters

    settings = dict(EfficientFCParameters())
    readings = workload.readings()
    few = readings[readings["asset"] == readings["asset"].iloc[0]].iloc[: 2 * workload.window]
    extract(few, workload.feature_set(settings), axis=CYCLES)
    before = _forget_peak()
    begun = time.process_time()
    table = extract(readings, workload.feature_set(settings), axis=CYCLES)
    seconds = time.process_time() - begun
    peak = (_peak_kib() - before) / 1024
    answer = 4 * table.shape[0] * (table.shape[1] - 2) / 2**20
    return {
        "columns": table.shape[1] - 2,
        "whole_table_cpu_s": round(seconds, 2),
        "peak_mib": round(peak, 1),
        "answer_mib": round(answer, 1),
        "peak_times_answer": round(peak / answer, 2),
    }


def _peak_kib() -> int:
    """The most memory this process ever held at once, or since `_forget_peak`, where the system can forget."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text(encoding="ascii").partition("VmHWM:")[2].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _forget_peak() -> int:
    """Begin anew with what is held now; elsewhere than on Linux the peak so far stays, and the difference is a lower bound."""
    forget = Path("/proc/self/clear_refs")
    if forget.exists():
        forget.write_text("5", encoding="ascii")
    return _peak_kib()


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=sorted(WORKLOADS), default="reduced")
    parser.add_argument("--workloads", nargs="*", default=["W1", "W2"], help="names or their beginnings")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=20, help="windows given to tsfresh in each round")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    parser.add_argument("--whole", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.whole:
        print(json.dumps(whole(Workload(**json.loads(arguments.whole)))))
        return
    chosen = [load for load in WORKLOADS[arguments.size] if load.name.startswith(tuple(arguments.workloads))]
    result = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "size": arguments.size,
        "polars": "measured" if find_spec("polars") else "polars is not installed here and was left out",
        "workloads": {load.name: measure(load, arguments.rounds, arguments.sample) for load in chosen},
    }
    text = json.dumps(result, indent=2)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
