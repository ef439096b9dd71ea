"""Naive answers that stand beside every model: a straight line in the features, and failures of repaired items counted by age.

A booster that is no better than ridge regression has learnt nothing but a straight line; one that is no better than Crow-AMSAA has
learnt nothing but age.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pdm.catalogue import ModelDefinition, Target
from pdm.catalogue.axis import Axis
from pdm.learning import metrics
from pdm.learning.boosters import Matrix
from pdm.learning.fitting import Bench, Period
from pdm.learning.model import Floats
from pdm.learning.repaired import CrowAmsaa, fit_crow_amsaa
from pdm.learning.splits import equal_weights
from pdm.learning.targets import Bools

_PENALTY = 10.0


def ridge_line(matrix: Matrix, truth: Floats, weight: Floats, asked: Matrix) -> Floats:
    """Answers of a weighted ridge regression on standardised features; a missing or infinite feature counts as its mean."""
    inputs, questions = (np.where(np.isfinite(table), table, np.nan).astype(np.float64) for table in (matrix, asked))
    told = ~np.isnan(inputs).all(axis=0)
    inputs, questions = inputs[:, told], questions[:, told]
    centre, spread = np.nanmean(inputs, axis=0), np.nanstd(inputs, axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    design, wanted = (np.nan_to_num((table - centre) / spread) for table in (inputs, questions))
    mean, middle = float(np.average(truth, weights=weight)), np.average(design, axis=0, weights=weight)
    design, wanted = design - middle, wanted - middle
    weighted = design * weight[:, None]
    beta = np.linalg.solve(weighted.T @ design + _PENALTY * np.eye(design.shape[1]), weighted.T @ (truth - mean))
    return np.asarray(mean + wanted @ beta, dtype=np.float64)


def ridge_out_of_fold(bench: Bench, period: Period, truth: Floats) -> Floats:
    """What a straight line says about every row of a period, learnt on the other folds; NaN elsewhere."""
    answers = np.full(len(truth), np.nan)
    for number in np.unique(bench.fold[bench.rows[period]]).tolist():
        rows = np.flatnonzero(bench.training_rows(period, number) & ~np.isnan(truth))
        held = np.flatnonzero(bench.rows[period] & (bench.fold == number))
        chosen = np.zeros(len(truth), dtype=bool)
        chosen[rows] = True
        weight = equal_weights(bench.groups, chosen)[rows]
        answers[held] = ridge_line(
            bench.inputs(period, number, rows), truth[rows], weight, bench.inputs(period, number, held)
        )
    return answers


def ridge_between(bench: Bench, period: Period, truth: Floats, asked: Bools) -> Floats:
    """What a straight line that was learnt on all of a period says about other rows; NaN elsewhere."""
    answers = np.full(len(truth), np.nan)
    learnt = bench.training_rows(period, None) & ~np.isnan(truth)
    rows, held = np.flatnonzero(learnt), np.flatnonzero(asked)
    if len(rows):
        weight = equal_weights(bench.groups, learnt)[rows]
        answers[held] = ridge_line(
            bench.inputs(period, None, rows), truth[rows], weight, bench.inputs(period, None, held)
        )
    return answers


def ridge_figures(target: Target, said: Floats, truth: Floats, groups: np.ndarray) -> dict[str, float]:
    """How good the straight line is, by the measures of the target."""
    known = ~np.isnan(truth) & ~np.isnan(said)
    if not known.any():
        return {}
    weight = equal_weights(groups, known)[known]
    y = truth[known]
    if target.kind == "remaining_life":
        return {"rmse_ridge": metrics.rmse(np.clip(said[known], 0.0, target.cap), y, weight)}
    chance = np.clip(said[known], 0.0, 1.0)
    return {"brier_ridge": metrics.brier(chance, y, weight), "auc_ridge": metrics.roc_auc(chance, y)}


def births(lives: pd.DataFrame, definition: ModelDefinition, target: Target, axis: Axis) -> dict[str, float]:
    """The position at which every asset was new: where the first life of the target's items began."""
    items = [definition.mode(name).maintainable_item for name in target.modes]
    own = lives[lives["maintainable_item"].isin(items)]
    started = pd.Series(axis.positions(own["start"])).groupby(own["asset"].astype(str).to_numpy()).min()
    return {str(asset): float(start) for asset, start in started.items()}


def repaired_process(
    lives: pd.DataFrame, definition: ModelDefinition, target: Target, axis: Axis, assets: set[str], until: float | None
) -> CrowAmsaa | None:
    """The process of failures of assets that were mended; None where none failed twice.

    until: failures after this position are not known.
    """
    modes = [definition.mode(name) for name in target.modes]
    own = lives[
        lives["asset"].isin(assets) & lives["maintainable_item"].isin([mode.maintainable_item for mode in modes])
    ]
    if own.empty:
        return None
    start, end = axis.positions(own["start"]), axis.positions(own["end"])
    failed: Bools = (own["ended_by"] == "failure").to_numpy(dtype=bool) & own["failure_mode"].isin(
        target.modes
    ).to_numpy()
    if until is not None:
        failed, end = failed & (end <= until), np.minimum(end, until)
    names = own["asset"].astype(str).to_numpy()
    counts = pd.Series(names[failed]).value_counts()
    if not len(counts) or int(counts.max()) < 2:
        return None
    tags, index = np.unique(names, return_inverse=True)
    new, last = np.full(len(tags), np.inf), np.full(len(tags), -np.inf)
    np.minimum.at(new, index, start)
    np.maximum.at(last, index, end)
    seen = last > new
    return fit_crow_amsaa(np.zeros(int(seen.sum())), (last - new)[seen], end[failed] - new[index[failed]])
