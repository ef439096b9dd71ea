"""The script behind the figures on speed compares the same values: every column of the windows that it times equals tsfresh's."""

import importlib
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("feature_speed")


def test_what_is_timed_is_the_same_on_both_sides(benchmark, tmp_path):
    tiny = benchmark.Workload("W1", 1, 60, 2, 30, 3)

    measured = benchmark.measure(tiny, rounds=1, share=0.1)
    whole = benchmark.whole(tiny)
    vibration = benchmark.measure_vibration(2, 1, quick=True)
    benchmark.chart({"workloads": {"W1": measured}, "vibration": vibration}, tmp_path / "chart.svg")

    assert measured["columns_that_differ_from_tsfresh"] == []
    assert measured["channel_windows_per_round"]["ours, efficient"] == 20
    assert whole["columns"] == 2 * 777
    assert {"tsfresh, efficient", "tsfresh, minimal", "pandas rolling, nine"} <= set(measured["times_our_cpu"])
    assert vibration["ours_times_the_bare_fft"] > 0.0
    assert "W4, a snapshot" in (tmp_path / "chart.svg").read_text(encoding="utf-8")


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

    sampled = workload.sample(readings, 30)

    assert workload.channel_windows == len(whole)
    assert {window.tobytes() for window in sampled} <= whole


def test_a_peer_that_fails_is_reported_with_its_error(benchmark, monkeypatch):
    def fails(*_):
        raise TypeError("no such pandas")

    peers = importlib.import_module("feature_peers")
    kept = [c for c in benchmark.CONTENDERS if c.name in ("ours, efficient", "tsfresh, efficient")]
    broken = peers.Contender("a peer", "1", fails, lambda _length: 0, "ours, efficient")
    monkeypatch.setattr(benchmark, "CONTENDERS", (*kept, broken))

    measured = benchmark.measure(benchmark.Workload("W1", 1, 40, 1, 30, 5), rounds=1, share=0.1)

    assert measured["errors"] == {"a peer": "TypeError: no such pandas"}
