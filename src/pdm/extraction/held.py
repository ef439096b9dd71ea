"""Time-weighted statistics of channels that are written only when they move (`sampling = "exception"`).

Such a channel has few readings while it moves and none while it rests; a mean over its readings would be that of its busiest minutes.
Here each value counts for as long as it held within `(t - w, t]`, and the value that was known when the window began counts from there.

| asked for | of a channel by exception it is | meaning |
|---|---|---|
| `mean` | `time_weighted_mean` | integral over the time within the window, divided by that time |
| `variance`, `standard_deviation` | `time_weighted_variance`, `time_weighted_standard_deviation` | about that mean |
| `root_mean_square` | `time_weighted_root_mean_square` | root of the mean square over time |
| `count_above`, `count_below` | `time_weighted_count_above`, `time_weighted_count_below` | share of the time at or above, at or below `t` |

The column bears the calculator's own name, because tsfresh's name would promise another value. All other calculators (extremes,
quantiles, counts, trends ...) look at the readings within the window, as of any channel. The time-weighted ones may be asked
for by name of any channel that holds its value between readings.

* Time for which nothing was known yet does not count; with `running_only` neither does time outside running, though a value written
  then holds on. A window without any reading has the value that was held: `min_rows` does not apply. NaN: nothing was ever known.
* A window of rows begins with the reading before its first one.
* A bad value is none: the one before holds on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pdm.catalogue.feature_set import FeatureSet, Parameters
from pdm.errors import InputError
from pdm.extraction.calculators import Output
from pdm.extraction.scale import Ticks

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

TIME_WEIGHTED = {
    name: f"time_weighted_{name}"
    for name in ("mean", "variance", "standard_deviation", "root_mean_square", "count_above", "count_below")
}
"""What becomes of a calculator where a channel holds its value between readings."""

_WITH_LEVEL = ("time_weighted_count_above", "time_weighted_count_below")


@dataclass(frozen=True)
class Before:
    """How things stood before the first row: the level held, whether that time counted, and where the row before lay (or None)."""

    level: float = np.nan
    counted: bool = False
    position: Any = None


@dataclass(frozen=True)
class Course:
    """What a channel held from each row of one asset on. levels: NaN where nothing was known. counted: whether the machine ran."""

    levels: Floats
    counted: Flags
    positions: Ticks
    before: Before = Before()


def weighted_outputs(calculator: object, parameters: Parameters) -> list[Output] | None:
    """The columns of a time-weighted calculator; None for any other calculator.

    Raises:
        InputError: parameters that it does not take.
    """
    if calculator not in TIME_WEIGHTED.values():
        return None
    name, settings = str(calculator), list(parameters or ())
    with_level = name in _WITH_LEVEL
    if with_level == bool(settings) and all(
        set(item) == {"t"} and isinstance(item["t"], int | float | np.number) for item in settings
    ):
        return [Output(name, item) for item in settings] if with_level else [Output(name)]
    raise InputError(
        f"{name} does not take {parameters!r}", hint="a level: [{ t = 5.0 }]" if with_level else "it has no parameters"
    )


def holds(feature_set: FeatureSet, channel: str) -> bool:
    """Whether a feature set has a time-weighted column of a channel."""
    asked = feature_set.calculators_of(channel)
    return any(c in TIME_WEIGHTED.values() or (channel in feature_set.held and c in TIME_WEIGHTED) for c in asked)


def held_channels(feature_set: FeatureSet) -> tuple[str, ...]:
    """Channels with time-weighted columns."""
    return tuple(channel for channel in feature_set.channels if holds(feature_set, channel))


def hold(raw: Floats, before: float = np.nan) -> Floats:
    """Each value until the next one.

    >>> hold(np.array([np.nan, 1.0, np.nan, 3.0]), 7.0).tolist()
    [7.0, 1.0, 1.0, 3.0]
    """
    known = np.isfinite(raw)
    latest = np.maximum.accumulate(np.where(known, np.arange(len(raw)), -1)) if len(raw) else np.empty(0, np.int64)
    return np.where(latest < 0, before, raw[latest]) if len(raw) else raw


def held_values(
    course: Course, span: Any, at: Ticks, starts: Indices, ends: Indices, outputs: Sequence[Output]
) -> Floats:
    """Time-weighted columns of one channel over one window: [as-of rows, outputs].

    span: length of the window in ticks, None for a window of rows. starts, ends: rows of the course within each window.
    """
    from pdm.extraction import kernel_held

    positions = course.positions
    if span is not None:
        begins = at - span
    else:
        first = course.before.position if course.before.position is not None else positions[:1][0]
        begins = np.where(starts > 0, positions[np.maximum(starts - 1, 0)], first).astype(positions.dtype)
    codes = np.array([kernel_held.OUTPUTS[output.calculator] for output in outputs], dtype=np.int64)
    params = np.array([[float((output.parameters or {}).get("t", 0.0))] for output in outputs])
    out = np.empty((len(at), len(outputs)))
    before = course.before
    kernel_held.run(
        np.ascontiguousarray(course.levels),
        np.ascontiguousarray(course.counted),
        np.ascontiguousarray(positions),
        before.level,
        before.counted,
        np.ascontiguousarray(begins.astype(positions.dtype)),
        starts,
        ends,
        np.ascontiguousarray(at),
        codes,
        params,
        out,
    )
    return out


def said_to_hold(feature_set: FeatureSet, by_exception: Iterable[str]) -> list[str]:
    """Channels of a feature set that are sampled by exception although it does not say that they hold their value."""
    return [name for name in by_exception if name in feature_set.channels and name not in feature_set.held]
