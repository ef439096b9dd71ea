"""Grow the boosters of one target: out of fold for honesty and calibration, on the past for the later view, on everything for use."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from pdm.catalogue import Learner, Target
from pdm.errors import TooLittleData
from pdm.learning import boosters
from pdm.learning.apply import POINT, PROBABILITY, role_of
from pdm.learning.boosters import Matrix, Recipe, Trainer
from pdm.learning.calibration import (
    apply_platt,
    cross_fitted_platt,
    fit_conformal,
    fit_platt,
)
from pdm.learning.derived import Derived
from pdm.learning.metrics import brier
from pdm.learning.model import Floats, RemainingLifeArrays
from pdm.learning.selecting import Kept, Selector
from pdm.learning.splits import equal_weights
from pdm.learning.survival import enclosing, monotone, remaining_life, widen
from pdm.learning.targets import Bools, Ints, Labels

Period = Literal["past", "all"]

GRID_SHARES = (0.08, 0.16, 0.24, 0.36, 0.48, 0.6, 0.72, 0.84, 0.976)
"""Grid horizons as shares of the cap where a target names none: 10, 20, 30, 45 ... 122 of 125 cycles."""
MIN_FAILED_LIVES = 3
_SAME = 1e-9

Answers = dict[str, Floats]


@dataclass
class Bench:
    """One class's training table with its cuts, and the binned matrices that its targets share.

    matrix: columns that are the same whatever is left out, float32 [n, b]. derived: those that are not, computed per fold.
    selector: which of them all are learnt from, chosen per fold; None: every one.
    rows: which rows are used for growing, per period. fold: the fold of every row.
    """

    matrix: Matrix
    groups: Ints
    fold: Ints
    rows: dict[Period, Bools]
    grown: Bools
    learner: Learner
    threads: int
    derived: Derived | None = None
    selector: Selector | None = None
    advance: Callable[[int], None] = field(default=lambda _steps: None)
    _trainers: dict[tuple[Period, int | None], tuple[Trainer, Ints]] = field(default_factory=dict)

    def grow(
        self,
        period: Period,
        without: int | None,
        labels: dict[str, Floats],
        recipes: dict[str, Recipe],
        shares: Floats | None = None,
    ) -> dict[str, Any]:
        """A booster per role on one period's rows, without one fold; `shares`: how many rows each row stands for."""
        trainer, rows = self._trainer(period, without)
        grown = {}
        for role, label in labels.items():
            known = ~np.isnan(label)
            chosen = np.zeros(len(label), dtype=bool)
            chosen[rows] = True
            weight = equal_weights(self.groups, chosen & known)
            weight = weight if shares is None else weight * shares
            grown[role] = trainer.grow(label[rows], weight[rows], recipes[role])
            self.advance(1)
        return grown

    def out_of_fold(
        self, period: Period, labels: dict[str, Floats], recipes: dict[str, Recipe], shares: Floats | None = None
    ) -> Answers:
        """Every row of the period answered by boosters that never saw its group; NaN elsewhere."""
        answers = {role: np.full(len(self.fold), np.nan) for role in labels}

        def one_fold(number: int) -> None:
            held = np.flatnonzero(self.rows[period] & (self.fold == number))
            inputs = self.inputs(period, number, held)
            for role, booster in self.grow(period, number, labels, recipes, shares).items():
                answers[role][held] = boosters.answer(booster, inputs, 1)

        # LightGBM lets go of the interpreter lock, and folds share nothing: each has its own binned matrix and its own rows.
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(one_fold, np.unique(self.fold[self.rows[period]]).tolist()))
        return answers

    def answer(self, period: Period, grown: dict[str, Any], rows: Bools) -> Answers:
        """What boosters that were grown on all of a period say about some rows; NaN elsewhere."""
        inputs = self.inputs(period, None, np.flatnonzero(rows))
        answers = {}
        for role, booster in grown.items():
            answers[role] = np.full(len(self.fold), np.nan)
            answers[role][rows] = boosters.answer(booster, inputs, 1)
        return answers

    def inputs(self, period: Period, without: int | None, rows: Ints) -> Matrix:
        """What boosters grown on a period without a fold see of some rows, float32 [rows, columns kept]."""
        shown, kept = self.shown(period, without, rows), self.kept(period, without)
        if kept is None:
            return shown
        # Where nothing is kept, the answer is the base rate: a column that never changes says just that.
        blank = np.zeros((len(rows), 1), dtype=np.float32)
        return np.ascontiguousarray(shown[:, kept.columns]) if len(kept.columns) else blank

    def kept(self, period: Period, without: int | None) -> Kept | None:
        """What is kept of a period's columns without a fold; None where nothing is chosen."""
        if self.selector is None:
            return None
        return self.selector.of(
            period, without, self.training_rows(period, without), lambda rows: self.shown(period, without, rows)
        )

    def shown(self, period: Period, without: int | None, rows: Ints) -> Matrix:
        """All columns of some rows that there are to choose from, float32 [rows, b + d]."""
        if self.derived is None:
            return self.matrix[rows]
        return np.ascontiguousarray(np.hstack([self.matrix[rows], self.derived.block(period, without)[rows]]))

    def honest(self, period: Period) -> Matrix:
        """Every row as its fold's model could see it, with all columns, float32 [n, b + d]; rows outside the period are missing."""
        if self.derived is None:
            return self.matrix
        seen = np.full((len(self.fold), self.matrix.shape[1] + len(self.derived.names)), np.nan, dtype=np.float32)
        for number in np.unique(self.fold[self.rows[period]]).tolist():
            held = np.flatnonzero(self.rows[period] & (self.fold == number))
            seen[held] = self.shown(period, number, held)
        return seen

    def training_rows(self, period: Period, without: int | None) -> Bools:
        """The rows that boosters of a period (and fold) are grown on."""
        chosen: Bools = self.rows[period] & self.grown & (self.fold != (-1 if without is None else without))
        return chosen

    def _trainer(self, period: Period, without: int | None) -> tuple[Trainer, Ints]:
        if (period, without) not in self._trainers:
            rows = np.flatnonzero(self.training_rows(period, without))
            self._trainers[period, without] = Trainer(self.inputs(period, without, rows), self.learner), rows
        return self._trainers[period, without]


