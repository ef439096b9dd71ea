"""Sensors that stand still: the same value again and again while the machine runs.

A sampled value of a running machine trembles a little, unless its channel is so coarse that values repeat anyway: the rest of the
fleet shows how often they do. A channel written by exception is different: it is silent while it
moves less than its dead band, so it has to stand ten times as long before anybody is told.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import Channel

_PATIENCE = 10
_WHOLE_FLEET = 3
_BY_CHANCE = 1e-6

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
    steps = steps * _PATIENCE if by_exception else _unusual(values, asset, steps)
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
    long = ends - starts + 1 >= steps
    return [(int(rows[a]), int(rows[b])) for a, b in zip(starts[long].tolist(), ends[long].tolist(), strict=True)]


def _unusual(values: Floats, asset: Ints, steps: int) -> int:
    """How many equal values in a row are odd for this channel: at least `steps`, more where coarse values repeat anyway.

    With p, the share of repetitions on the fleet's median machine, n equal values by chance have the probability p^n.
    """
    rows = np.flatnonzero(~np.isnan(values))
    value, tag = values[rows], asset[rows]
    same = tag[1:] == tag[:-1]
    shares = pd.Series((np.diff(value) == 0.0)[same]).groupby(tag[1:][same]).mean()
    if len(shares) < _WHOLE_FLEET:
        return steps
    p = float(shares.median())
    if p >= 1.0:
        return len(values) + 1  # one number for ever on every machine is how the channel is, no fault
    return steps if p <= 0.0 else max(steps, int(np.ceil(np.log(_BY_CHANCE) / np.log(p))))
