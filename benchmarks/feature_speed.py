"""What features cost: our kernels against tsfresh, tsflex, tsfel, pycatch22, pandas and polars on the same windows.

The workloads are those of `feature_workloads`, the contenders those of `feature_peers` and `feature_vibration`. Everything runs in
one process, in turn, `--rounds` times; the figures are medians of CPU time, and ratios are taken within a round, because a busy
machine slows everybody alike. Libraries that need milliseconds a window get a random sample of the very windows that we compute
(the result says how many), since all of them would take days. Every value of tsfresh's sample is compared with ours first (see
`pdm.extraction.parity`). Peak memory is that of a process of its own per contender, beyond what it held with the data in memory.

    python benchmarks/feature_speed.py --quick                 a minute, to see that it works
    python benchmarks/feature_speed.py                         a few machines of each workload, some ten minutes
    python benchmarks/feature_speed.py --size full --whole     also the whole of W1 as one table
    python benchmarks/feature_speed.py --compile               what the first extraction after an installation costs
    python benchmarks/feature_speed.py --out speed.json --chart docs/feature_speed.svg
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import feature_vibration
import numpy as np
import numpy.typing as npt
import pandas as pd
from feature_peers import CONTENDERS, efficient, tsfresh_table
from feature_workloads import CYCLES, FULL, SNAPSHOTS, WORKLOADS, Workload, snapshots

from pdm.extraction import extract
from pdm.extraction.calculators import Output, calculate, has_kernel
from pdm.extraction.compiling import compile_kernels
from pdm.extraction.parity import agree, excepted

Settings = Mapping[str, Any]
Floats = npt.NDArray[np.float64]


def cpu_seconds(job: Callable[[], object]) -> float:
    """CPU time of this process for one call."""
    begun = time.process_time()
    job()
    return time.process_time() - begun


def disagreements(windows: Floats, theirs: pd.DataFrame, settings: Settings) -> list[str]:
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


def measure(workload: Workload, rounds: int, share: float = 1.0, only: Sequence[str] = ()) -> dict[str, Any]:
    """One workload: microseconds of CPU per channel-window, ratios, disagreements, errors. share: of the windows that peers are asked.

    only: parts of the names of those who take part; all without.
    """
    readings = workload.readings()
    settings = efficient()
    spent: dict[str, list[float]] = {}
    errors: dict[str, str] = {}
    asked: dict[str, int] = {}
    contenders = [c for c in CONTENDERS if not only or any(part in c.name for part in only)]
    wanted = {c.name: max(1, int(share * c.windows(workload.window))) for c in contenders if c.windows(workload.window)}
    windows = workload.sample(readings, max([1, *wanted.values()]) * (rounds + 1))
    compared = windows[: wanted.get("tsfresh, efficient", 0)]
    differing = disagreements(compared, tsfresh_table(compared, settings), settings) if len(compared) else []
    for turn in range(rounds + 1):  # the first time warms up
        for contender in contenders:
            if contender.name in errors:
                continue
            count = wanted.get(contender.name, 0)
            try:
                job, covered = contender.job(workload, readings, windows[turn * count : (turn + 1) * count])
                seconds = cpu_seconds(job)
            except Exception as error:  # what a peer cannot do is a result
                errors[contender.name] = f"{type(error).__name__}: {error}"[:300]
                continue
            asked[contender.name] = covered
            if turn:
                spent.setdefault(contender.name, []).append(seconds / covered * 1e6)
    partners = {contender.name: contender.beside for contender in contenders if contender.beside in spent}
    return {
        "workload": workload.__dict__,
        "cpu_us_per_channel_window": _medians(spent),
        "channel_windows_per_round": asked,
        "times_our_cpu": _ratios(spent, partners),
        "columns_that_differ_from_tsfresh": differing,
        "errors": errors,
    }


def measure_vibration(count: int, rounds: int, *, quick: bool) -> dict[str, Any]:
    """W4: microseconds of CPU per snapshot of one axis."""
    waves = snapshots(count)
    spent: dict[str, list[float]] = {}
    errors: dict[str, str] = {}
    for turn in range(rounds + 1):
        for name, (job, covered) in feature_vibration.jobs(waves, quick=quick).items():
            if name in errors:
                continue
            try:
                seconds = cpu_seconds(job)
            except Exception as error:  # what a peer cannot do is a result
                errors[name] = f"{type(error).__name__}: {error}"[:300]
                continue
            if turn:
                spent.setdefault(name, []).append(seconds / covered * 1e6)
    partners = {name: "ours, vibration" for name in spent if name != "ours, vibration"}
    ratios = _ratios(spent, partners)
    return {
        "snapshots": count,
        "cpu_us_per_snapshot": _medians(spent),
        "times_our_cpu": ratios,
        "ours_times_the_bare_fft": round(1.0 / ratios["bare FFT (numpy, float64)"], 2),
        "errors": errors,
    }


def _medians(spent: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: round(statistics.median(times), 3) for name, times in spent.items()}


def _ratios(spent: Mapping[str, Sequence[float]], partners: Mapping[str, str]) -> dict[str, float]:
    return {
        name: float(f"{statistics.median(a / b for a, b in zip(spent[name], spent[mine], strict=True)):.3g}")
        for name, mine in partners.items()
        if name in spent
    }


def memory(workload: Workload) -> dict[str, Any]:
    """Peak memory of every contender's work, each in a process of its own."""
    return {contender.name: _child("--child", contender.name, workload) for contender in CONTENDERS}


