"""Sensors that stand still: a machine that runs never gives the very same value again and again, unless its channel always does."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.scoring.looked_at import LookedAt, look_at

SHORTEST = 6
"""Fewer equal values in a row are never called stuck."""
CHANCE = 1e-6
"""How improbable a run of equal values must be, by how often the channel repeated itself before."""
REFERENCE = 12
"""So many rows before the run are needed, to know how often the channel repeats itself."""


def stuck(recent: pd.DataFrame, asset_class: AssetClass, channels: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """For every asset the channels that stand still, with a sentence.

    A channel repeats itself with share q in the rows before the run, or at its sisters when the run is as long as the table: a run of
    n equal values then has the chance q^(n-1). So a channel
    of coarse resolution may rest for long and one with noise may not. Rows in which the machine does not run end a run, because at
    rest everything stands still. Settings may stand still, and so may channels that are written by exception.

    recent: asset, time, channels float64 (bad and void as NaN), in any order.
    """
    return {} if recent.empty else standing_still(look_at(recent, asset_class, channels), asset_class)


def standing_still(seen: LookedAt, asset_class: AssetClass) -> dict[str, dict[str, str]]:
    """The same of readings that were looked at already."""
    names = [
        name
        for name in seen.channels
        if asset_class.channel(name).role != "setting" and asset_class.channel(name).sampling != "exception"
    ]
    if not names or not len(seen.asset):
        return {}
    values = seen.values[:, [seen.channels.index(name) for name in names]]
    newest = np.maximum(seen.ends[:, None] - 1 - np.arange(SHORTEST), seen.starts[:, None])
    # A value that is not the same as the newest one, or is missing, ends a run; few assets have a candidate at all.
    resting = (values[newest] == values[seen.ends - 1][:, None]).all(axis=1) | np.isnan(values[newest]).any(axis=1)
    if not resting.any():
        return {}
    alike = values[1:] == values[:-1]
    together = seen.running[1:] & seen.running[:-1] & (seen.asset[1:] == seen.asset[:-1])
    pairs = together[:, None] & np.isfinite(values[1:] + values[:-1])
    total, repeats = pairs.sum(axis=0), (pairs & alike).sum(axis=0)
    found: dict[str, dict[str, str]] = {}
    for place in np.flatnonzero(resting.any(axis=1)):
        start, end = int(seen.starts[place]), int(seen.ends[place])
        inside = pairs[start : end - 1]
        others = total - inside.sum(axis=0)
        sisters = np.where(
            others >= REFERENCE, (repeats - (inside & alike[start : end - 1]).sum(axis=0)) / np.maximum(others, 1), 1.0
        )
        still = {
            name: f"{asset_class.channel(name).title}: the same value {length} times in a row, the sensor seems to stand still"
            for column, name in enumerate(names)
            if resting[place, column]
            and (length := run_length(values[start:end, column], seen.running[start:end], float(sisters[column])))
        }
        if still:
            found[seen.tags[place]] = still
    return found


def run_length(values: npt.NDArray[np.float64], running: npt.NDArray[np.bool_], sisters: float = 1.0) -> int:
    """How many of the newest values are one and the same, when that is no chance; else 0.

    sisters: how often the channel repeats itself at other machines; 1 when there are none to ask.

    >>> noisy = np.random.default_rng(1).normal(size=40)
    >>> run_length(noisy, np.ones(40, bool)), run_length(np.append(noisy, [noisy[-1]] * 7), np.ones(47, bool))
    (0, 8)
    """
    told = np.isfinite(values)
    values, running = values[told], running[told]
    if len(values) < SHORTEST + REFERENCE or not running[-1]:
        return 0
    other = (values != values[-1]) | ~running
    length = len(values) - 1 - int(np.flatnonzero(other)[-1]) if other.any() else len(values)
    before = values[: len(values) - length][running[: len(values) - length]]
    if length < SHORTEST:
        return 0
    own = len(before) >= REFERENCE
    repeated = float(np.mean(before[1:] == before[:-1])) if own else sisters
    share = max(repeated, 1.0 / (len(before) + 1 if own else REFERENCE + 1))
    return length if (length - 1) * math.log(share) < math.log(CHANCE) else 0
