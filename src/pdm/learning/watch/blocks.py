"""Residuals of hours as means of days: what a fault moves for weeks stands out of what an hour's chance does.

A day is counted back from the moment of asking, so that training (at midnight) and scoring (at any time) ask the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pdm.learning.expected.design import Bools, Floats

CLIP = 5.0
"""An hour further away than this counts as this far: one spike is no fault."""
DRAWN = 0.3
LEAST_SHARE = 1 / 6
"""A day with less of its rows than this says nothing."""


@dataclass(frozen=True)
class Blocks:
    """Means per machine, day and channel.

    values: [assets, days, channels], NaN where too little was heard. ends: of the days, in native units.
    """

    assets: tuple[str, ...]
    values: Floats
    ends: Floats

    def less(self, other: Floats) -> Blocks:
        """Without what is common, [assets, days, channels]."""
        return Blocks(self.assets, self.values - other, self.ends)


def block_means(
    standardised: Floats, usable: Bools, assets: np.ndarray, position: Floats, *, end: float, block: float, step: float
) -> Blocks:
    """Means over (end - block, end], (end - 2 block, end - block] ... of each machine's usable rows.

    standardised: [n, channels]; assets: tag of each row, those of one lie side by side; position, end, block, step: native units.
    """
    codes, names = pd.factorize(assets, sort=True)
    order = np.argsort(codes, kind="stable")
    cuts = np.searchsorted(codes[order], np.arange(len(names) + 1))
    back = np.floor((end - position[usable]) / block)
    count = int(back[back >= 0].max()) + 1 if (back >= 0).any() else 0
    since = np.full(len(names), -np.inf)
    rows = (standardised[order], position[order], usable[order], cuts[:-1], cuts[1:], since)
    means, ends = day_means(*rows, end=end, block=block, count=count, step=step)
    return Blocks(tuple(str(name) for name in names), means, ends)


def day_means(
    standardised: Floats,
    position: Floats,
    usable: Bools,
    lows: np.ndarray,
    highs: np.ndarray,
    since: Floats,
    *,
    end: float,
    block: float,
    count: int,
    step: float,
) -> tuple[Floats, Floats]:
    """Means of each machine's newest `count` days up to `end`, [machines, count, channels], and where the days end.

    lows, highs: each machine's rows. since: rows up to this position say nothing, by machine.
    """
    from pdm.learning.watch.kernels import add_by_day

    totals, heard = add_by_day(
        np.ascontiguousarray(standardised),
        np.ascontiguousarray(position),
        usable,
        np.asarray(lows, dtype=np.int64),
        np.asarray(highs, dtype=np.int64),
        np.asarray(since, dtype=np.float64),
        np.array([end, block, count], dtype=np.float64),
        CLIP,
    )
    means = np.where(heard >= max(1.0, LEAST_SHARE * block / step), totals / np.maximum(heard, 1), np.nan)
    return means, np.asarray(end - block * np.arange(count, dtype=np.float64)[::-1], dtype=np.float64)


def common_part(blocks: Blocks, least: int) -> Floats:
    """What at least `least` sisters do on the same day: their median, [assets, days, channels]; 0 where fewer were heard.

    A new product or warm cooling water moves all of them; that is nobody's fault.
    """
    heard = np.isfinite(blocks.values).sum(axis=0)
    enough = heard >= least
    shared = np.zeros(enough.shape)
    if enough.any():
        days = np.flatnonzero(enough.any(axis=1))
        middle = median(blocks.values[:, days])
        shared[days] = np.where(enough[days], middle, 0.0)
    return np.broadcast_to(np.nan_to_num(shared), blocks.values.shape).copy()


def median(values: Floats) -> Floats:
    """Median over the first axis, NaN left out; NaN where nothing is known."""
    ordered = np.sort(values, axis=0)  # NaN last
    count = np.isfinite(values).sum(axis=0)
    low, high = np.maximum((count - 1) // 2, 0), np.maximum(count // 2, 0)
    pick = [np.take_along_axis(ordered, place[None], axis=0)[0] for place in (low, high)]
    return np.asarray(np.where(count > 0, 0.5 * (pick[0] + pick[1]), np.nan))


def fade(values: Floats, half_life: float) -> Floats:
    """Fading means over the days that were heard, [assets, days, channels]: half the weight after `half_life` of them.

    Drawn towards 0 while little was heard, so that the first day alone cannot alert.
    """
    from pdm.learning.watch.kernels import fading_means

    faded: Floats = fading_means(np.ascontiguousarray(values, dtype=np.float64), 0.5 ** (1.0 / half_life), DRAWN)
    return faded


def newest_days(values: Floats, heard: Bools, count: int) -> Floats:
    """The newest days that each machine was heard on, [machines, count, channels], newest last; NaN in front where there are fewer."""
    answer = np.full((len(values), count, values.shape[2]), np.nan)
    for place, told in enumerate(heard):
        days = np.flatnonzero(told)[-count:]
        answer[place, count - len(days) :] = values[place, days]
    return answer
