"""Which columns a fold keeps: FRESH (`pdm.extraction.selection`) on one row of each life, with the training rows of that fold alone.

A choice of features is fitted like anything else. Made once on the whole table it has seen the labels on which the model is judged,
and every figure comes out too good; so it is made anew for each fold, and on everything for use. Windows of one life overlap and say
hardly more than one of them, hence one row of each life:

* remaining life: any row whose answer is known, drawn at random;
* failure within a horizon: failing lives give a row from before the failure, however short the horizon is, as long as they are not
  more than half of all; else only so many of them do, and the others give a row from long before.

A column stays when it has to do with any target of the class, because all of them are learnt from one matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue.selection import Selection
from pdm.errors import TooLittleData
from pdm.extraction.selection import relevance
from pdm.learning.boosters import Matrix
from pdm.learning.leak_report import LeakLine
from pdm.learning.leaks import Prepare, folds_line
from pdm.learning.model import Floats
from pdm.learning.targets import Bools, Ints

_NAMES = {"by": "Benjamini-Yekutieli", "bh": "Benjamini-Hochberg"}


@dataclass(frozen=True)
class Asked:
    """One target's answer per row, float64 [n], NaN where nobody knows, and the life of each row (-1: none)."""

    truth: Floats
    life: Ints


@dataclass(frozen=True, eq=False)
class Kept:
    """What one fold keeps.

    columns: rising places of the columns kept. p_values: float64 [candidates], the smallest over the targets; NaN where nothing could
    be tested. rows: the rows that were tested, of all targets.
    """

    columns: Ints
    p_values: Floats
    rows: Ints


@dataclass
class Selector:
    """The columns of every period and fold left out, chosen when they are asked for and then remembered."""

    settings: Selection
    asked: Mapping[str, Sequence[Asked]]
    seed: int
    kept: dict[tuple[str, int | None], Kept] = field(default_factory=dict)
    _locks: dict[tuple[str, int | None], Lock] = field(default_factory=dict)
    _guard: Lock = field(default_factory=Lock)

    def of(self, period: str, without: int | None, learnt_from: Bools, see: Callable[[Ints], Matrix]) -> Kept:
        """What is kept when a fold is left out. learnt_from: the rows of training. see: those rows' columns, all of them."""
        key = (period, without)
        with self._guard:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            if key not in self.kept:
                self.kept[key] = choose(see, np.flatnonzero(learnt_from), self.asked[period], self.settings, self.seed)
        return self.kept[key]

    def facts(self, period: str, candidates: int, names: Sequence[str], lives: int) -> dict[str, Any]:
        """What the model's facts say, in figures and in `words`.

        period: whose folds count. candidates: columns there were. names: those the finished model kept. lives: tested for it.
        """
        folds = {number: kept for (name, number), kept in self.kept.items() if name == period and number is not None}
        everywhere = set.intersection(*(set(kept.columns.tolist()) for kept in folds.values())) if folds else set[int]()
        final = self.kept["all", None]
        steady = len(everywhere & set(final.columns.tolist()))
        surest = final.columns[np.argsort(final.p_values[final.columns], kind="stable")]
        place = {int(column): name for column, name in zip(final.columns, names, strict=True)}
        level = f"{self.settings.fdr_level:.0%}" if self.settings.fdr_level >= 0.01 else f"{self.settings.fdr_level:g}"
        return {
            "fdr_level": self.settings.fdr_level,
            "method": self.settings.method,
            "candidates": candidates,
            "kept": len(names),
            "lives": lives,
            "kept_by_fold": {str(number): len(kept.columns) for number, kept in sorted(folds.items())},
            "kept_in_every_fold": steady,
            "surest": {place[int(column)]: float(final.p_values[column]) for column in surest[:10]},
            "words": (
                f"{len(names)} of {candidates} features have to do with what is predicted (FRESH, {level} wrong ones at most, "
                f"{_NAMES[self.settings.method]}, on one row of each of {lives} lives); {steady} of them were kept in every fold."
            ),
        }


