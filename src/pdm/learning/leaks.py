"""The guard at the door of training: has a feature, a split or the whole procedure seen the future.

Three cheap questions: does the gap separate training from test, does one feature alone nearly give the answer away, and does
the procedure find anything where, after shuffling, there is nothing to find.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pdm.catalogue import Learner
from pdm.errors import LeakFound
from pdm.learning.boosters import Matrix, Recipe, Trainer, answer
from pdm.learning.metrics import roc_auc
from pdm.learning.model import Floats
from pdm.learning.splits import TimeCut
from pdm.learning.targets import Bools, Ints

ALARM = 0.995
CERTAIN = 0.9999
CHANCE = 0.75
_SAMPLE = 4000


def check_cut(positions: Floats, train: Bools, test: Bools, cut: TimeCut, horizon: float) -> None:
    """The last training label must be settled before the first test row.

    Raises:
        LeakFound: it is not.
    """
    if not (train.any() and test.any()):
        return
    last, first = float(positions[train].max()), float(positions[test].min())
    if last + horizon > cut.test_from or first < cut.test_from:
        raise LeakFound(
            f"training rows reach up to {last:g}, their labels {horizon:g} further, but the test period starts at {first:g}",
            hint="make [split] gap at least as long as the longest horizon",
        )


def suspicious_features(
    matrix: Matrix,
    names: Sequence[str],
    within: Floats,
    remaining: Floats,
    age: Floats,
    groups: Ints,
    seed: int,
) -> list[str]:
    """Sentences about features that alone tell failures from non-failures almost without error.

    within: 1, 0 or NaN per row: failure within a horizon.
    remaining: observed remaining life or NaN. age: age of the life; where all lives are equally long it honestly tells the end.

    Raises:
        LeakFound: a feature *is* the answer: it ranks all rows without error, or remaining life is a function of it.
    """
    rows = _sample(np.flatnonzero(~np.isnan(within)), seed)
    told = _sample(np.flatnonzero(~np.isnan(remaining)), seed)
    if _is_function(age[told], remaining[told], groups[told]):
        return []
    sentences = []
    for column, name in enumerate(names):
        values = matrix[:, column].astype(np.float64)
        area = _separation(values[rows], within[rows])
        certain = area >= CERTAIN and len(np.unique(groups[rows][within[rows] == 1])) >= 3
        if certain or _is_function(values[told], remaining[told], groups[told]):
            raise LeakFound(
                f"feature {name!r} gives the answer away: no measurement knows the end that well",
                hint="take it out of features/; it is probably computed from the end of the life",
            )
        if area >= ALARM:
            sentences.append(f"Feature {name} alone tells failures apart almost without error (AUC {area:.4f}).")
    return sentences


def shuffled_label_auc(matrix: Matrix, within: Floats, fold: Ints, learner: Learner, *, seed: int) -> float:
    """What the procedure finds after the labels have been shuffled: about 0.5, or something other than the features tells."""
    rows = _sample(np.flatnonzero(~np.isnan(within)), seed)
    label = np.random.default_rng(seed).permutation(within[rows])
    held = fold[rows] == 0
    if min(len(np.unique(label[held])), len(np.unique(label[~held]))) < 2:
        return 0.5
    trainer = Trainer(matrix[rows][~held], learner)
    booster = trainer.grow(label[~held], np.ones(int((~held).sum())), Recipe("binary", 20, 0.1))
    area = roc_auc(answer(booster, matrix[rows][held], 1), label[held])
    if int(label[held].sum()) >= 50 and area > CHANCE:
        raise LeakFound(f"with shuffled labels the procedure still reaches AUC {area:.2f}", hint="please report this")
    return area


def _sample(rows: Ints, seed: int) -> Ints:
    if len(rows) <= _SAMPLE:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, _SAMPLE, replace=False))


def _separation(values: Floats, truth: Floats) -> float:
    """AUC of one feature in its better direction; 0.5 where it says nothing."""
    known = ~np.isnan(values)
    if known.mean() < 0.5:
        return 0.5
    area = roc_auc(values[known], truth[known])
    return 0.5 if np.isnan(area) else max(area, 1 - area)


def _is_function(values: Floats, remaining: Floats, groups: Ints) -> bool:
    """Whether remaining life follows from the feature alone, over three assets or more: neighbours stay neighbours."""
    known = ~np.isnan(values)
    if known.sum() < 30 or len(np.unique(groups[known])) < 3:
        return False
    values, remaining = values[known], remaining[known]
    if len(np.unique(values)) < len(values) / 10:
        return False
    ordered = remaining[np.argsort(values, kind="stable")]
    spread = float(np.var(ordered))
    return spread > 0 and float(np.mean(np.diff(ordered) ** 2)) / 2 / spread < 1 - CERTAIN
