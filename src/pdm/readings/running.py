"""Whether a machine ran: per reading, by the class's rule, and the hours that add up.

Standby is a state, not a fault: a pump that stands still is neither stuck nor worn. The first while after a start is marked as
transient, because temperatures and vibration then say more about the start than about the machine.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pdm.catalogue import AssetClass

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
_GAP_STEPS = 3.0


class RunningState(IntEnum):
    """What a machine does at one reading; unknown where the rule's channel has no value."""

    UNKNOWN = 0
    STANDBY = 1
    TRANSIENT = 2
    RUNNING = 3


def running_state(readings: pd.DataFrame, asset_class: AssetClass) -> npt.NDArray[np.int8]:
    """The `RunningState` of each row of `readings` (sorted by asset and time, as `ReadingStore.scan` gives them).

    A start is a change from standby to running, an unknown stretch in between included; the first row of an asset is none,
    since nobody saw it start. Without a rule every row with at least one value counts as running.
    """
    if asset_class.running is None:
        channels = [name for name in asset_class.channel_names if name in readings]
        heard = readings[channels].notna().any(axis=1).to_numpy(dtype=bool)
        return np.where(heard, np.int8(RunningState.RUNNING), np.int8(RunningState.UNKNOWN))
    rule = asset_class.running
    first = _firsts(readings)
    value = readings[rule.channel].to_numpy(dtype=np.float64)
    if asset_class.channel(rule.channel).sampling == "exception":
        latest = _latest(~np.isnan(value), first)
        value = np.where(latest >= 0, value[latest], np.nan)  # it holds its value until the next row
    known, runs = ~np.isnan(value), value > rule.above
    state = np.where(runs, RunningState.RUNNING, RunningState.STANDBY)
    state = np.where(known, state, RunningState.UNKNOWN).astype(np.int8)
    if rule.settle > 0 and len(value):
        position = asset_class.axis.positions(readings["time"])
        before = _latest(known, first, earlier=True)
        starts = runs & (before >= 0) & ~runs[before]
        begun = _latest(starts, first)
        settling = runs & (begun >= 0) & (position - position[begun] < rule.settle)
        state[settling] = RunningState.TRANSIENT
    return state


def run_hours(readings: pd.DataFrame, asset_class: AssetClass) -> Floats:
    """Native units that each asset had run at each row since its first row, transients included.

    The state of a reading holds until the next one (of an averaged channel: it held since the one before). A gap of more
    than three steps counts as one step: nobody knows what the machine did in the rest of it.
    """
    if not len(readings):
        return np.empty(0, dtype=np.float64)
    axis, first = asset_class.axis, _firsts(readings)
    state = running_state(readings, asset_class)
    runs = (state == RunningState.RUNNING) | (state == RunningState.TRANSIENT)
    rule = asset_class.running
    if rule is None or asset_class.channel(rule.channel).sampling != "averaged":
        runs = np.concatenate([[False], runs[:-1]])
    position = axis.positions(readings["time"])
    span = np.diff(position, prepend=position[:1])
    span = np.where(span > _GAP_STEPS * axis.step, axis.step, span)
    fresh = first == np.arange(len(first))
    ran = np.where(runs & ~fresh, span, 0.0)
    # One sum per asset: a running total over the whole table would round differently beside other assets.
    parts = [np.cumsum(part) for part in np.split(ran, np.flatnonzero(fresh)[1:])]
    return np.asarray(np.concatenate(parts), dtype=np.float64)


def _firsts(readings: pd.DataFrame) -> npt.NDArray[np.intp]:
    """For each row the first row of its asset."""
    import pandas as pd

    asset = pd.factorize(readings["asset"])[0]
    fresh = np.concatenate([[True], asset[1:] != asset[:-1]])[: len(asset)]
    return np.maximum.accumulate(np.where(fresh, np.arange(len(asset)), 0)) if len(asset) else np.empty(0, np.intp)


def _latest(
    marked: npt.NDArray[np.bool_], first: npt.NDArray[np.intp], *, earlier: bool = False
) -> npt.NDArray[np.intp]:
    """For each row the latest marked row of its asset up to it (`earlier`: before it); -1 where there is none."""
    rows = np.where(marked, np.arange(len(marked)), -1)
    latest = np.maximum.accumulate(rows) if len(rows) else rows
    if earlier:
        latest = np.concatenate([[-1], latest[:-1]])[: len(rows)]
    return np.where(latest >= first, latest, -1)
