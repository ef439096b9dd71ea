"""How data are cut so that a figure can be believed: by asset, and by time with a gap.

Two questions, two cuts. *New assets*: grouped folds, no asset (and no serial item that moved between assets) on both sides.
*The same assets later*: a model that knows the past only, tried on what came after a gap as long as the longest horizon.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pdm.catalogue import Axis, ModelDefinition
from pdm.learning.model import Floats
from pdm.learning.targets import Bools, Ints


@dataclass(frozen=True)
class TimeCut:
    """Training rows lie at or before `train_until`, test rows at or after `test_from` (positions on the axis)."""

    train_until: float
    test_from: float

    def train(self, positions: Floats) -> Bools:
        return positions <= self.train_until

    def test(self, positions: Floats) -> Bools:
        return positions >= self.test_from


def by_time(positions: Floats, definition: ModelDefinition, axis: Axis, *, window: float = 0.0) -> TimeCut | None:
    """Where the test period starts; None for a usage axis, where every asset has its own time, and where a period would be empty.

    The gap is never shorter than the longest horizon, so that no training label reaches into the test period, nor than the longest
    `window`, so that no window of the test period holds a reading that training has seen.
    """
    if axis.kind == "usage" or len(positions) == 0:
        return None
    split = definition.split
    first, last = float(positions.min()), float(positions.max())
    if split.test_from:
        moment = pd.Timestamp(split.test_from)
        moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
        start = float(axis.positions(pd.Series([moment]))[0])
    else:
        start = last - split.test_share * (last - first)
    gap = max([split.gap, window, *(target.horizon for target in definition.targets)])
    cut = TimeCut(start - gap, start)
    return cut if first < cut.train_until and start < last else None


def groups_of(assets: pd.Series, lives: pd.DataFrame) -> Ints:
    """One number per row; assets that ever shared a serial item have the same one.

    >>> lives = pd.DataFrame({"asset": ["A", "B", "C"], "item": ["x", "x", "y"]})
    >>> groups_of(pd.Series(["A", "B", "C", "A"]), lives).tolist()
    [0, 0, 1, 0]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    names = pd.Index(pd.unique(pd.concat([assets.astype(str), lives["asset"].astype(str)])))
    items, _ = pd.factorize(lives["item"].astype(str))
    left, right = names.get_indexer(pd.Index(lives["asset"].astype(str))), items + len(names)
    size = len(names) + (int(items.max()) + 1 if len(items) else 0)
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    codes, _ = pd.factorize(component[names.get_indexer(pd.Index(assets.astype(str)))])
    numbers: Ints = codes.astype(np.int64)
    return numbers


def grouped_folds(groups: Ints, failed: Bools, folds: int, seed: int) -> Ints:
    """The fold of every row: whole groups, dealt so that each fold gets its share of the groups with a failure.

    failed: rows that belong to a failure; a group with any such row is dealt first.
    """
    names, index = np.unique(groups, return_inverse=True)
    failures = np.bincount(index, weights=failed, minlength=len(names)) > 0
    shuffled = np.random.default_rng(seed).permutation(len(names))
    order = shuffled[np.argsort(~failures[shuffled], kind="stable")]
    fold = np.empty(len(names), dtype=np.int64)
    fold[order] = np.arange(len(names)) % min(folds, len(names))
    dealt: Ints = fold[index]
    return dealt


def equal_weights(groups: Ints, rows: Bools) -> Floats:
    """Weights with which every group counts the same, mean 1 over `rows`; 0 elsewhere."""
    weights = np.zeros(len(groups))
    _, index, counts = np.unique(groups[rows], return_inverse=True, return_counts=True)
    weights[rows] = rows.sum() / (len(counts) * counts[index]) if rows.any() else 0.0
    return weights
