"""Sensors that stand still: the same value again and again while the machine runs.

A sampled value of a running machine always trembles a little. A channel written by exception is different: it is silent while it
moves less than its dead band, so it has to stand ten times as long before anybody is told.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import Channel

_PATIENCE = 10
_WHOLE_FLEET = 3

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def find_standing(
    values: Floats,
    asset: Ints,
    position: Floats,
    step: Floats,
    running: Flags,
    resting: Flags,
    channel: Channel,
    steps: int,
) -> list[tuple[int, int]]:
    """First and last row of every stretch in which the channel stands.

    values, asset, position, running, resting (in standby or just started): [n] sorted by asset and position.
    step: [assets] usual distance of two rows. steps: so many rows at least.
    """
    by_exception = channel.sampling == "exception"
    if by_exception:
        held = pd.Series(values).groupby(asset).ffill()
        values = np.asarray(held, dtype=np.float64)
    if not by_exception and _constant_by_design(values, asset):
        return []
    rows = np.flatnonzero(running & ~np.isnan(values))
    if rows.size < steps:
        return []
    # A row in between at which the machine stood ends a stretch, a missing value does not.
    stops = np.cumsum(resting)[rows]
    tolerance = channel.dead_band if by_exception else 0.0
    breaks = (
        (np.diff(asset[rows]) != 0)
        | (np.abs(np.diff(values[rows])) > tolerance)
        | (np.diff(stops) != 0)
        | (np.diff(position[rows]) > 3 * step[asset[rows]][1:])
    )
    starts = np.concatenate([[0], np.flatnonzero(breaks) + 1])
    ends = np.concatenate([starts[1:], [rows.size]]) - 1
    needed = steps * (_PATIENCE if by_exception else 1)
    long = ends - starts + 1 >= needed
    return [(int(rows[a]), int(rows[b])) for a, b in zip(starts[long].tolist(), ends[long].tolist(), strict=True)]


def _constant_by_design(values: Floats, asset: Ints) -> bool:
    """The same number on every machine of a fleet for ever is how the channel is, no fault."""
    valid = ~np.isnan(values)
    few = np.unique(asset[valid]).size < _WHOLE_FLEET
    return not few and bool(np.ptp(values[valid]) == 0.0)