def _child(task: str, name: str, workload: Workload) -> Any:
    command = [sys.executable, __file__, task, json.dumps([name, workload.__dict__])]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = answer.stdout.splitlines()
    return json.loads(lines[-1]) if answer.returncode == 0 and lines else {"error": answer.stderr[-300:]}


def child(name: str, workload: Workload) -> dict[str, Any]:
    """One contender's work once: peak memory beyond the readings, and per channel-window."""
    contender = next(contender for contender in CONTENDERS if contender.name == name)
    readings = workload.readings()
    windows = workload.sample(readings, max(1, contender.windows(workload.window)))
    contender.job(workload, readings, windows[:1])[0]() if contender.windows(workload.window) else None
    job, covered = contender.job(workload, readings, windows)
    before = _forget_peak()
    job()
    peak = (_peak_kib() - before) / 1024
    return {"peak_mib": round(peak, 1), "bytes_per_channel_window": round(peak * 2**20 / covered)}


def whole(workload: Workload) -> dict[str, float]:
    """The whole table once: CPU seconds, peak memory beyond the readings, and that as a multiple of the float32 answer."""
    settings = efficient()
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


def compiled() -> dict[str, float]:
    """CPU seconds by family of kernels, where none was compiled before; what families share is paid by the first that needs it."""
    settings = efficient()
    outputs = [Output(name, item) for name, items in settings.items() for item in items or [None]]
    found = compile_kernels([output for output in outputs if has_kernel(output)])
    return {family: round(seconds, 1) for family, seconds in found.items()}


def chart(result: Mapping[str, Any], file: Path) -> None:
    """CPU time per channel-window (per snapshot in the last panel), on a logarithmic scale."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "plantpdm", "svg.fonttype": "none"})
    from matplotlib import pyplot

    panels = [(name, found["cpu_us_per_channel_window"]) for name, found in result["workloads"].items()]
    panels += [("W4, a snapshot", result["vibration"]["cpu_us_per_snapshot"])] if "vibration" in result else []
    figure, axes = pyplot.subplots(len(panels), 1, figsize=(8, 2.6 * len(panels)), squeeze=False)
    for axis, (name, found) in zip(axes[:, 0], panels, strict=True):
        names = list(found)[::-1]
        colours = ["#1769aa" if name.startswith("ours") else "#b0b7bf" for name in names]
        bars = axis.barh(names, [found[name] for name in names], color=colours)
        axis.bar_label(bars, [f"{found[name]:,.3g}" for name in names], padding=3, fontsize=7)
        axis.set(xscale="log", title=name)
        axis.margins(x=0.15)
        axis.tick_params(labelsize=7)
        axis.spines[["top", "right"]].set_visible(False)
    axes[-1, 0].set_xlabel("CPU microseconds")
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=sorted(WORKLOADS), default="reduced")
    parser.add_argument("--quick", action="store_true", help="the smallest size, once, with few windows for the others")
    parser.add_argument("--workloads", nargs="*", default=["W1", "W2", "W3", "W4"], help="names or their beginnings")
    parser.add_argument("--contenders", nargs="*", default=[], help="parts of names, `rolling`; all without")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true", help="peak memory of every contender on the first workload")
    parser.add_argument("--whole", action="store_true", help="the whole of W1 as one table")
    parser.add_argument("--compile", action="store_true", help="only: what compiling each family of kernels costs")
    parser.add_argument("--compile-child", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    parser.add_argument("--chart", type=Path, help="draw the figures into this SVG")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--whole-child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.compile_child:
        print(json.dumps(compiled()))
        return
    if arguments.compile:
        with TemporaryDirectory() as folder:
            os.environ["NUMBA_CACHE_DIR"] = folder
            print(json.dumps(_child("--compile-child", "", FULL[0]), indent=2))
        return
    if task := arguments.child or arguments.whole_child:
        name, fields = json.loads(task)
        workload = Workload(**fields)
        print(json.dumps(child(name, workload) if arguments.child else whole(workload)))
        return
    size, rounds = ("quick", 1) if arguments.quick else (arguments.size, arguments.rounds)
    begins = tuple(arguments.workloads)
    chosen = [workload for workload in WORKLOADS[size] if workload.name.startswith(begins)]
    result: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load_average": [round(load, 1) for load in os.getloadavg()],
        "size": size,
        "rounds": rounds,
        "workloads": {
            load.name: measure(load, rounds, 0.2 if arguments.quick else 1.0, arguments.contenders) for load in chosen
        },
    }
    if "W4".startswith(begins):
        result["vibration"] = measure_vibration(SNAPSHOTS[size], rounds, quick=size != "full")
    if arguments.memory:
        result["memory"] = {chosen[0].name: memory(chosen[0])}
    if arguments.whole:
        result["whole W1"] = _child("--whole-child", "", FULL[0])
    text = json.dumps(result, indent=2)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")
    if arguments.chart:
        chart(result, arguments.chart)


if __name__ == "__main__":
    main()
