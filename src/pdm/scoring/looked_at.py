"""The newest readings of a class as arrays: who each row belongs to, and whether the machine ran; three doubts ask for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.readings.order import in_order
from pdm.readings.running import RunningState, running_state

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LookedAt:
    """Rows in order of asset and time.

    tags: one per asset; starts, ends: its rows. asset: place in `tags` of each row. running: bool [n]; all where nothing can tell.
    channels: names of the columns of `values`, float64 [n, k].
    """

    tags: tuple[str, ...]
    starts: Ints
    ends: Ints
    asset: Ints
    running: npt.NDArray[np.bool_]
    channels: tuple[str, ...]
    values: npt.NDArray[np.float64]

    def column(self, name: str) -> npt.NDArray[np.float64]:
        """The values of one channel, [n]; NaN where the table lacks it."""
        return self.values[:, self.channels.index(name)] if name in self.channels else np.full(len(self.asset), np.nan)


def look_at(recent: pd.DataFrame, asset_class: AssetClass, channels: tuple[str, ...]) -> LookedAt:
    """recent: asset, time and channels float64 (bad and void as NaN), in any order."""
    ordered = in_order(recent)
    assets = ordered["asset"].to_numpy(dtype=object)
    starts = np.flatnonzero(np.append(True, assets[1:] != assets[:-1])) if len(assets) else np.empty(0, dtype=np.int64)
    ends = np.append(starts[1:], len(assets)).astype(np.int64) if len(assets) else starts
    rule = asset_class.running
    known = rule is None or rule.channel in ordered
    running = running_state(ordered, asset_class) == RunningState.RUNNING if known else np.ones(len(ordered), bool)
    names = tuple(name for name in channels if name in ordered)
    return LookedAt(
        tuple(str(assets[start]) for start in starts),
        starts.astype(np.int64),
        ends.astype(np.int64),
        np.repeat(np.arange(len(starts), dtype=np.int64), ends - starts),
        np.asarray(running, dtype=np.bool_),
        names,
        ordered[list(names)].to_numpy(np.float64) if names else np.empty((len(ordered), 0)),
    )