def questions(
    target: Target, labels: Labels, bench: Bench, period: Period
) -> tuple[dict[str, Floats], dict[str, Recipe]]:
    """The labels and recipes of all boosters that this target can have.

    Raises:
        TooLittleData: too few lives ended in its failure, or only one answer occurs.
    """
    failed = len(np.unique(labels.life[labels.observed & bench.rows[period]]))
    where = len(np.unique(bench.groups[labels.observed & bench.rows[period]]))
    if failed < MIN_FAILED_LIVES or where < 2:
        raise TooLittleData(
            f"{failed} lives on {where} assets ended in this failure; {MIN_FAILED_LIVES} lives on 2 assets are needed",
            hint="expected-value checks or an inspection round serve better until more failures are on record",
        )
    if target.kind == "failure_within":
        asked = {PROBABILITY: labels.within(target.horizon)}
        recipes = {PROBABILITY: boosters.fine(bench.learner, "binary")}
        if not _both_answers(asked[PROBABILITY], bench, period):
            raise TooLittleData("in part of the folds every row has the same answer")
        return asked, recipes
    grid = target.grid or tuple(share * target.cap for share in GRID_SHARES)
    asked = {role_of(horizon): labels.within(horizon) for horizon in sorted(grid) if 0 < horizon <= target.cap}
    asked = {role: label for role, label in asked.items() if _both_answers(label, bench, period)}
    if len(asked) < 2:
        raise TooLittleData("too few horizons have rows both before and after them")
    recipes = {role: boosters.coarse(bench.learner) for role in asked}
    capped = labels.capped(target.cap)
    if not np.isnan(capped[labels.kept & bench.rows[period]]).any():
        asked[POINT], recipes[POINT] = capped, boosters.fine(bench.learner, "regression")
    return asked, recipes


def check_learnt(answers: Answers, rows: Bools, fold: Ints) -> None:
    """Boosters that say the same of every row of their fold have learnt nothing.

    Raises:
        TooLittleData: all of them do.
    """
    held = [rows & (fold == number) for number in np.unique(fold[rows])]
    if all(float(np.ptp(values[inside])) < _SAME for values in answers.values() for inside in held):
        raise TooLittleData(
            "these features tell the rows apart in no way: every answer is the same",
            hint="not predictable from these sensors as they are",
        )


def calibrate_probability(
    probability: Floats, truth: Floats, groups: Ints, fold: Ints
) -> tuple[dict[str, Any], Floats]:
    """Platt's table if it makes out-of-fold answers better (else none), and the answers as they would then have been."""
    known = ~np.isnan(truth) & ~np.isnan(probability)
    weight = equal_weights(groups, known)[known]
    p, y = probability[known], truth[known]
    moved = cross_fitted_platt(p, y, weight, fold[known])
    if brier(moved, y, weight) >= brier(p, y, weight):
        return {}, probability
    slope, intercept = fit_platt(p, y, weight)
    honest = apply_platt(probability, slope, intercept)
    honest[known] = moved
    return {"platt": {"slope": slope, "intercept": intercept}}, honest


def calibrate_life(
    target: Target, answers: Answers, truth: Floats, groups: Ints, fold: Ints
) -> tuple[dict[str, Any], RemainingLifeArrays]:
    """The conformal table from out-of-fold answers, and these answers with bounds corrected by the other folds."""
    raw = life_from(target, answers, None)
    known = ~np.isnan(truth) & ~np.isnan(raw.mean)
    weight = equal_weights(groups, known)

    def table(rows: Bools) -> list[dict[str, float]]:
        return fit_conformal(
            raw.low[rows], raw.high[rows], truth[rows], raw.mean[rows], groups[rows], weight[rows], target.cap
        )

    low, high = raw.low.copy(), raw.high.copy()
    for number in np.unique(fold[known]):
        inside, others = fold == number, known & (fold != number)
        if others.any():
            low[inside], high[inside] = widen(
                raw.low[inside], raw.high[inside], raw.mean[inside], target.cap, table(others)
            )
    honest = enclosing(raw.mean, raw.median, low, high, target.cap)
    return {"conformal": table(known)}, honest


def life_from(target: Target, answers: Answers, conformal: list[dict[str, float]] | None) -> RemainingLifeArrays:
    """Remaining life from the answers of all boosters of a target; without a table the bounds are the curve's own."""
    roles = sorted((role for role in answers if role != POINT), key=lambda role: float(role[1:]))
    grid = np.array([float(role[1:]) for role in roles])
    curve = monotone(np.column_stack([answers[role] for role in roles]))
    return remaining_life(grid, curve, answers.get(POINT), target.cap, conformal)


def _both_answers(label: Floats, bench: Bench, period: Period) -> bool:
    """Whether every training set of this period has rows with 0 and rows with 1."""
    folds = [int(number) for number in np.unique(bench.fold[bench.rows[period]])]
    for without in (None, *folds):
        seen = label[bench.training_rows(period, without)]
        if len(np.unique(seen[~np.isnan(seen)])) < 2:
            return False
    return True
