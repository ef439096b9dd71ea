"""Health indices: all channels of one reading fused into a few numbers that follow damage.

Every index is a straight line in the inputs, with coefficients of its own in every operating regime:

* **ridge, near_end**: ridge regression of min(remaining life, cap), then stretched so that its slope against the truth is one: what
  shrinkage took away is given back, because windows over the index take the noise out later and a bias would stay.
* **fisher**: Fisher's discriminant (1936) between readings early and late in life, scaled to mean 0 early and mean 1 late.
* **principal**: readings as they differ from early life; the mean of each life's last readings is where that life ended, and the
  top eigenvectors of the uncentred second moment of these ends are the directions in which machines wear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import Channel, HealthIndices
from pdm.catalogue.transforms import REGIME
from pdm.errors import TooLittleData
from pdm.learning.model import Floats
from pdm.learning.targets import Bools, Ints
from pdm.learning.transforms.step import Lesson, channel_document, channel_from, values

_ROWS_PER_INPUT = 5
"""A regime with fewer rows per input than this takes the line of all regimes."""
_SHRINK = 1e-3
MIN_LIVES = 2

Line = tuple[Floats, float]


@dataclass(frozen=True, eq=False)
class FittedIndices:
    """Fitted health indices.

    channels: inputs. weights: index channel -> [regimes, inputs]; intercepts: index channel -> [regimes].
    notes: what each index means and how it was scaled, in words.
    """

    channels: tuple[str, ...]
    weights: Mapping[str, Floats]
    intercepts: Mapping[str, Floats]
    outputs: tuple[Channel, ...]
    notes: tuple[str, ...]

    @property
    def over_life(self) -> bool:
        return False

    def columns(self, readings: pd.DataFrame) -> Mapping[str, Floats]:
        x, regime = values(readings, self.channels), _regime(readings)
        return {
            channel.name: _line(x, regime, self.weights[channel.name], self.intercepts[channel.name])
            for channel in self.outputs
        }

    @property
    def origins(self) -> Mapping[str, tuple[str, ...]]:
        return {channel.name: (*self.channels, REGIME) for channel in self.outputs}

    def document(self) -> dict[str, Any]:
        return {
            "kind": "health_indices",
            "channels": list(self.channels),
            "weights": {name: table.tolist() for name, table in self.weights.items()},
            "intercepts": {name: table.tolist() for name, table in self.intercepts.items()},
            "outputs": [channel_document(channel) for channel in self.outputs],
            "notes": list(self.notes),
        }

    def describe(self) -> tuple[str, ...]:
        return self.notes


def load(document: Mapping[str, Any]) -> FittedIndices:
    """The inverse of `FittedIndices.document`."""
    return FittedIndices(
        tuple(document["channels"]),
        {name: np.array(table, dtype=np.float64) for name, table in document["weights"].items()},
        {name: np.array(table, dtype=np.float64) for name, table in document["intercepts"].items()},
        tuple(channel_from(item) for item in document["outputs"]),
        tuple(document["notes"]),
    )


def fit(transform: HealthIndices, lesson: Lesson) -> FittedIndices:
    """Learn the chosen indices.

    Raises:
        TooLittleData: fewer than two lives ended in a failure, or none is known early in its life.
    """
    channels = tuple(channel.name for channel in transform.chosen(lesson.channels))
    rows = _Rows(transform, lesson, channels)
    lines: dict[str, list[Line]] = {}
    notes: list[str] = []
    for index in transform.indices:
        if index == "principal":
            lines |= rows.principal(transform.components)
            notes.append(
                "Wear directions: how far readings have moved from early life towards where lives ended; 0 = as new."
            )
        elif index == "endings":
            lines |= rows.endings(transform.endings, lesson.seed)
            notes.append(
                f"Lives end in {transform.endings} ways: for each a health index (0 = as new, 1 = as at failure) and a remaining life."
            )
        elif index == "fisher":
            lines["hi_fisher"] = rows.per_regime(rows.fisher)
            notes.append("Health index: 0 = as new, 1 = as at failure.")
        else:
            cap = rows.cap if index == "ridge" else rows.cap * transform.near_end
            lines[f"hi_{index}"] = rows.per_regime(lambda chosen, cap=cap: rows.ridge(chosen, cap))
            notes.append(f"Remaining life up to {cap:g} {lesson.asset_class.axis.unit} as one reading tells it, noisy.")
    outputs = transform.outputs(lesson.channels, lesson.asset_class)
    weights = {channel.name: np.array([line[0] for line in lines[channel.name]]) for channel in outputs}
    intercepts = {channel.name: np.array([line[1] for line in lines[channel.name]]) for channel in outputs}
    return FittedIndices(channels, weights, intercepts, outputs, tuple(notes))


class _Rows:
    """The rows of one lesson: inputs, regimes, and what is known of remaining life."""

    def __init__(self, transform: HealthIndices, lesson: Lesson, channels: tuple[str, ...]) -> None:
        labels = lesson.labels
        self.cap = transform.cap or lesson.cap
        self.alpha = transform.alpha
        self.x, self.regime = values(lesson.readings, channels), _regime(lesson.readings)
        self.complete = ~np.isnan(self.x).any(axis=1) & (self.regime >= 0) & labels.kept
        self.labels = labels
        self.early = self.complete & (labels.remaining > transform.early * self.cap)
        self.late = self.complete & labels.observed & (labels.remaining <= transform.late * self.cap)
        self.ended = len(np.unique(labels.life[self.late]))
        if self.ended < MIN_LIVES or not self.early.any():
            raise TooLittleData(
                f"health indices of class {lesson.asset_class.name} need {MIN_LIVES} lives seen to their failure, of which one was seen "
                f"more than {transform.early * self.cap:g} {lesson.asset_class.axis.unit} before: there are {self.ended}",
                hint="expected values and limits need no failures",
            )

    def per_regime(self, learn: Any) -> list[Line]:
        """A line for every regime; too small a regime takes the line of all."""
        whole = learn(self.complete)
        lines = []
        for number in range(int(self.regime.max()) + 1):
            rows = self.complete & (self.regime == number)
            enough = (
                min(int((rows & part).sum()) for part in (self.early, self.late)) >= _ROWS_PER_INPUT * self.x.shape[1]
            )
            lines.append(learn(rows) if enough else whole)
        return lines

    def ridge(self, rows: Bools, cap: float) -> Line:
        """Remaining life up to `cap` as a line, with slope one against the truth."""
        y = self.labels.capped(cap)
        rows = rows & ~np.isnan(y)
        x, y = self.x[rows], y[rows]
        centre, mean = x.mean(axis=0), float(y.mean())
        inner = x - centre
        weights = np.linalg.solve(inner.T @ inner + self.alpha * np.eye(x.shape[1]), inner.T @ (y - mean))
        said = inner @ weights
        spread = float(((y - mean) ** 2).sum())
        slope = float(said @ (y - mean)) / spread if spread > 0 else 0.0
        stretched = weights / slope if slope > 0 else weights
        return stretched, mean - float(centre @ stretched)

    def fisher(self, rows: Bools, ending: Bools | None = None) -> Line:
        """The discriminant between early and late readings (of lives that ended in one way), 0 and 1 at their means."""
        ended = rows & self.late if ending is None else rows & self.late & ending
        early, late = self.x[rows & self.early], self.x[ended]
        if not (len(early) and len(late)):
            return np.zeros(self.x.shape[1]), 0.0
        begin, end = early.mean(axis=0), late.mean(axis=0)
        within = (early - begin).T @ (early - begin) + (late - end).T @ (late - end)
        within = within / (len(early) + len(late))
        size = within.shape[0]
        ridge = _SHRINK * max(float(np.trace(within)) / size, 1e-12) * np.eye(size)
        weights = np.linalg.solve(within + ridge, end - begin)
        length = float(weights @ (end - begin))
        weights = weights / length if length > 0 else weights
        return weights, -float(begin @ weights)

    def endings(self, count: int, seed: int) -> dict[str, list[Line]]:
        """Health index and remaining life for each group of lives that ended alike."""
        from sklearn.cluster import KMeans

        _, _, ends = self._ends()
        ended = self._ended()
        direction = ends / np.maximum(np.linalg.norm(ends, axis=1, keepdims=True), 1e-12)
        groups = KMeans(min(count, len(ended)), n_init=10, random_state=seed).fit(direction)
        order = np.lexsort(groups.cluster_centers_.T[::-1])
        lines: dict[str, list[Line]] = {}
        for number in range(1, count + 1):
            group = order[min(number, len(order)) - 1]
            own = np.isin(self.labels.life, ended[groups.labels_ == group])
            lines[f"hi_end{number}"] = self.per_regime(lambda rows, own=own: self.fisher(rows, own))
            lines[f"hi_left{number}"] = self.per_regime(lambda rows, own=own: self.ridge(rows & own, self.cap))
        return lines

    def principal(self, components: int) -> dict[str, list[Line]]:
        """Lines along the directions in which lives ended."""
        mean, scale, ends = self._ends()
        _, vectors = np.linalg.eigh(ends.T @ ends / len(ends))
        lines: dict[str, list[Line]] = {}
        for number in range(1, components + 1):
            vector = vectors[:, -number] if number <= vectors.shape[1] else np.zeros(vectors.shape[0])
            # An eigenvector has no sign: ends of lives shall lie on the positive side.
            vector = vector if float((ends @ vector).sum()) >= 0 else -vector
            lines[f"hi_pc{number}"] = [
                (vector * scale[place], -float((vector * scale[place]) @ mean[place])) for place in range(len(mean))
            ]
        return lines

    def _ends(self) -> tuple[Floats, Floats, Floats]:
        """Mean and inverse spread of early readings per regime, and where every life ended, measured with them [lives, inputs]."""
        whole = self._normal(self.early)
        normals = []
        for number in range(int(self.regime.max()) + 1):
            own = self.early & (self.regime == number)
            normals.append(self._normal(own) if own.sum() >= _ROWS_PER_INPUT else whole)
        mean, scale = (np.array([normal[part] for normal in normals]) for part in (0, 1))
        moved = (self.x - mean[self.regime]) * scale[self.regime]
        ends = np.array([moved[self.late & (self.labels.life == life)].mean(axis=0) for life in self._ended()])
        return mean, scale, ends

    def _normal(self, rows: Bools) -> Line | tuple[Floats, Floats]:
        """Mean and inverse spread of early readings; 0 for an input that stands still."""
        spread = self.x[rows].std(axis=0)
        return self.x[rows].mean(axis=0), np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 1e-9)

    def _ended(self) -> Ints:
        return np.asarray(np.unique(self.labels.life[self.late]), dtype=np.int64)


def _regime(readings: pd.DataFrame) -> Ints:
    """The regime of every row; one for all where none was found, -1 where it is unknown."""
    if REGIME not in readings:
        return np.zeros(len(readings), dtype=np.int64)
    number: Ints = np.nan_to_num(readings[REGIME].to_numpy(dtype=np.float64), nan=-1.0).astype(np.int64)
    return number


def _line(x: Floats, regime: Ints, weights: Floats, intercepts: Floats) -> Floats:
    """Intercept plus weighted sum by regime: a sum per row, for a matrix product would answer one row otherwise than many."""
    at = np.clip(regime, 0, len(weights) - 1)
    moving = (weights != 0).any(axis=0)
    # Column selection may leave the rows scattered in memory, and the order of a sum with them.
    parts = np.ascontiguousarray(x[:, moving]) * np.ascontiguousarray(weights[:, moving])[at]
    total = parts.sum(axis=1) + intercepts[at]
    return np.where(regime >= 0, total, np.nan)
