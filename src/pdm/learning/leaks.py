"""The leak guard's questions about one training table: the cut, single features, the procedure as a whole, and its folds.

Cheap and blunt on purpose. The questions about history (`pdm.learning.leak_peek`) and about the maintenance calendar
(`pdm.learning.leak_calendar`) are asked by whoever has them at hand; `pdm.learning.leak_report` holds all answers together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from pdm.catalogue import Axis, FeatureSet, Learner
from pdm.learning.boosters import Matrix, Recipe, Trainer, answer
from pdm.learning.leak_report import LeakLine
from pdm.learning.metrics import roc_auc
from pdm.learning.model import Floats
from pdm.learning.splits import TimeCut
from pdm.learning.targets import Bools, Ints

Prepare = Callable[[Ints, Matrix, Floats, Bools], Matrix]
"""(rows of the table [n], their features [n, f], shuffled labels [n], which may be learnt from [n]) -> features for the boosters [n, g]."""

ALARM = 0.995
CERTAIN = 0.9999
CHANCE = 0.75
_SAMPLE = 4000
_FEWEST_ENDS = 5
_ALIKE = 1e-6
_FEWEST_VALUES = 10
_RARE = 0.02


def longest_window(feature_set: FeatureSet | None, axis: Axis) -> float:
    """The longest window of time, in native units; windows of rows and whole-life features are judged by truncation instead.

    >>> from pdm.catalogue.feature_set import Window
    >>> windows = (Window(duration="24h", every="6h"), Window(duration="7d", every="6h"))
    >>> longest_window(FeatureSet("pump", ("p",), windows), Axis())
    168.0
    """
    windows = feature_set.windows if feature_set else ()
    return max((axis.span(str(window.duration)) for window in windows if window.duration), default=0.0)


def cut_line(positions: Floats, train: Bools, cut: TimeCut | None, horizon: float, window: float) -> LeakLine:
    """Whether training and test share neither a label nor a reading.

    A label of the last training row looks `horizon` ahead, a window of the first test row looks `window` back: the gap has to hold
    the longer of the two.
    """
    if cut is None:
        return LeakLine(
            "purge_gap", None, "There is no test period in time: every asset has its own counter, or history is short."
        )
    later = cut.test(positions)
    if not (train.any() and later.any()):
        return LeakLine("purge_gap", None, "One of the two periods holds no rows.")
    last, first = float(positions[train].max()), float(positions[later].min())
    gap, needed = first - last, max(horizon, window)
    figures = {"gap": gap, "needed": needed}
    if gap < needed:
        sentence = (
            f"Training ends {gap:g} before the test period, but labels look {horizon:g} ahead and windows {window:g} back: "
            f"make [split] gap at least {needed:g}."
        )
        return LeakLine("purge_gap", False, sentence, figures)
    return LeakLine("purge_gap", True, f"{gap:g} lie between the periods, {needed:g} are needed.", figures)


def feature_line(
    matrix: Matrix,
    names: Sequence[str],
    within: Floats,
    remaining: Floats,
    age: Floats,
    groups: Ints,
    seed: int,
) -> LeakLine:
    """Whether one feature alone gives the answer away: it ranks all rows, remaining life is a function of it, or it marks the end.

    within: 1, 0 or NaN per row: failure within a horizon.
    remaining: observed remaining life or NaN. age: age of the life; where all lives are equally long it honestly tells the end.
    """
    rows = _sample(np.flatnonzero(~np.isnan(within)), seed)
    told = _sample(np.flatnonzero(~np.isnan(remaining)), seed)
    if is_function(age[told], remaining[told], groups[told]):
        sentence = (
            "All lives are equally long, so that age alone tells the end; nothing can be said about other features."
        )
        return LeakLine("single_feature", True, sentence, warning=True)
    ends = _last_rows(remaining, groups)
    sure, suspicious, best = [], [], 0.5
    for column, name in enumerate(names):
        values = matrix[:, column].astype(np.float64)
        area = _separation(values[rows], within[rows])
        best = max(best, area)
        certain = area >= CERTAIN and len(np.unique(groups[rows][within[rows] == 1])) >= 3
        if certain or is_function(values[told], remaining[told], groups[told]) or _marks_the_end(values, ends):
            sure.append(name)
        elif area >= ALARM:
            suspicious.append(f"Feature {name} alone tells failures apart almost without error (AUC {area:.4f}).")
    figures = {"best_auc": best}
    if sure:
        sentence = (
            f"Feature {', '.join(map(repr, sure[:3]))} gives the answer away: no measurement knows the end that well. "
            "Take it out of features/; it is probably computed from the end of the life."
        )
        return LeakLine("single_feature", False, sentence, figures)
    if suspicious:
        return LeakLine("single_feature", True, " ".join(suspicious), figures, warning=True)
    return LeakLine("single_feature", True, f"The best of {len(names)} features alone reaches AUC {best:.3f}.", figures)


def shuffled_line(
    matrix: Matrix,
    within: Floats,
    fold: Ints,
    learner: Learner,
    *,
    seed: int,
    prepare: Prepare | None = None,
    shuffled: bool = False,
) -> LeakLine:
    """What the procedure finds after the labels have been shuffled: about 0.5, or something other than the features tells.

    prepare: whatever is fitted to labels before the boosters; without it they are grown on the features as they are.
    shuffled: the labels are shuffled already, because what is fitted before the boosters has learnt from them.
    """
    rows = _sample(np.flatnonzero(~np.isnan(within)), seed)
    label = within[rows] if shuffled else np.random.default_rng(seed).permutation(within[rows])
    held = fold[rows] == (fold[rows].min() if len(rows) else 0)
    if min(len(np.unique(label[held])), len(np.unique(label[~held]))) < 2:
        sentence = "Too few rows have both answers to shuffle them."
        return LeakLine("shuffled_labels", None, sentence, {"auc": 0.5})
    shown = prepare(rows, matrix[rows], label, ~held) if prepare else matrix[rows]
    trainer = Trainer(shown[~held], learner)
    booster = trainer.grow(label[~held], np.ones(int((~held).sum())), Recipe("binary", 20, 0.1))
    area = roc_auc(answer(booster, shown[held], 1), label[held])
    if int(label[held].sum()) >= 50 and area > CHANCE:
        sentence = (
            f"With shuffled labels the procedure still reaches AUC {area:.2f}: "
            "what is fitted to labels has seen those on which it is judged."
        )
        return LeakLine("shuffled_labels", False, sentence, {"auc": area})
    return LeakLine(
        "shuffled_labels", True, f"With shuffled labels the procedure reaches AUC {area:.2f}.", {"auc": area}
    )


def folds_line(
    fitted_on: Mapping[Any, Collection[str]],
    held: Mapping[Any, Collection[str]],
    documents: Mapping[Any, str],
    *,
    what: str = "transforms",
) -> LeakLine:
    """Whether what was fitted for a fold never saw the items on which it is judged.

    fitted_on: fold -> assets from which its transforms learnt. held: fold -> assets on which it is judged.
    documents: fold -> the fitted numbers as text; the same text for every fold means that nobody fitted anything inside them.
    what: what was fitted, in a word or two.
    """
    if not fitted_on:
        return LeakLine(
            "folds", True, "Nothing is fitted before the boosters, and these never see the fold they answer."
        )
    for fold, items in fitted_on.items():
        if shared := sorted(set(items) & set(held.get(fold, ()))):
            named = ", ".join(shared[:3])
            sentence = f"What was fitted for fold {fold} ({what}) has learnt from {len(shared)} items on which it is judged: {named}."
            return LeakLine("folds", False, sentence, {"shared": float(len(shared))})
    different = len(set(documents.values()))
    if len(documents) > 1 and different == 1:
        sentence = (
            f"All {len(documents)} folds were given the same numbers ({what}): they were fitted once, on everything."
        )
        return LeakLine("folds", False, sentence, {"folds": float(len(documents)), "different": 1.0})
    sentence = f"Each of {len(fitted_on)} folds has {what} of its own, fitted without the items it is judged on."
    return LeakLine("folds", True, sentence, {"folds": float(len(fitted_on)), "different": float(different)})


def is_function(values: Floats, told: Floats, groups: Ints) -> bool:
    """Whether `told` follows from the feature alone, over three assets or more: neighbours stay neighbours."""
    known = ~np.isnan(values)
    if known.sum() < 30 or len(np.unique(groups[known])) < 3:
        return False
    # Rows of one value come in any order: otherwise a constant would look like a function of the order of the table.
    mixed = np.random.default_rng(0).permutation(np.flatnonzero(known))
    values, told = values[mixed], told[mixed]
    if len(np.unique(values)) < _FEWEST_VALUES:
        return False
    ordered = told[np.argsort(values, kind="stable")]
    spread = float(np.var(ordered))
    return spread > 0 and float(np.mean(np.diff(ordered) ** 2)) / 2 / spread < 1 - CERTAIN


def _marks_the_end(values: Floats, ends: Ints) -> bool:
    """Whether a feature has one and the same value in the last row of every life and hardly anywhere else: cycle / last cycle."""
    last = values[ends]
    if len(last) < _FEWEST_ENDS or np.isnan(last).any():
        return False
    size = max(abs(float(last[0])), 1.0)
    alike = np.abs(values - last[0]) <= _ALIKE * size
    rare = float(alike.sum() - len(ends)) < _RARE * len(values)
    return bool(alike[ends].all()) and rare and float(np.nanstd(values)) > 0


def _last_rows(remaining: Floats, groups: Ints) -> Ints:
    """The row nearest to the end of every group whose end was seen."""
    told = np.flatnonzero(~np.isnan(remaining))
    order = told[np.lexsort((remaining[told], groups[told]))]
    first = np.append(True, np.diff(groups[order]) != 0) if len(order) else np.zeros(0, dtype=bool)
    last: Ints = order[first].astype(np.int64)
    return last


def _sample(rows: Ints, seed: int) -> Ints:
    if len(rows) <= _SAMPLE:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, _SAMPLE, replace=False))


def _separation(values: Floats, truth: Floats) -> float:
    """AUC of one feature in its better direction; 0.5 where it says nothing."""
    known = ~np.isnan(values)
    if not len(values) or known.mean() < 0.5:
        return 0.5
    area = roc_auc(values[known], truth[known])
    return 0.5 if np.isnan(area) else max(area, 1 - area)
