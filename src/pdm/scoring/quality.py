"""Can the newest readings carry an answer? Per asset: which channels have no usable value, and which have gaps.

`scan` hands over bad and void values as NaN, so that missing and bad look alike here: neither says anything about the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.readings.levels import Levels
from pdm.scoring.looked_at import look_at
from pdm.scoring.stuck import standing_still
from pdm.scoring.wrong_units import far_off

LOOKED_AT = 24
"""Newest rows of an asset that are looked at."""
SILENT_AFTER = 3
"""A channel that owes a value per step is silent after so many rows without one; one by exception only after all of them."""
GAPS_FROM = 0.25
MOST = 0.5
"""A channel with more than this share of its newest values missing cannot carry an answer, whatever the very last one says."""


@dataclass(frozen=True)
class Silence:
    """What is wrong with the newest readings of one asset. silent: channels that say nothing usable. flags: sentences for people."""

    silent: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def silences(
    recent: pd.DataFrame, asset_class: AssetClass, channels: tuple[str, ...], remembered: Levels | None = None
) -> dict[str, Silence]:
    """Look at the newest rows of every asset.

    recent: asset, time and channels float64, in any order; a channel that the table lacks is silent everywhere.
    channels: those that the model's features are computed from. remembered: what each machine usually shows.
    """
    if recent.empty:
        return {}
    seen = look_at(recent, asset_class, channels)
    firsts = np.maximum(seen.starts, seen.ends - LOOKED_AT)
    missing = (
        np.isnan(np.column_stack([seen.column(name) for name in channels])) if channels else np.empty((0, 0), bool)
    )
    doubts = far_off(seen, asset_class, remembered)
    for asset, still in standing_still(seen, asset_class).items():
        doubts[asset] = still | doubts.get(asset, {})
    return {
        tag: _doubted(_silence(asset_class, channels, missing[first:end]), doubts.get(tag, {}))
        for tag, first, end in zip(seen.tags, firsts.tolist(), seen.ends.tolist(), strict=True)
    }


def _doubted(silence: Silence, doubts: Mapping[str, str]) -> Silence:
    """The same, with channels whose values cannot all be in one unit, or that stand still."""
    fresh = {name: sentence for name, sentence in doubts.items() if name not in silence.silent}
    return Silence((*silence.silent, *fresh), (*silence.flags, *fresh.values()))


def _silence(asset_class: AssetClass, channels: tuple[str, ...], missing: npt.NDArray[np.bool_]) -> Silence:
    """missing: the newest rows of one asset, oldest first, bool [rows, channels]."""
    if not missing.any():
        return Silence()
    gaps = missing.mean(axis=0)
    silent, flags = [], []
    for column, name in enumerate(channels):
        channel = asset_class.channel(name)
        by_exception = channel.sampling == "exception"
        if missing[:, column].all() if by_exception else missing[-SILENT_AFTER:, column].all():
            silent.append(name)
            flags.append(f"{channel.title}: no usable value in the newest readings")
        elif gaps[column] >= GAPS_FROM and not by_exception:
            silent += [name] if gaps[column] > MOST else []
            flags.append(f"{channel.title}: {gaps[column]:.0%} of the newest values are missing or bad")
    return Silence(tuple(silent), tuple(flags))
