"""Which tsfresh calculators have a compiled kernel, and the one way to run them: values and window bounds in, columns out.

tsfresh's names and meanings hold; where its own answer depends on rounding, on the unit or on the processor, ours is the right one
(a constant window has no spread; autocorrelation does not vanish for small units). Any other calculator goes to tsfresh itself.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from pdm.errors import InputError
from pdm.extraction.calculator import Calculator
from pdm.extraction.names import feature_name
from pdm.extraction.spectra_calculators import SPECTRA_CALCULATORS
from pdm.extraction.trend_calculators import TREND_CALCULATORS

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Output:
    """One column: a calculator with one set of parameters."""

    calculator: str
    parameters: Mapping[str, Any] | None = None

    def name(self, kind: str) -> str:
        """The column's name as tsfresh writes it."""
        spell = getattr(CALCULATORS.get(self.calculator), "spell", None)
        return feature_name(kind, self.calculator, spell(self.parameters or {}) if spell else self.parameters)


_PLAIN = {
    "moments": "sum_values mean length standard_deviation variance root_mean_square abs_energy variation_coefficient "
    "variance_larger_than_standard_deviation skewness kurtosis count_above_mean count_below_mean maximum minimum "
    "absolute_maximum longest_strike_above_mean longest_strike_below_mean",
    "order": "median has_duplicate percentage_of_reoccurring_values_to_all_values "
    "percentage_of_reoccurring_datapoints_to_all_datapoints sum_of_reoccurring_values sum_of_reoccurring_data_points "
    "ratio_value_number_to_time_series_length",
    "changes": "mean_change mean_abs_change absolute_sum_of_changes mean_second_derivative_central",
    "places": "first_location_of_maximum last_location_of_maximum first_location_of_minimum last_location_of_minimum "
    "has_duplicate_max has_duplicate_min",
}

CALCULATORS: Mapping[str, Calculator] = {
    **{name: Calculator(family) for family, names in _PLAIN.items() for name in names.split()},
    "ratio_beyond_r_sigma": Calculator("moments", ("r",)),
    "large_standard_deviation": Calculator("moments", ("r",)),
    "cid_ce": Calculator("moments", ("normalize",)),
    "quantile": Calculator("order", ("q",)),
    "mean_n_absolute_max": Calculator("order", ("number_of_maxima",), {"number_of_maxima": 1}),
    "symmetry_looking": Calculator("order", ("r",)),
    "c3": Calculator("changes", ("lag",), {"lag": 0}),
    "time_reversal_asymmetry_statistic": Calculator("changes", ("lag",), {"lag": 0}),
    "number_crossing_m": Calculator("changes", ("m",)),
    "number_peaks": Calculator("changes", ("n",), {"n": 1}),
    "autocorrelation": Calculator("changes", ("lag",), {"lag": 0}),
    "count_above": Calculator("places", ("t",)),
    "count_below": Calculator("places", ("t",)),
    "range_count": Calculator("places", ("min", "max")),
    "value_count": Calculator("places", ("value",)),
    "index_mass_quantile": Calculator("places", ("q",)),
    "energy_ratio_by_chunks": Calculator(
        "places", ("num_segments", "segment_focus"), {"num_segments": 1, "segment_focus": 0}
    ),
    "linear_trend": Calculator("trend", ("attr",), select="attr"),
    **TREND_CALCULATORS,
    **SPECTRA_CALCULATORS,
}

_CACHED, _FEWEST = 1 << 15, 128
"""Numbers that a family gives at a time (256 KiB), and the fewest windows: what overlapping ones share begins anew each time."""

_ATTRIBUTES = {"slope", "intercept", "rvalue", "stderr", "pvalue"}


def has_kernel(output: Output) -> bool:
    """Whether a kernel computes this column: the calculator has one and the parameters are such as it takes."""
    calculator = CALCULATORS.get(output.calculator)
    given = output.parameters or {}
    if calculator is None:
        return False
    if calculator.read is not None:
        return calculator.read(given) is not None
    if set(given) != set(calculator.parameters):
        return False
    if calculator.select:
        return given[calculator.select] in _ATTRIBUTES
    for key, value in given.items():
        smallest = (calculator.counts or {}).get(key)
        if smallest is not None:
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < smallest:
                return False
        elif not isinstance(value, int | float | np.number | bool) or np.isnan(value):
            return False
    if "q" in given:
        return bool(0.0 <= given["q"] <= 1.0)
    return "segment_focus" not in given or bool(given["segment_focus"] < given["num_segments"])


def calculate(
    values: Floats,
    starts: Indices,
    ends: Indices,
    outputs: Sequence[Output],
    *,
    min_rows: int = 1,
    ticks: npt.NDArray[Any] | None = None,
) -> Floats:
    """Columns for many windows of one series, in float64.

    values: finite readings of one channel, one after the other. starts, ends: window `w` is `values[starts[w]:ends[w]]`.
    outputs: columns that have a kernel. ticks: when each value was read, in microseconds, for calculators that look at the clock.
    Returns [windows, outputs]; NaN where fewer than `min_rows` values are left.

    >>> calculate(np.array([1.0, 2.0, 6.0]), np.array([0, 0]), np.array([2, 3]), [Output("mean")])
    array([[1.5],
           [3. ]])
    """
    matrix = np.empty((len(starts), len(outputs)))
    calculate_into(values, starts, ends, outputs, matrix, np.arange(len(outputs)), min_rows=min_rows, ticks=ticks)
    return matrix


