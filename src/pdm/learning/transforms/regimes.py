"""Operating regimes: what is normal depends on altitude, load or speed, so every channel is measured against its own regime.

KMeans (Lloyd 1982) on the declared settings, each weighted so that a distance of 1 matters; centres nearer than that are merged, so
that a class with one way of running gets one regime without being told. Then z = (value - mean of the regime) / sd of the regime.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import Channel, RegimeNormaliser
from pdm.catalogue.transforms import REGIME
from pdm.errors import TooLittleData
from pdm.learning.model import Floats
from pdm.learning.targets import Bools, Ints
from pdm.learning.transforms.step import Lesson, channel_document, channel_from, values

_SAMPLE = 6000
_FLAT = 1e-9
"""A channel whose spread is smaller than this share of its size stands still and says nothing."""


@dataclass(frozen=True, eq=False)
class Regimes:
    """Fitted regimes.

    settings: channel -> weight. centres: [k, settings], weighted. channels: what is normalised.
    mean, sd: [k, channels]; sd is 0 where the channel stands still, and its z is 0 then.
    """

    settings: Mapping[str, float]
    centres: Floats
    channels: tuple[str, ...]
    mean: Floats
    sd: Floats
    clip: float
    outputs: tuple[Channel, ...]

    @property
    def over_life(self) -> bool:
        return False

    def columns(self, readings: pd.DataFrame) -> Mapping[str, Floats]:
        number, known = nearest(weighted(readings, self.settings), self.centres)
        x = values(readings, self.channels)
        sd = self.sd[number]
        moving = sd > 0
        z = np.divide(x - self.mean[number], sd, out=np.where(np.isnan(x), np.nan, 0.0), where=moving)
        z = np.clip(z, -self.clip, self.clip)
        z[~known] = np.nan
        found = {channel.name: z[:, place] for place, channel in enumerate(self.outputs[:-1])}
        return found | {REGIME: np.where(known, number.astype(np.float64), np.nan)}

    @property
    def origins(self) -> Mapping[str, tuple[str, ...]]:
        settings = tuple(self.settings)
        own = {made.name: (name, *settings) for made, name in zip(self.outputs, self.channels, strict=False)}
        return own | {REGIME: settings}

    def document(self) -> dict[str, Any]:
        return {
            "kind": "regimes",
            # Pairs: the columns of the centres stand in this order, and JSON with sorted keys would forget it.
            "settings": [[name, weight] for name, weight in self.settings.items()],
            "centres": self.centres.tolist(),
            "channels": list(self.channels),
            "mean": self.mean.tolist(),
            "sd": self.sd.tolist(),
            "clip": self.clip,
            "outputs": [channel_document(channel) for channel in self.outputs],
        }

    def describe(self) -> tuple[str, ...]:
        count = len(self.centres)
        if count == 1:
            return ("One operating regime: every channel is measured against its own mean, in standard deviations.",)
        named = ", ".join(self.settings)
        return (
            f"{count} operating regimes by {named}: every channel is measured against its regime's mean, in standard deviations.",
        )


def fit(transform: RegimeNormaliser, lesson: Lesson) -> Regimes:
    """Find the regimes, and how every channel runs in each.

    Raises:
        TooLittleData: no row has all settings.
    """
    readings = lesson.readings
    points = weighted(readings, transform.settings)
    complete = ~np.isnan(points).any(axis=1)
    if not complete.any():
        raise TooLittleData(
            f"no reading of class {lesson.asset_class.name} has all of {', '.join(transform.settings) or 'its channels'}"
        )
    centres = _centres(points[complete], transform.count, lesson.seed)
    number, known = nearest(points, centres)
    chosen = tuple(channel.name for channel in transform.chosen(lesson.channels))
    x = values(readings, chosen)
    mean, sd = np.zeros((len(centres), len(chosen))), np.zeros((len(centres), len(chosen)))
    for regime in range(len(centres)):
        rows = x[known & (number == regime)]
        counted = (~np.isnan(rows)).sum(axis=0)
        total = np.maximum(counted, 1)
        mean[regime] = np.nansum(rows, axis=0) / total
        sd[regime] = np.sqrt(np.nansum((rows - mean[regime]) ** 2, axis=0) / total)
    sd[sd <= _FLAT * np.maximum(np.abs(mean), 1.0)] = 0.0
    outputs = transform.outputs(lesson.channels, lesson.asset_class)
    return Regimes(dict(transform.settings), centres, chosen, mean, sd, transform.clip, outputs)


def load(document: Mapping[str, Any]) -> Regimes:
    """The inverse of `Regimes.document`."""
    count = len(document["centres"])
    return Regimes(
        {str(name): float(weight) for name, weight in _pairs(document["settings"])},
        np.array(document["centres"], dtype=np.float64).reshape(count, -1),
        tuple(document["channels"]),
        np.array(document["mean"], dtype=np.float64).reshape(count, -1),
        np.array(document["sd"], dtype=np.float64).reshape(count, -1),
        float(document["clip"]),
        tuple(channel_from(item) for item in document["outputs"]),
    )


def _pairs(settings: Any) -> list[Any]:
    """Names and weights; bundles from before they were pairs hold a table, whose order is that of its names."""
    return list(settings.items()) if isinstance(settings, Mapping) else list(settings)


def weighted(readings: pd.DataFrame, settings: Mapping[str, float]) -> Floats:
    """The settings of every row [n, settings], each times its weight."""
    return values(readings, tuple(settings)) * np.array(list(settings.values()), dtype=np.float64)


def nearest(points: Floats, centres: Floats) -> tuple[Ints, Bools]:
    """The number of the nearest centre for every row, and whether all its settings are known."""
    known: Bools = ~np.asarray(np.isnan(points).any(axis=1), dtype=bool)
    if len(centres) == 1:
        return np.zeros(len(points), dtype=np.int64), known
    filled = np.where(known[:, None], points, 0.0)
    distance = np.stack([((filled - centre) ** 2).sum(axis=1) for centre in centres])
    return np.argmin(distance, axis=0).astype(np.int64), known


def _centres(points: Floats, count: int, seed: int) -> Floats:
    """At most `count` centres, none nearer than 1 to another, in order of the settings."""
    if not points.shape[1] or count == 1 or float(np.ptp(points, axis=0).max()) < 1.0:
        return _middle(points)
    if len(points) > _SAMPLE:
        points = points[np.sort(np.random.default_rng(seed).choice(len(points), _SAMPLE, replace=False))]
    different = len(np.unique(np.round(points, 6), axis=0))
    if different < 2:
        return _middle(points)
    from sklearn.cluster import KMeans

    found = KMeans(min(count, different), n_init=10, random_state=seed).fit(points)
    centres, mass = found.cluster_centers_, np.bincount(found.labels_)
    while len(centres) > 1:
        gaps = ((centres[:, None] - centres[None]) ** 2).sum(axis=2) + np.diag(np.full(len(centres), np.inf))
        one, other = np.unravel_index(int(np.argmin(gaps)), gaps.shape)
        if gaps[one, other] >= 1.0:
            break
        centres[one] = np.average(centres[[one, other]], axis=0, weights=mass[[one, other]])
        mass[one] += mass[other]
        centres, mass = np.delete(centres, other, axis=0), np.delete(mass, other)
    return np.ascontiguousarray(centres[np.lexsort(centres.T[::-1])])


def _middle(points: Floats) -> Floats:
    """One centre for all points."""
    return np.asarray(points.mean(axis=0, keepdims=True), dtype=np.float64)
