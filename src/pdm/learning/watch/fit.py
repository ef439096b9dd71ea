"""Fit a watch list: how sound machines' residuals move together, and where each signal's limit must lie for the stated rate.

The limit is about maxima: a signal is looked at every day, so what counts is how often its largest value of two months passes it.
Among the months that are called sound there are always some that were not: a repair that nobody wrote down, a sensor that lies. What
they did must not become normal, neither in how residuals move together nor in the limits. So the covariance comes from the inner
vectors, and the limits from the inner maxima, continued by the law that maxima follow (Gumbel).
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
_LEAST_SCALE = 1e-3
_SHRINK = 0.05
_KEPT, _ROUNDS = 0.9, 3
_HIDDEN = 3.0
_INNER = (0.5, 0.9)
"""Quantiles of the maxima that the limits rest on."""


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
    pulls: Floats | None = None,
) -> Watch:
    """Learn from the daily means of all machines.

    sound: [assets, days], days that may teach what is normal. block: native units; half_life: in blocks.
    pulls: [inputs, k], how a wrong input would move all residuals, in spreads: allowed for, as part of what a sound machine shows.
    """
    faded = fade(blocks.less(common_part(blocks, sisters)).values, half_life)
    whole = sound & np.isfinite(faded).all(axis=2)
    covariance = _covariance(faded[whole])
    if pulls is not None:
        covariance = covariance + _allowed(pulls, covariance)
    limits, shape = {}, faded.shape[:2]
    asked = signals(faded.reshape(-1, len(channels)), covariance, channels, signs)
    used = [name for name in NAMES if np.isfinite(asked.of(name)).any()]
    length = max(1, round(EPISODE_DAYS * per_day / block))
    episodes = 0
    for name in used:
        values = np.where(sound, lasting(asked.of(name).reshape(shape)), np.nan)
        largest = _largest_by_episode(values, length)
        episodes = len(largest)
        sharing = 1 if "mode" in used else len(used)  # beside modes, what fits none of them disturbs nobody
        limits[name] = _limit(largest, false_per_year / sharing * EPISODE_DAYS / 365.25)
    facts = {"episodes": episodes, "years": round(float(sound.sum()) * block / per_day / 365.25, 1)}
    return Watch(channels, covariance, signs, limits, block, half_life, sisters, false_per_year, still, rough, facts)


def _covariance(vectors: Floats) -> Floats:
    """Of the inner vectors of [n, k], scaled to what they would be without trimming, and drawn a little towards the diagonal."""
    size = vectors.shape[1]
    if len(vectors) < 2 * size:
        return np.eye(size)
    drawn = np.clip(vectors, *np.quantile(vectors, [_TAIL, 1 - _TAIL], axis=0))
    found = _shrunk(drawn)
    for _ in range(_ROUNDS if len(vectors) >= 10 * size else 0):
        distance = np.einsum("nk,nk->n", vectors @ np.linalg.inv(found), vectors)
        inner = _shrunk(vectors[distance <= np.quantile(distance, _KEPT)])
        middle = np.median(np.einsum("nk,nk->n", vectors @ np.linalg.inv(inner), vectors))
        scale = middle / (size * (1 - 2 / (9 * size)) ** 3)  # median of chi-square, Wilson and Hilferty
        # Channels that never move have no distance at all, and a covariance of nothing cannot be inverted.
        found = inner * max(float(scale), _LEAST_SCALE)
    return found


def _allowed(pulls: Floats, covariance: Floats) -> Floats:
    """The covariance that wrong inputs add, [k, k]; none of them may hide more than `_HIDDEN` spreads of fading means of any channel."""
    size = np.abs(pulls / np.sqrt(np.diag(covariance))).max(axis=1, initial=0.0)
    drawn = pulls * np.minimum(1.0, _HIDDEN / np.maximum(size, 1e-9))[:, None]
    return np.asarray(drawn.T @ drawn)


def _shrunk(vectors: Floats) -> Floats:
    """Mean products of vectors [n, k] around 0, with some of the diagonal mixed in so that they can be inverted."""
    raw = vectors.T @ vectors / len(vectors)
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
    """The value that a share of sound episodes passes: a Gumbel law through two inner quantiles of the maxima.

    >>> rare, often = (_limit(np.linspace(2.0, 4.0, 60), share) for share in (0.01, 0.1))
    >>> often < rare
    True
    """
    if len(largest) < 5:
        return float("inf")
    middle, high = np.quantile(largest, _INNER)
    at, beyond, wanted = (-np.log(-np.log(quantile)) for quantile in (*_INNER, 1 - share))
    return float(middle + max(high - middle, 1e-6) / (beyond - at) * (wanted - at))
