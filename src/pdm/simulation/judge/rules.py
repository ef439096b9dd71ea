"""Simple rules on raw readings, as a control system has them: limits, and limits on an exponentially weighted mean.

A rule looks at one channel of one class, from one side. A limit compares the reading itself; an EWMA rule compares the weighted
mean of the asset's own deviations from its training months, in robust standard deviations. A rule speaks while the machine runs,
raises when it held for some rows in a row, and closes when it has not held for a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.catalogue.axis import microseconds
from pdm.readings.running import RunningState, running_state
from pdm.simulation.judge.matching import alert_table
from pdm.simulation.judge.terms import Period

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Kind = Literal["limit", "ewma"]
SPAN = 48
"""Rows over which the weighted mean remembers."""
ROWS = 3
QUIET = 24 * 3_600_000_000


@dataclass(frozen=True)
class Rule:
    """Alert when `channel` of `asset_class` is above (side 1) or below (side -1) `limit`; an EWMA's limit is in standard deviations."""

    asset_class: str
    channel: str
    side: int
    limit: float
    kind: Kind = "limit"


@dataclass(frozen=True)
class Signal:
    """A channel made ready for rules of one kind: asset numbers, times in microseconds and values, in order of asset and time."""

    assets: tuple[str, ...]
    which: Ints
    time: Ints
    value: Floats

    def alerts(self, rule: Rule) -> pd.DataFrame:
        """What the rule raises: asset, raised_at, closed_at."""
        return _alerts(self, rule.side * self.value > rule.side * rule.limit)


def signal(
    readings: pd.DataFrame, channel: str, kind: Kind, training: Period, asset_class: AssetClass | None = None
) -> Signal:
    """A channel of a class's wide readings (asset, time, channels), NaN left out and, with `asset_class`, only while it runs."""
    readings = readings.sort_values(["asset", "time"], kind="stable").reset_index(drop=True)
    value = readings[channel].to_numpy(dtype=np.float64)
    keep = np.isfinite(value)
    if asset_class is not None:
        keep &= running_state(readings, asset_class) == RunningState.RUNNING
    names, which = np.unique(readings["asset"].to_numpy(dtype=object)[keep], return_inverse=True)
    time, value = microseconds(readings["time"])[keep], value[keep]
    made = Signal(tuple(names), which.astype(np.int64), time, value)
    return made if kind == "limit" else Signal(made.assets, made.which, made.time, _weighted(made, training))


def _weighted(made: Signal, training: Period) -> Floats:
    """The EWMA of each asset's deviation from the median of its training months, over its own robust spread."""
    learnt = made.time <= int(training.end.timestamp() * 1e6)
    frame = pd.DataFrame({"which": made.which, "value": made.value})
    median = frame[learnt].groupby("which")["value"].median()
    distance = (frame["value"] - frame["which"].map(median)).abs()
    spread = 1.4826 * distance[learnt].groupby(frame["which"][learnt]).median()
    # A channel that hardly moves has no spread: then nothing can be called far.
    z = (frame["value"] - frame["which"].map(median)) / frame["which"].map(spread.where(spread > 0))
    # One wild reading must not carry the mean for days.
    smooth = z.clip(-10, 10).groupby(frame["which"]).ewm(span=SPAN, adjust=True).mean()
    return smooth.to_numpy(dtype=np.float64)


def _alerts(made: Signal, holds: Bools) -> pd.DataFrame:
    row = np.arange(len(holds))
    first = np.searchsorted(made.which, made.which, side="left")
    total = np.concatenate([[0], np.cumsum(holds)])
    spoken = (total[row + 1] - total[np.maximum(row + 1 - ROWS, 0)] == ROWS) & (row - first >= ROWS - 1)
    at = np.flatnonzero(spoken)
    begins = np.ones(len(at), dtype=bool)
    begins[1:] = (np.diff(made.which[at]) != 0) | (np.diff(made.time[at]) > QUIET)
    start = np.flatnonzero(begins)
    last = np.append(start[1:], len(at))[: len(start)] - 1
    return pd.DataFrame(
        {
            "asset": np.asarray(made.assets, dtype=object)[made.which[at[start]]],
            "raised_at": pd.to_datetime(made.time[at[start]], unit="us", utc=True),
            "closed_at": pd.to_datetime(made.time[at[last]] + QUIET, unit="us", utc=True),
        }
    )


def one_per_asset(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The alerts of several rules as one stream: while one of them stands on an asset, another adds nothing."""
    if not parts:
        return alert_table([])
    every = alert_table(pd.concat(parts, ignore_index=True)).sort_values(["asset", "raised_at"], ignore_index=True)
    until = every.groupby("asset")["closed_at"].cummax()
    before = until.groupby(every["asset"]).shift()
    new = ~(every["raised_at"] <= before)
    episode = new.cumsum()
    first = every[new].assign(closed_at=until.groupby(episode).max().to_numpy())
    return alert_table(first)
