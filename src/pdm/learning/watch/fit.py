"""Fit a watch list: how sound machines' residuals move together, and where each signal's limit must lie for the stated rate.

The limit is about maxima: a signal is looked at every day, so what counts is how often its largest value of two months passes it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pdm.learning.expected.design import Bools, Floats
from pdm.learning.watch.blocks import Blocks, common_part, fade
from pdm.learning.watch.model import Watch
from pdm.learning.watch.signals import NAMES, lasting, signals

EPISODE_DAYS = 61.0
LEAST_HEARD = 20
_TAIL = 0.005
_SHRINK = 0.05


def fit_watch(
    blocks: Blocks,
    sound: Bools,
    channels: tuple[str, ...],
    signs: Mapping[str, Mapping[str, int]],
    *,
    block: float,
    per_day: float,
    half_life: float,
    sisters: int,
    false_per_year: float,
    still: tuple[float, ...] = (),
    rough: tuple[float, ...] = (),
) -> Watch:
    """Learn from the daily means of all machines.

    sound: [assets, days], days that may teach what is normal. block: native units; half_life: in blocks.
    """
    faded = fade(blocks.less(common_part(blocks, sisters)).values, half_life)
    whole = sound & np.isfinite(faded).all(axis=2)
    covariance = _covariance(faded[whole])
    limits, shape = {}, faded.shape[:2]
    asked = signals(faded.reshape(-1, len(channels)), covariance, channels, signs)
    used = [name for name in NAMES if np.isfinite(asked.of(name)).any()]
    length = max(1, round(EPISODE_DAYS * per_day / block))
    episodes = 0
    for name in used:
        values = np.where(sound, lasting(asked.of(name).reshape(shape)), np.nan)
        largest = _largest_by_episode(values, length)
        episodes = len(largest)
        limits[name] = _limit(largest, false_per_year / len(used) * EPISODE_DAYS / 365.25)
    facts = {"episodes": episodes, "years": round(float(sound.sum()) * block / per_day / 365.25, 1)}
    return Watch(channels, covariance, signs, limits, block, half_life, sisters, false_per_year, still, rough, facts)


def _covariance(vectors: Floats) -> Floats:
    """Of vectors [n, k] with their tails drawn in, and a little of the diagonal mixed in so that it can be inverted."""
    if len(vectors) < 2 * vectors.shape[1]:
        return np.eye(vectors.shape[1])
    drawn = np.clip(vectors, *np.quantile(vectors, [_TAIL, 1 - _TAIL], axis=0))
    raw = drawn.T @ drawn / len(drawn)
    return np.asarray((1 - _SHRINK) * raw + _SHRINK * np.diag(np.diag(raw)) + 1e-6 * np.eye(len(raw)))


def _largest_by_episode(values: Floats, length: int) -> Floats:
    """The largest value of every machine in every stretch of `length` days with enough to go by."""
    found = []
    for first in range(0, values.shape[1], length):
        part = values[:, first : first + length]
        heard = np.isfinite(part).sum(axis=1) >= min(LEAST_HEARD, length)
        found.append(np.nanmax(part[heard], axis=1) if heard.any() else np.empty(0))
    return np.concatenate(found) if found else np.empty(0)


def _limit(largest: Floats, share: float) -> float:
    """The value that a share of the episodes passes; beyond the sample by an exponential tail."""
    if len(largest) < 5:
        return float("inf")
    ordered = np.sort(largest)
    if share * len(ordered) >= 2:
        return float(np.quantile(ordered, 1 - share))
    top = ordered[int(0.75 * len(ordered)) :]
    start, mean_excess = float(top[0]), max(float(np.mean(top - top[0])), 1e-6)
    return start + mean_excess * float(np.log(max(len(top) / len(ordered) / share, 1.0)))
