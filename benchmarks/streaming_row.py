"""What one new reading costs: 14 channels of a turbofan, the columns of a trained model, bit for bit the batch's values.

Three engines with as many cycles as asked for go through `FeatureStream.push_row`; `--columns` of the class's features, evenly
spread, stand for those a model uses (0: all of them). The answers are compared with `extract` before anything is printed.
Prints one JSON line: microseconds per row (median, 99th percentile) and the time that `extract(only_last=True)` needs for the same row.

    python benchmarks/streaming_row.py
    python benchmarks/streaming_row.py --columns 0
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue.load import load_class
from pdm.extraction import extract
from pdm.extraction.stream import FeatureStream
from pdm.workspace import bundled_room

ENGINES = ("E-1", "E-2", "E-3")


def simulated(channels: tuple[str, ...], cycles: int) -> pd.DataFrame:
    """Slowly drifting channels with noise, engine by engine."""
    rng = np.random.default_rng(7)
    frames = []
    for engine in ENGINES:
        drift = np.linspace(0, 3, cycles)[:, None] ** 2 * rng.normal(size=len(channels))
        values = 500 + drift + rng.normal(size=(cycles, len(channels)))
        frame = pd.DataFrame(values, columns=list(channels))
        frame.insert(0, "asset", engine)
        frame.insert(1, "time", np.arange(1.0, cycles + 1))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def measure(cycles: int, count: int) -> dict[str, Any]:
    """Microseconds per row, after the answers have been found equal."""
    turbofan = load_class(bundled_room("features") / "turbofan.toml")
    features, axis = turbofan.feature_set, turbofan.axis
    readings = simulated(features.channels, cycles)
    whole = extract(readings, features, axis=axis)
    names = list(whole.columns[2:])
    if count:
        names = [names[place] for place in np.linspace(0, len(names) - 1, count).astype(int)]
    stream = FeatureStream(features, axis=axis, keep="30", columns=names)
    rows = readings.sort_values(["time", "asset"], kind="stable")
    inputs = list(zip(rows["asset"], rows["time"], rows[list(features.channels)].to_numpy(), strict=True))
    seconds, found = [], []
    for asset, at, values in inputs:
        started = time.perf_counter()
        _, matrix = stream.push_row(asset, at, values)
        seconds.append(time.perf_counter() - started)
        found.append(matrix)
    expected = whole.sort_values(["time", "asset"], kind="stable")[names].to_numpy()
    if not np.array_equal(np.concatenate(found), expected, equal_nan=True):
        raise SystemExit("the stream and the batch give different features")
    last = readings[readings["asset"] == ENGINES[0]]
    batch = []
    for _ in range(20):
        started = time.perf_counter()
        extract(last, features, axis=axis, only_last=True)
        batch.append(time.perf_counter() - started)
    warm = np.array(seconds[len(seconds) // 10 :]) * 1e6
    return {
        "benchmark": "streaming_row",
        "channels": len(features.channels),
        "columns": len(names),
        "rows": len(seconds),
        "us_per_row": round(float(np.median(warm)), 1),
        "us_per_row_p99": round(float(np.quantile(warm, 0.99)), 1),
        "us_only_last": round(float(np.median(batch)) * 1e6, 1),
        "maximum_difference": 0.0,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cycles", type=int, default=300)
    parser.add_argument("--columns", type=int, default=60, help="how many features; 0: all of the class")
    options = parser.parse_args()
    machine = {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    figures = measure(options.cycles, options.columns)
    print(json.dumps(figures | machine | {"date": f"{datetime.now(UTC):%Y-%m-%d}"}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