def choose(see: Callable[[Ints], Matrix], rows: Ints, asked: Sequence[Asked], settings: Selection, seed: int) -> Kept:
    """The columns that have to do with any of the targets, judged on one row of each life among `rows`."""
    width = see(rows[:0]).shape[1]
    relevant, p_values, tested = np.zeros(width, dtype=bool), np.full(width, np.nan), list[Ints]()
    for number, target in enumerate(asked):
        chosen = one_row_per_life(target, rows, seed + number)
        try:
            found = judge(see(chosen), target.truth[chosen], target.life[chosen], settings)
        except TooLittleData:
            continue  # the target itself will say so where it is learnt; it cannot vouch for any feature
        relevant |= found["relevant"].to_numpy(dtype=bool)
        p_values = np.fmin(p_values, found["p_value"].to_numpy(dtype=np.float64))
        tested.append(chosen)
    return Kept(np.flatnonzero(relevant), p_values, np.unique(np.concatenate(tested)) if tested else rows[:0])


def judge(matrix: Matrix, truth: Floats, life: Ints, settings: Selection) -> pd.DataFrame:
    """FRESH on rows of different lives: `p_value` and `relevant` per column, in the order of the columns.

    Raises:
        TooLittleData: fewer than four lives, or all have the same answer.
    """
    found = relevance(
        pd.DataFrame(matrix),
        truth,
        life,
        train=np.ones(len(truth), dtype=bool),
        level=settings.fdr_level,
        independent=settings.method == "bh",
    )
    return found.sort_values("feature", kind="stable", ignore_index=True)


def one_row_per_life(asked: Asked, rows: Ints, seed: int) -> Ints:
    """One of `rows` for each life that has a known answer there, rising.

    >>> asked = Asked(np.array([0.0, 0.0, 1.0, 0.0, 0.0, 1.0, np.nan]), np.array([4, 4, 4, 7, 7, 7, 9]))
    >>> chosen = one_row_per_life(asked, np.arange(7), seed=0)
    >>> asked.life[chosen].tolist(), sorted(asked.truth[chosen].tolist())
    ([4, 7], [0.0, 1.0])
    """
    known = rows[(asked.life[rows] >= 0) & ~np.isnan(asked.truth[rows])]
    random = np.random.default_rng(seed)
    mixed = random.permutation(known)
    answers = np.unique(asked.truth[known])
    if len(answers) == 2:
        late = asked.truth == answers[1]
        failing = random.permutation(np.unique(asked.life[known][late[known]]))
        most = -(-len(np.unique(asked.life[known])) // 2)
        soon = np.isin(asked.life[mixed], failing[:most])
        mixed = mixed[np.argsort(late[mixed] != soon, kind="stable")]
    _, first = np.unique(asked.life[mixed], return_index=True)
    return np.sort(mixed[first])


def chosen_anew(selector: Selector, life: Ints) -> Prepare:
    """The choice once more for labels that say nothing, as the leak guard asks. life: of every row of the table."""

    def prepare(rows: Ints, shown: Matrix, label: Floats, learn: Bools) -> Matrix:
        asked = Asked(label, life[rows])
        kept = choose(lambda some: shown[some], np.flatnonzero(learn), [asked], selector.settings, selector.seed)
        return shown[:, kept.columns] if len(kept.columns) else np.zeros((len(rows), 1), dtype=np.float32)

    return prepare


def choices_line(selector: Selector, period: str, assets: npt.NDArray[np.str_], fold: Ints) -> LeakLine:
    """Whether the folds of a period chose without the items on which they are judged. assets, fold: of every row."""
    kept = {number: one for (name, number), one in selector.kept.items() if name == period and number is not None}
    return folds_line(
        {number: set(assets[one.rows].tolist()) for number, one in kept.items()},
        {number: set(assets[fold == number].tolist()) for number in kept},
        # Strong features may well be kept by every fold; the same digits of every p-value cannot.
        {number: str(one.p_values.tolist()) for number, one in kept.items()},
        what="a choice of features",
    )
