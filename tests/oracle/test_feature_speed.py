"""The script behind the figures on speed compares the same values: every column of the windows that it times equals tsfresh's."""

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "feature_speed.py"


@pytest.fixture
def benchmark(monkeypatch):
    spec = importlib.util.spec_from_file_location("feature_speed", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "feature_speed", module)  # a dataclass looks its own module up
    spec.loader.exec_module(module)
    return module


def test_what_is_timed_is_the_same_on_both_sides(benchmark, monkeypatch):
    monkeypatch.setattr(benchmark, "_memory", benchmark.whole)  # in this process, which has tsfresh loaded already

    measured = benchmark.measure(benchmark.Workload("W1", 1, 60, 2, 30, 3), rounds=1, sample=2)

    assert measured["columns_that_differ_from_tsfresh"] == []
    assert measured["channel_windows"] == 20
    assert measured["columns"] == 2 * 777
    assert set(measured["times_less_cpu"]) >= {"tsfresh, efficient", "tsfresh, minimal", "pandas rolling, nine"}


def test_only_whole_windows_of_the_workload_are_sampled(benchmark):
    workload = benchmark.Workload("W2", 3, 50, 2, 24, 7)
    readings = workload.readings()
    series = readings[workload.columns].to_numpy().reshape(3, 50, 2)
    whole = {
        series[asset, end - 24 : end, channel].tobytes()
        for asset in range(3)
        for channel in range(2)
        for end in (29, 36, 43, 50)
    }

    sampled = benchmark.sample_windows(workload, readings, 30)

    assert workload.channel_windows == len(whole)
    assert {window.tobytes() for window in sampled} <= whole
