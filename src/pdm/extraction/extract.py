"""From readings to the feature table: the one way in, for training and for service alike.

* **Nothing known later is used.** A window ends at its as-of time, events count strictly before it and only when they were on record.
* **A value is a pure function of the window's own rows**, so the newest row alone (`only_last`) equals the last row of the
  whole table bit for bit, and history that is cut off gives the same rows as the whole.
* **Missing values** (NaN, inf, bad quality) are left out of that channel's window; with fewer than `min_rows` left the
  features of that channel and window are NaN. A gap never stops the job. With `running_only` a reading outside running
  counts as missing.
* **Channels by exception** hold their value until the next reading: their means are weighted by time (`pdm.extraction.held`).
* Readings are computed in float64, whatever type they come in, and the features stored as float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pdm.catalogue.asset_class import AssetClass, Channel, RunningRule
from pdm.catalogue.axis import Axis
from pdm.catalogue.feature_set import FeatureSet
from pdm.errors import ColumnsError, InputError
from pdm.extraction.asof import AsOf, as_of_rows
from pdm.extraction.calculators import calculate_into
from pdm.extraction.compiling import compile_kernels
from pdm.extraction.event_features import event_columns
from pdm.extraction.executor import Executor, Progress, Serial
from pdm.extraction.fallback import tsfresh_values
from pdm.extraction.gaps import Gap, short_windows
from pdm.extraction.held import held_channels, held_values, said_to_hold
from pdm.extraction.history import AssetHistory, histories
from pdm.extraction.life import life_columns
from pdm.extraction.plan import Block, Plan, make_plan
from pdm.extraction.scale import Ticks
from pdm.extraction.snapshots import Snapshots, snapshot_columns, speeds
from pdm.extraction.snapshots import by_asset as snapshots_by_asset
from pdm.readings.order import in_order
from pdm.readings.running import RunningState, run_hours, running_state

if TYPE_CHECKING:
    import pandas as pd

    from pdm.readings.registry import Asset

Floats = npt.NDArray[np.float64]

_TOGETHER, _ROWS_TOGETHER, _CELLS_TOGETHER = 64, 1024, 1 << 19
"""How many assets share one visit of the kernels at most, and rows of several: so many, or as many as give so many values."""


def extract(
    readings: pd.DataFrame,
    feature_set: FeatureSet,
    events: pd.DataFrame | None = None,
    lives: pd.DataFrame | None = None,
    *,
    axis: Axis | None = None,
    running: RunningRule | None = None,
    channels: Sequence[Channel] = (),
    assets: Mapping[str, Asset] | None = None,
    only_last: bool = False,
    known_at: datetime | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    gaps: Callable[[Sequence[Gap]], object] | None = None,
    snapshots: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The feature table: `asset`, `time` (as-of) and one float32 column per feature, sorted by asset and time.

    readings: `asset`, `time` (UTC timestamps, or a usage counter) and the channels; in any order of rows. A `recorded_at`
        column, where there is one, says on a usage axis when a reading was known.
    events, lives: tables as `pdm.readings` gives them; without them counts are 0 and a life begins at the first reading.
    running: the class's rule, used by `running_only` and by run hours; without one every reading counts as running.
    channels: the class's channels, whose `sampling` matters to the running rule; regular where nothing is said. Those by exception
        have to be `held` by the feature set.
    assets: records by tag, for the age of assets. only_last: just the newest as-of row of each asset.
    known_at: nothing that was recorded later is used. executor: spreads the assets. gaps: is told, per channel and window, how many
        windows had too few values: `found = []; extract(..., gaps=found.extend)`.
    snapshots: waveforms of the feature set's vibration points, `asset`, `time`, `point`, `waveform` (samples, or a file).

    >>> import pandas as pd
    >>> times = pd.date_range("2026-01-01", periods=3, freq="1h", tz="UTC")
    >>> readings = pd.DataFrame({"asset": "P-101", "time": times, "pressure": [1.0, 2.0, 6.0]})
    >>> from pdm.catalogue.feature_set import Window
    >>> extract(readings, FeatureSet("pump", ("pressure",), (Window(rows=2),), {"mean": None}))["pressure__mean"].tolist()
    [1.0, 1.5, 4.0]

    Raises:
        ColumnsError: a channel or a key column is missing.
        InputError: times that do not fit the axis; a calculator or parameters that nobody knows; a channel by exception that the
            feature set does not hold.
        MissingExtra: a calculator without a kernel, and no tsfresh.
    """
    plan = make_plan(feature_set, axis or Axis())
    _check_columns(readings, feature_set, running)
    check_held(feature_set, channels)
    compile_kernels((output for block in plan.blocks for output in block.outputs), progress)
    ordered = in_order(readings)
    state, hours = _running(ordered, plan, running, channels)
    work = histories(
        ordered,
        {name: _usable(ordered[name], state) for name in feature_set.channels},
        plan.scale,
        events=events,
        lives=lives,
        assets=assets or {},
        run_hours=hours,
        known_at=known_at,
        held={name: _usable(ordered[name], None) for name in (*held_channels(feature_set), *speeds(feature_set))},
        counted=state,
    )
    tasks, rows = _tasks(work, plan, only_last=only_last)
    matrix = np.empty((rows, len(plan.names)), dtype=np.float32)
    spread = executor or Serial()
    # Where memory is shared, every asset is written once, into its place.
    carry_out = _Work(
        plan,
        matrix if getattr(spread, "shares_memory", False) else None,
        snapshots_by_asset(snapshots, feature_set, plan.scale),
    )
    stage = (
        progress.stage(f"features of {feature_set.name}", readings["asset"].nunique()) if progress else nullcontext()
    )
    short = np.zeros(len(plan.blocks), dtype=np.int64)
    heard = np.zeros((len(feature_set.vibration), 2), dtype=np.int64)
    with stage as advance:
        for task, done in zip(tasks, spread.map(carry_out, tasks), strict=True):
            if done.matrix is not None:
                matrix[task.row : task.row + len(done.matrix)] = done.matrix
            short += done.short
            heard += done.heard
            if advance:
                advance(len(task.histories))
    if gaps:
        gaps([_gap(plan, block, rows, int(count)) for block, count in zip(plan.blocks, short, strict=True)])
        pairs = zip(feature_set.vibration, heard.tolist(), strict=True)
        gaps([Gap(point.name, "snapshot", 16, needed, unread) for point, (needed, unread) in pairs])
    return _table(plan, tasks, matrix)


