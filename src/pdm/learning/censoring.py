"""Repairs before failure are no accident: machines are repaired because they look bad, and a model that forgets it learns too rosy.

A life that a condition-triggered repair cut short is censored, but not at random: the same symptoms that foretold the failure had it
censored. Two answers, both printed:

* **IPCW** (Robins and Rotnitzky 1992): every row whose answer within the horizon is known stands for those that looked alike and were
  cut: it weighs 1 / P(still seen), fitted on what people saw when they decided (logged scores, health indices, age).
* **bounds**: the share of failures if all cut rows had survived, and if all of them had failed. Whatever the truth, it lies between.

As-found severity is the third: a repair that found the part degraded ended its life as a failure (`counts_as_failure`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdm.learning.model import Floats
from pdm.learning.targets import Bools, Labels

FEW = 0.05
"""Where a larger share of the cut rows stands alone, weights say little."""
FLOOR = 0.05
"""No row stands for more than twenty: a weight without a ceiling lets one row speak for all."""


@dataclass(frozen=True)
class Censoring:
    """What censoring does to one question.

    lowest, highest: share of failures within the horizon if every cut row had survived, or failed. known: share among known rows.
    weighted: the same with IPCW weights. cut: share of rows whose answer was cut off by a repair or removal.
    alone: share of the cut rows beside which hardly any row that looked alike was seen to its end: weights cannot speak for these.
    """

    lowest: float
    highest: float
    known: float
    weighted: float
    cut: float
    alone: float = 0.0

    @property
    def words(self) -> str:
        """What a person has to know before believing a share of failures; empty where nothing was cut.

        >>> Censoring(0.1, 0.4, 0.12, 0.2, 0.3).words.partition(": ")[0]
        '30.0% of the answers were cut off by a repair or removal'
        """
        if not self.cut:
            return ""
        said = (
            f"{self.cut:.1%} of the answers were cut off by a repair or removal: between {self.lowest:.1%} and {self.highest:.1%} of rows "
            f"fail whatever became of these, {self.weighted:.1%} if they fared as those that looked alike"
        )
        if self.alone <= FEW:
            return said
        return f"{said}; beside {self.alone:.0%} of them nothing alike was seen to its end, so that only the two bounds hold"


def cut_rows(labels: Labels, horizon: float, *, history_ends: Bools) -> Bools:
    """Rows whose life was ended within the horizon by something other than its failure; the end of history is no such thing.

    history_ends: rows whose life is still going on where the record stops: nobody chose to cut these.
    """
    cut: Bools = labels.kept & ~labels.observed & (labels.remaining < horizon) & ~history_ends
    return cut


def ipcw_weights(within: Floats, cut: Bools, seen: Floats, *, pull: float = 1.0) -> Floats:
    """Weights [n] with which known rows stand for the cut ones that looked alike, mean 1 over known rows; 0 for all others.

    within: 1, 0 or NaN per row (`Labels.within`). cut: rows whose answer was cut off (`cut_rows`).
    seen: what people saw when they decided, [n, k]: logged score, health index, age; NaN counts as its mean.
    pull: ridge penalty of the logistic regression that says who gets cut.
    """
    known = ~np.isnan(within)
    weights = np.zeros(len(within))
    if not cut.any():
        weights[known] = 1.0
        return weights
    kept = chance_seen(within, cut, seen, pull=pull)
    weights[known] = 1.0 / np.maximum(kept[known], FLOOR)
    weights[known] *= known.sum() / weights[known].sum()
    return weights


def chance_seen(within: Floats, cut: Bools, seen: Floats, *, pull: float = 1.0) -> Floats:
    """P(the answer about a row that looked like this was not cut off), [n]; arguments as in `ipcw_weights`."""
    rows = ~np.isnan(within) | cut
    return 1.0 - _logistic(seen[rows], cut[rows].astype(np.float64), seen, pull)


def censoring_bounds(within: Floats, cut: Bools, weights: Floats, kept: Floats | None = None) -> Censoring:
    """How much censoring could move the share of failures, and where IPCW puts it. kept: as `chance_seen` gives it.

    Raises:
        ValueError: no row is known.
    """
    known = ~np.isnan(within)
    if not known.any():
        raise ValueError("no row is known within this horizon")
    failed, count = float(np.nansum(within)), float(known.sum() + cut.sum())
    return Censoring(
        lowest=failed / count,
        highest=(failed + float(cut.sum())) / count,
        known=failed / float(known.sum()),
        weighted=float(np.average(within[known], weights=weights[known])),
        cut=float(cut.sum()) / count,
        alone=float((kept[cut] < FLOOR).mean()) if kept is not None and cut.any() else 0.0,
    )


def _logistic(inputs: Floats, truth: Floats, asked: Floats, pull: float) -> Floats:
    """P(truth = 1) for the asked rows, by ridge-penalised logistic regression (Newton's method) on standardised inputs."""
    centre = np.nanmean(inputs, axis=0)
    spread = np.nanstd(inputs, axis=0)
    spread = np.where(spread > 0, spread, 1.0)

    def design(rows: Floats) -> Floats:
        scaled = (np.where(np.isnan(rows), centre, rows) - centre) / spread
        return np.column_stack([scaled, np.ones(len(rows))])

    matrix = design(inputs)
    penalty = np.diag([pull] * (matrix.shape[1] - 1) + [1e-6])
    beta = np.zeros(matrix.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(matrix @ beta, -30, 30)))
        slope = matrix.T @ (truth - chance) - penalty @ beta
        step = np.linalg.solve((matrix * (chance * (1 - chance))[:, None]).T @ matrix + penalty, slope)
        beta = beta + step / max(1.0, float(np.abs(step).max()))
        if float(np.abs(step).max()) < 1e-9:
            break
    return np.asarray(1 / (1 + np.exp(-np.clip(design(asked) @ beta, -30, 30))), dtype=np.float64)