def calculate_into(
    values: Floats,
    starts: Indices,
    ends: Indices,
    outputs: Sequence[Output],
    matrix: npt.NDArray[Any],
    columns: Indices,
    *,
    min_rows: int = 1,
    ticks: npt.NDArray[Any] | None = None,
) -> None:
    """As `calculate`, written into those columns of `matrix`, which is float64 or float32, C-contiguous and has a row per window.

    Every family works on so many windows at a time that what it gives stays in the processor's cache until it is in its place.
    """
    from pdm.extraction.kernel_batches import put

    series = np.ascontiguousarray(values, dtype=np.float64)
    first, last = (np.ascontiguousarray(bounds, dtype=np.int64) for bounds in (starts, ends))
    for call in _calls(outputs):
        size = min(max(_CACHED // len(call.columns), _FEWEST), max(len(first), 1))
        room, places = _room(size, len(call.columns)), columns[call.columns]
        for begin in range(0, len(first), size):
            begins, stops = first[begin : begin + size], last[begin : begin + size]
            low, high = int(begins.min()), int(stops.max())
            part, block = series[low : max(low, high)], room[: len(begins)]
            if hasattr(call.kernel, "run_at"):
                clock = _clock(ticks, low, high)
                call.kernel.run_at(part, clock, begins - low, stops - low, min_rows, call.codes, call.parameters, block)
            else:
                call.kernel.run(part, begins - low, stops - low, min_rows, call.codes, call.parameters, block)
            if hasattr(call.kernel, "finish"):
                call.kernel.finish(block, call.codes, stops - begins)
            put(block, places, matrix[begin : begin + size])


class _Rooms(threading.local):
    """A place to write on for every thread: memory that is taken afresh costs more than what is written to it."""

    room = np.empty(0)


_ROOMS = _Rooms()


def _room(rows: int, columns: int) -> Floats:
    if _ROOMS.room.size < rows * columns:
        _ROOMS.room = np.empty(rows * columns)
    return _ROOMS.room[: rows * columns].reshape(rows, columns)


@dataclass(frozen=True)
class _Call:
    """One visit of a kernel: which columns it fills, and what it is told about each."""

    kernel: ModuleType
    columns: npt.NDArray[np.intp]
    codes: Indices
    parameters: Floats


_KNOWN_CALLS: dict[int, tuple[Sequence[Output], list[_Call]]] = {}
_MOST_KNOWN = 256


def _calls(outputs: Sequence[Output]) -> list[_Call]:
    """Which kernels are visited. Reading hundreds of parameters takes longer than a small asset's features, so what a
    tuple came down to is kept, by its identity: the tuple is kept with it, so the identity stays its own.
    """
    known = _KNOWN_CALLS.get(id(outputs))
    if known is not None and known[0] is outputs:
        return known[1]
    found = []
    for family in dict.fromkeys(CALCULATORS[output.calculator].family for output in outputs):
        columns = [c for c, output in enumerate(outputs) if CALCULATORS[output.calculator].family == family]
        kernel = import_module(f"pdm.extraction.kernel_{family}")
        codes, parameters = _encode(kernel.OUTPUTS, [outputs[c] for c in columns])
        found.append(_Call(kernel, np.array(columns, dtype=np.intp), codes, parameters))
    if isinstance(outputs, tuple):
        if len(_KNOWN_CALLS) >= _MOST_KNOWN:
            _KNOWN_CALLS.clear()
        _KNOWN_CALLS[id(outputs)] = (outputs, found)
    return found


def _clock(ticks: npt.NDArray[Any] | None, low: int, high: int) -> Indices:
    """The times of values `low` to `high`; without a clock, readings are an hour apart."""
    if ticks is None:
        return np.arange(low, max(low, high), dtype=np.int64) * 3_600_000_000
    return np.ascontiguousarray(ticks[low : max(low, high)], dtype=np.int64)


def _encode(table: Mapping[str, int], outputs: Sequence[Output]) -> tuple[Indices, Floats]:
    codes = np.empty(len(outputs), dtype=np.int64)
    numbers = [_read(output) for output in outputs]
    parameters = np.zeros((len(outputs), max([2, *(len(row) for _, row in numbers)])))
    for place, (key, row) in enumerate(numbers):
        codes[place] = table[key]
        parameters[place, : len(row)] = row
    return codes, parameters


def _read(output: Output) -> tuple[str, tuple[float, ...]]:
    """Which output of the kernel a column is, and its parameters as numbers."""
    calculator = CALCULATORS[output.calculator]
    given = output.parameters or {}
    if calculator.read is not None:
        found = calculator.read(given)
        if found is None:
            raise InputError(f"no kernel takes {output.calculator} with {dict(given)}", hint="ask `has_kernel` first")
        return found
    if calculator.select:
        return f"{output.calculator}.{given[calculator.select]}", ()
    return output.calculator, tuple(float(given[key]) for key in calculator.parameters)