def _gap(plan: Plan, block: Block, windows: int, short: int) -> Gap:
    window = plan.feature_set.windows[block.window]
    return Gap(block.channel, window.label, window.min_rows, windows, short)


@dataclass(frozen=True)
class _Task:
    """Some assets whose readings lie one after the other. row: where their first row stands in the table."""

    row: int
    histories: Sequence[AssetHistory]
    asofs: Sequence[AsOf]


def _tasks(work: Iterable[AssetHistory], plan: Plan, *, only_last: bool) -> tuple[list[_Task], int]:
    """What is computed together, and how many rows the table will have.

    Little work costs one visit of every kernel, however many assets it is of; much work is one asset at a time.
    """
    tasks: list[_Task] = []
    most = max(_ROWS_TOGETHER, _CELLS_TOGETHER // max(len(plan.names), 1))
    row = pending = 0
    histories: list[AssetHistory] = []
    asofs: list[AsOf] = []
    for history in work:
        asof = as_of_rows(history, plan.feature_set.windows, plan.scale, only_last=only_last)
        if histories and (pending + len(asof.at) > most or len(histories) == _TOGETHER):
            tasks.append(_Task(row, histories, asofs))
            row, pending, histories, asofs = row + pending, 0, [], []
        histories.append(history)
        asofs.append(asof)
        pending += len(asof.at)
    if histories:
        tasks.append(_Task(row, histories, asofs))
    return tasks, row + pending


@dataclass(frozen=True)
class _Done:
    """What became of a task.

    matrix: its rows, unless they stand in the table. short: windows with too few values, per block. heard: per vibration point,
    snapshots needed and those that nobody could read.
    """

    matrix: npt.NDArray[np.float32] | None
    short: npt.NDArray[np.int64]
    heard: npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Work:
    """Everything for one task; an object rather than a closure, so that it can travel to another process.

    table: where the rows belong; without it they are handed back.
    """

    plan: Plan
    table: npt.NDArray[np.float32] | None
    snapshots: Mapping[tuple[str, str], Snapshots]

    def __call__(self, task: _Task) -> _Done:
        count = sum(len(asof.at) for asof in task.asofs)
        place = None if self.table is None else self.table[task.row : task.row + count]
        matrix = np.empty((count, len(self.plan.names)), dtype=np.float32) if place is None else place
        with np.errstate(over="ignore"):  # what exceeds float32 becomes inf, as it would in the booster
            short = self._windows(task.histories, task.asofs, matrix)
            row, heard = 0, np.zeros((len(self.plan.feature_set.vibration), 2), dtype=np.int64)
            for history, asof in zip(task.histories, task.asofs, strict=True):
                self._held(history, asof, matrix[row : row + len(asof.at)])
                heard += self._happened(history, asof, matrix[row : row + len(asof.at)])
                row += len(asof.at)
        return _Done(matrix if place is None else None, short, heard)

    def _windows(
        self, histories: Sequence[AssetHistory], asofs: Sequence[AsOf], matrix: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.int64]:
        """The columns of all blocks, with the readings of the assets one after the other; how many windows were too short."""
        short = []
        offsets = np.cumsum([0, *(len(history.positions) for history in histories)])
        ends = np.concatenate([asof.ends + offset for asof, offset in zip(asofs, offsets, strict=False)])
        starts = [
            np.concatenate([asof.starts[window] + offset for asof, offset in zip(asofs, offsets, strict=False)])
            for window in range(len(self.plan.feature_set.windows))
        ]
        positions = np.concatenate([history.positions for history in histories])
        for channel, blocks in groupby(self.plan.blocks, key=lambda block: block.channel):
            values = np.concatenate([history.values[channel] for history in histories])
            usable = np.isfinite(values)
            complete = bool(usable.all())
            count = np.empty(0, np.int64) if complete else np.concatenate([[0], np.cumsum(usable)])
            series = _Series(values, positions) if complete else _Series(values[usable], positions[usable])
            for block in blocks:
                bounds = starts[block.window], ends
                first, last = bounds if complete else (count[bounds[0]], count[bounds[1]])
                short.append(short_windows(last - first, block.min_rows))
                _window_columns(series, first, last, block, self.plan, matrix)
        return np.array(short, dtype=np.int64)

    def _held(self, history: AssetHistory, asof: AsOf, matrix: npt.NDArray[np.float32]) -> None:
        """The time-weighted columns of one asset."""
        windows = self.plan.feature_set.windows
        for block in self.plan.blocks:
            if block.held and len(asof.at):
                window = windows[block.window]
                span = None if window.rows is not None else self.plan.scale.span(str(window.duration))
                found = held_values(
                    history.courses[block.channel], span, asof.at, asof.starts[block.window], asof.ends, block.held
                )
                matrix[:, list(block.held_columns)] = found

    def _happened(self, history: AssetHistory, asof: AsOf, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
        """The columns of one asset after those of the blocks: life, events and vibration."""
        plan, features = self.plan, self.plan.feature_set
        column = plan.width_of_windows
        if features.life:
            values = life_columns(history, asof, features.life, features.channels, plan.scale)
            matrix[:, column : column + values.shape[1]] = values
            column += values.shape[1]
        if features.events:
            found = event_columns(history, asof, features.events, plan.scale)
            matrix[:, column : column + found.shape[1]] = found
            column += found.shape[1]
        heard = np.zeros((len(features.vibration), 2), dtype=np.int64)
        for place, point in enumerate(features.vibration):
            course = history.courses.get(point.speed)
            speed = (course.positions, course.levels) if course else None
            taken = self.snapshots.get((history.asset, point.name))
            block, needed, unread = snapshot_columns(point, taken, asof.at, speed, plan.scale)
            matrix[:, column : column + block.shape[1]] = block
            column += block.shape[1]
            heard[place] = needed, unread
        return heard


@dataclass(frozen=True)
class _Series:
    """The usable values of one channel, one after the other, and where they were measured."""

    values: Floats
    positions: Ticks


def _window_columns(
    series: _Series,
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    block: Block,
    plan: Plan,
    matrix: npt.NDArray[np.float32],
) -> None:
    if block.outputs:
        ticks = series.positions if plan.scale.calendar else None
        columns = np.array(block.columns, dtype=np.int64)
        calculate_into(
            series.values, starts, ends, block.outputs, matrix, columns, min_rows=block.min_rows, ticks=ticks
        )
    if block.slow:
        matrix[:, list(block.slow_columns)] = tsfresh_values(
            series.values,
            series.positions,
            starts,
            ends,
            block.slow,
            min_rows=block.min_rows,
            calendar=plan.scale.calendar,
        )


def _usable(column: pd.Series, state: npt.NDArray[np.bool_] | None) -> Floats:
    """Float64 with NaN for whatever must not be used; narrow integers would overflow in sums of squares."""
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return values if state is None else np.where(state, values, np.nan)


def _running(
    readings: pd.DataFrame, plan: Plan, rule: RunningRule | None, channels: Sequence[Channel]
) -> tuple[npt.NDArray[np.bool_] | None, Floats | None]:
    """Which readings may enter a window, and cumulative run hours, as far as this feature set asks for them."""
    features = plan.feature_set
    if readings.empty or not _wants_running(features):
        return None, None
    known = {channel.name: channel for channel in channels}
    names = dict.fromkeys([*features.channels, *([rule.channel] if rule else [])])
    described = tuple(known.get(name, Channel(name, name, "1")) for name in names)
    asset_class = AssetClass(features.name, features.name, plan.scale.axis, described, features, rule)
    state = running_state(readings, asset_class) == RunningState.RUNNING if features.running_only and rule else None
    return state, run_hours(readings, asset_class) if features.events and features.events.run_hours else None


def _wants_running(features: FeatureSet) -> bool:
    return features.running_only or (features.events is not None and features.events.run_hours)


def _check_columns(readings: pd.DataFrame, features: FeatureSet, rule: RunningRule | None) -> None:
    needed = [
        "asset",
        "time",
        *features.channels,
        *speeds(features),
        *([rule.channel] if rule and _wants_running(features) else []),
    ]
    if missing := [name for name in dict.fromkeys(needed) if name not in readings]:
        raise ColumnsError(
            f"readings for feature set {features.name} lack {', '.join(missing)}",
            hint="they have " + ", ".join(map(str, readings.columns)),
        )


def check_held(features: FeatureSet, channels: Sequence[Channel]) -> None:
    """Refuse a channel by exception whose means would not be weighted by time."""
    if wrong := said_to_hold(features, [channel.name for channel in channels if channel.sampling == "exception"]):
        raise InputError(
            f"{', '.join(wrong)}: sampled by exception, but feature set {features.name} does not hold them",
            hint=f"FeatureSet(..., held={tuple(wrong)!r}); a class read from TOML says so by itself",
        )


def _table(plan: Plan, tasks: Sequence[_Task], matrix: npt.NDArray[np.float32]) -> pd.DataFrame:
    import pandas as pd

    parts = [
        (history.asset, asof.at) for task in tasks for history, asof in zip(task.histories, task.asofs, strict=True)
    ]
    none = np.empty(0, dtype=np.int64 if plan.scale.calendar else np.float64)
    words = pd.StringDtype(na_value=np.nan)  # pandas's `str`, which takes longer to look up by name
    assets = pd.Series([asset for asset, _ in parts], dtype=words).array
    ticks = np.concatenate([at for _, at in parts]) if parts else none
    table = pd.DataFrame(matrix, columns=list(plan.names), copy=False)
    table.insert(0, "time", plan.scale.times(ticks))
    counts = np.array([len(at) for _, at in parts], dtype=np.int64)
    table.insert(0, "asset", pd.Series(assets.take(np.repeat(np.arange(len(parts)), counts))))
    return table
