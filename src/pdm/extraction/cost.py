"""What each calculator of a feature set costs, measured on made-up data: where the CPU time of a feature table goes.

The unit is CPU microseconds per *channel-window*: one window of one channel, whatever the number of columns it gives.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from pdm.catalogue.axis import Axis
from pdm.catalogue.feature_set import FeatureSet, Parameters, Window
from pdm.extraction.calculators import Output, calculate
from pdm.extraction.fallback import Calculate, tsfresh_values
from pdm.extraction.held import Course, held_values
from pdm.extraction.plan import Block, make_plan

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Slow = tuple[Calculate, Parameters, int]

_SLOW_WINDOWS = 5
"""tsfresh needs milliseconds per window: a few tell enough."""


@dataclass(frozen=True)
class Cost:
    """One calculator over one window. by: `kernel` or `tsfresh`. columns: per channel. microseconds: CPU per channel-window."""

    calculator: str
    window: str
    rows: int
    by: str
    columns: int
    microseconds: float


def calculator_costs(feature_set: FeatureSet, axis: Axis, *, windows: int = 2000, seed: int = 0) -> list[Cost]:
    """Time every calculator of a feature set over each of its windows, each on its own, on a random walk; the dearest first.

    windows: how many are computed per measurement (five for tsfresh). Time-weighted calculators are timed on a level that moves with
    every reading, which is the most that a channel by exception can do. Calculators of one family share work, so together they cost
    less than the sum. Life and event features are not among them: they cost next to nothing.

    Raises:
        MissingExtra: a calculator has no kernel and tsfresh is not installed.
        InputError: a calculator that nobody knows.
    """
    plan = make_plan(feature_set, axis)
    costs: dict[tuple[str, str], Cost] = {}
    for block in plan.blocks:
        window = feature_set.windows[block.window]
        length, stride = _rows(window, axis)
        rng = np.random.default_rng(seed)
        values = rng.normal(size=length + stride * windows).cumsum()
        starts = np.arange(windows, dtype=np.int64) * stride
        calendar, timed = plan.scale.calendar, window.rows is None
        for name, by, columns, work in _works(block, values, starts, length, calendar=calendar, timed=timed):
            known = costs.get((name, window.label))
            if known is None or known.columns < columns:
                count = windows if by == "kernel" else min(windows, _SLOW_WINDOWS)
                costs[name, window.label] = Cost(name, window.label, length, by, columns, _measured(work, count))
    return sorted(costs.values(), key=lambda cost: -cost.microseconds)


def _works(
    block: Block, values: Floats, starts: Indices, length: int, *, calendar: bool, timed: bool
) -> Iterator[tuple[str, str, int, Callable[[int], Floats]]]:
    """Calculator, who computes it, its columns, and a function that computes so many windows of it."""
    ticks = np.arange(len(values), dtype=np.int64) * 3_600_000_000

    def fast(outputs: Sequence[Output], count: int) -> Floats:
        first = starts[:count]
        return calculate(values, first, first + length, outputs, ticks=ticks if calendar else None)

    def slow(entry: Slow, count: int) -> Floats:
        first = starts[:count]
        return tsfresh_values(values, ticks, first, first + length, [entry], min_rows=1, calendar=calendar)

    def weighted(outputs: Sequence[Output], count: int) -> Floats:
        first = starts[:count]
        places = ticks if calendar else ticks.astype(np.float64)
        course = Course(values, np.ones(len(values), dtype=np.bool_), places)
        span = places[length] - places[0] if timed else None
        return held_values(course, span, places[first + length - 1], first, first + length, outputs)

    for name in dict.fromkeys(output.calculator for output in block.held):
        outputs = [output for output in block.held if output.calculator == name]
        yield name, "kernel", len(outputs), partial(weighted, outputs)
    for name in dict.fromkeys(output.calculator for output in block.outputs):
        outputs = [output for output in block.outputs if output.calculator == name]
        yield name, "kernel", len(outputs), partial(fast, outputs)
    for entry in block.slow:
        yield getattr(entry[0], "__name__", str(entry[0])), "tsfresh", entry[2], partial(slow, entry)


def _measured(work: Callable[[int], Floats], count: int) -> float:
    """CPU microseconds per window, the best of three; what is compiled or imported first is not counted."""
    work(1)
    seconds = []
    for _ in range(3):
        started = time.process_time()
        work(count)
        seconds.append(time.process_time() - started)
    return min(seconds) / count * 1e6


def _rows(window: Window, axis: Axis) -> tuple[int, int]:
    """Length and stride of a window in readings, as many as an axis of even steps has."""
    if window.rows is not None:
        return window.rows, int(window.every)
    length, stride = axis.span(str(window.duration)) / axis.step, axis.span(str(window.every)) / axis.step
    return max(round(length), 1), max(round(stride), 1)
