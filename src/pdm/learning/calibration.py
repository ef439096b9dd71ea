"""Make stated chances come true: Platt scaling of probabilities, and conformal correction of remaining-life bounds.

Both are fitted on out-of-fold answers only: what a model says about assets it has never seen.
"""

from __future__ import annotations

import numpy as np

from pdm.learning.model import Floats
from pdm.learning.survival import BAND_SHARES, HIGH, LOW, band
from pdm.learning.targets import Ints

_EDGE = 1e-6
MIN_GROUPS_IN_BAND = 5


def log_odds(probability: Floats) -> Floats:
    """log(p / (1 - p)), held within +-13.8 so that a certain answer stays a number."""
    p = np.clip(probability, _EDGE, 1 - _EDGE)
    return np.log(p / (1 - p))


def apply_platt(probability: Floats, slope: float, intercept: float) -> Floats:
    """A probability moved along the log-odds: 1 / (1 + exp(-(slope * log-odds + intercept)))."""
    return 1.0 / (1.0 + np.exp(-(slope * log_odds(probability) + intercept)))


def fit_platt(probability: Floats, truth: Floats, weight: Floats) -> tuple[float, float]:
    """Slope and intercept by weighted logistic regression on the log-odds (Platt 1999), with his smoothed targets.

    Newton's method; a faint pull towards (1, 0) keeps separable data finite.
    """
    positive, negative = float((weight * truth).sum()), float((weight * (1 - truth)).sum())
    smooth = np.where(truth > 0.5, (positive + 1) / (positive + 2), 1 / (negative + 2))
    design = np.column_stack([log_odds(probability), np.ones(len(truth))])
    prior, pull = np.array([1.0, 0.0]), 1e-3
    beta = prior.copy()
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (weight * (p - smooth)) + pull * (beta - prior)
        curvature = (design * (weight * p * (1 - p))[:, None]).T @ design + pull * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        beta = beta - step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-8:
            break
    return float(beta[0]), float(beta[1])


def cross_fitted_platt(probability: Floats, truth: Floats, weight: Floats, fold: Ints) -> Floats:
    """Every fold calibrated by the others: what Platt scaling does to answers it was not fitted on."""
    answer = probability.copy()
    for number in np.unique(fold):
        inside = fold == number
        if len(np.unique(truth[~inside])) == 2:
            answer[inside] = apply_platt(
                probability[inside], *fit_platt(probability[~inside], truth[~inside], weight[~inside])
            )
    return answer


def fit_conformal(
    low: Floats, high: Floats, truth: Floats, predicted: Floats, groups: Ints, weight: Floats, cap: float
) -> list[dict[str, float]]:
    """Corrections of the 5 % and 95 % bounds per band of the prediction (conformalised quantile regression, Romano et al. 2019).

    Rows of one asset depend on each other, so an asset is the unit: its rows share one weight, as if cuts were drawn from it at
    random, and the finite-sample step counts assets. A band that fewer than five assets reach takes the correction of all bands.
    """
    bands = band(predicted, cap)
    overall = _corrections(low - truth, truth - high, groups, weight)
    table = []
    for number in range(len(BAND_SHARES) + 1):
        inside = bands == number
        reached = len(np.unique(groups[inside]))
        lower, upper = overall
        if reached >= MIN_GROUPS_IN_BAND:
            lower, upper = _corrections((low - truth)[inside], (truth - high)[inside], groups[inside], weight[inside])
        table.append({"lower": lower, "upper": upper, "groups": float(reached)})
    return table


def _corrections(below: Floats, above: Floats, groups: Ints, weight: Floats) -> tuple[float, float]:
    """Corrections that leave a tenth of the truths outside.

    Each side may miss a twentieth. A side that cannot miss (the bound stands at 0 or at the cap) gives its share to the other.
    """
    count = len(np.unique(groups))
    step = 1.0 + 1.0 / max(count, 1)
    missed, fixed = [], []
    for score, side in ((below, 1 - LOW), (above, HIGH)):
        fixed.append(weighted_quantile(score, weight, min(side * step, 1.0)))
        missed.append(float(weight[score > fixed[-1]].sum() / weight.sum()))
    # The side that misses less keeps its correction, the other one takes what is left.
    if missed[1] <= missed[0]:
        return weighted_quantile(below, weight, min((HIGH - LOW + missed[1]) * step, 1.0)), fixed[1]
    return fixed[0], weighted_quantile(above, weight, min((HIGH - LOW + missed[0]) * step, 1.0))


def weighted_quantile(values: Floats, weight: Floats, level: float) -> float:
    """The smallest value with at least `level` of the weight at or below it.

    >>> weighted_quantile(np.array([3.0, 1.0, 2.0]), np.ones(3), 0.5)
    2.0
    """
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weight[order]) / weight.sum()
    return float(values[order][min(int(np.searchsorted(share, level - 1e-12)), len(values) - 1)])
