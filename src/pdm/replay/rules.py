"""Simple rules on raw readings, as a control system has them: limits, and limits on an exponentially weighted mean.

A rule looks at one channel of one class, from one side. A limit compares the reading itself; an EWMA rule compares the weighted
mean of the asset's own deviations from its training months, in robust standard deviations. A rule speaks while the machine runs,
raises when it held for some rows in a row, and closes when it has not held for a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.catalogue.axis import microseconds
from pdm.readings.running import RunningState, running_state

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Kind = Literal["limit", "ewma"]
SPAN = 48
"""Rows over which the weighted mean remembers."""
ROWS = 3
QUIET = 24 * 3_600_000_000
_ASSET = 2**52  # microseconds until the year 2112: sets the assets apart on one axis


class Training(Protocol):
    """What was learnt from ended then."""

    @property
    def end(self) -> datetime: ...


@dataclass(frozen=True)
class Rule:
    """Alert when `channel` of `asset_class` is above (side 1) or below (side -1) `limit`; an EWMA's limit is in standard deviations."""

    asset_class: str
    channel: str
    side: int
    limit: float
    kind: Kind = "limit"

    def __str__(self) -> str:
        return f"{self.asset_class}.{self.channel} {'>' if self.side > 0 else '<'} {self.limit:.4g}"


@dataclass(frozen=True)
class Stream:
    """Alerts as arrays, in order of asset and time: asset numbers, raised and closed in microseconds since 1970."""

    assets: tuple[str, ...]
    which: Ints
    raised: Ints
    closed: Ints


@dataclass(frozen=True)
class Signal:
    """A channel made ready for rules of one kind: asset numbers, times in microseconds and values, in order of asset and time."""

    assets: tuple[str, ...]
    which: Ints
    time: Ints
    value: Floats

    def stream(self, rule: Rule) -> Stream:
        """What the rule raises."""
        return _stream(self, rule.side * self.value > rule.side * rule.limit)


@dataclass(frozen=True)
class Prepared:
    """Readings of a class in order of asset and time, with what all rules share: asset numbers, times, and who was running."""

    table: pd.DataFrame
    assets: tuple[str, ...]
    which: Ints
    time: Ints
    running: Bools


def prepare(readings: pd.DataFrame, asset_class: AssetClass | None = None) -> Prepared:
    """Wide readings (asset, time, channels) made ready for many signals; with `asset_class`, only rows of a running machine count."""
    readings = readings.sort_values(["asset", "time"], kind="stable").reset_index(drop=True)
    which, names = pd.factorize(readings["asset"], sort=True)
    running = np.ones(len(readings), dtype=bool)
    if asset_class is not None:
        running = np.asarray(running_state(readings, asset_class) == RunningState.RUNNING)
    return Prepared(readings, tuple(names.tolist()), which.astype(np.int64), microseconds(readings["time"]), running)


def signal(
    readings: pd.DataFrame | Prepared,
    channel: str,
    kind: Kind,
    training: Training,
    asset_class: AssetClass | None = None,
) -> Signal:
    """A channel of a class's readings (prepared, or wide: then with `asset_class` only while it runs), NaN left out."""
    ready = readings if isinstance(readings, Prepared) else prepare(readings, asset_class)
    value = ready.table[channel].to_numpy(dtype=np.float64)
    keep = np.isfinite(value) & ready.running
    heard = np.flatnonzero(np.bincount(ready.which[keep], minlength=len(ready.assets)))
    which = np.searchsorted(heard, ready.which[keep]).astype(np.int64)
    assets = tuple(ready.assets[place] for place in heard)
    made = Signal(assets, which, ready.time[keep], value[keep])
    return made if kind == "limit" else Signal(made.assets, made.which, made.time, _weighted(made, training))


def _weighted(made: Signal, training: Training) -> Floats:
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


def _stream(made: Signal, holds: Bools) -> Stream:
    # A rule speaks when it held for `ROWS` rows of one asset in a row; few rows hold at all, so only those are looked at.
    held = np.flatnonzero(holds)
    before = held[: max(len(held) - ROWS + 1, 0)]
    after = held[ROWS - 1 :]
    unbroken = (after - before == ROWS - 1) & (made.which[after] == made.which[before])
    at = after[unbroken]
    begins = np.ones(len(at), dtype=bool)
    begins[1:] = (np.diff(made.which[at]) != 0) | (np.diff(made.time[at]) > QUIET)
    start = np.flatnonzero(begins)
    last = np.append(start[1:], len(at))[: len(start)] - 1
    return Stream(made.assets, made.which[at[start]], made.time[at[start]], made.time[at[last]] + QUIET)


def together(streams: Sequence[Stream]) -> Stream:
    """Several streams over the same assets as one: while an alert stands on an asset, another adds nothing to it."""
    which, raised, closed = (
        np.concatenate([getattr(one, name) for one in streams]) for name in ("which", "raised", "closed")
    )
    order = np.lexsort((raised, which))
    which, raised, closed = which[order], raised[order], closed[order]
    until = np.maximum.accumulate(closed + which * _ASSET)
    first = np.ones(len(which), dtype=bool)
    first[1:] = raised[1:] + which[1:] * _ASSET > until[:-1]
    last = np.append(first[1:], True)[: len(first)]
    return Stream(streams[0].assets, which[first], raised[first], until[last] - which[first] * _ASSET)
