"""A level of its own for a machine that the fit has not seen, or that begins anew: from its first sound rows, and frozen then.

The class's curve stays, and the machine's own gains where it had any; only the level is learnt, from exactly the first `SETTLE_ROWS` sound
rows after the beginning. What comes later never moves it, so that a fault is not learnt as normal; and what a row gets depends on
nothing that was read after it, because rows before the last of these have no expectation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.learning.expected.apply import class_part
from pdm.learning.expected.design import Bools, Floats, values_of
from pdm.learning.expected.fit import LEAST_ROWS, TRIM
from pdm.learning.expected.model import ChannelModel, ExpectedModel, Own

SETTLE_ROWS = LEAST_ROWS


def settle(
    model: ExpectedModel,
    readings: pd.DataFrame,
    sound: Bools,
    asset_class: AssetClass,
    begins: Mapping[str, float],
) -> ExpectedModel:
    """The model with another level for the machines in `begins`; those with too few sound rows since then have no baseline.

    readings: sorted by asset and time, at least from each beginning on. sound: rows that may teach what is normal.
    begins: asset -> position from which on its baseline is learnt, in native units.
    """
    terms = model.design.terms(values_of(readings, model.design.inputs, asset_class))
    position, tags = asset_class.axis.positions(readings["time"]), readings["asset"].to_numpy(dtype=object)
    usable = sound & np.isfinite(terms).all(axis=1)
    rows = {
        asset: np.flatnonzero(usable & (tags == asset) & (position >= begin)) for asset, begin in sorted(begins.items())
    }
    read = values_of(readings, model.names, asset_class)
    channels = tuple(
        replace(channel, own={**channel.own, **_own(channel, read[:, place], terms, position, rows, model)})
        for place, channel in enumerate(model.channels)
    )
    begun = frozenset(begins)
    kept = tuple(
        replace(one, own={a: own for a, own in one.own.items() if a not in begun or own.rows}) for one in channels
    )
    return replace(model, channels=kept)


def _own(
    channel: ChannelModel,
    read: Floats,
    terms: Floats,
    position: Floats,
    rows: Mapping[str, np.ndarray],
    model: ExpectedModel,
) -> dict[str, Own]:
    """The level of each machine in one channel; without rows (`rows` is 0) where it has too few."""
    found = {}
    for asset, sound in rows.items():
        first = sound[np.isfinite(read[sound])][:SETTLE_ROWS]
        before = channel.own.get(asset)
        gains = before.gains if before is not None else (0.0,) * terms.shape[1]
        spread = before.spread if before is not None else channel.spread
        if len(first) < SETTLE_ROWS:
            found[asset] = Own(0.0, gains, spread, 0, -np.inf)
            continue
        part = class_part(channel, terms[first], len(model.design.inputs))
        rest = read[first] - part - (terms[first] * np.asarray(gains)).sum(axis=1)
        middle = float(np.median(rest))
        near = np.abs(rest - middle) < TRIM * spread
        level = float(np.mean(rest[near])) if near.sum() >= SETTLE_ROWS // 4 else middle
        found[asset] = Own(level, gains, spread, len(first), float(position[first[-1]]))
    return found
