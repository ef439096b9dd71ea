"""How good an answer is: remaining life, intervals, probabilities and alerts as a planner counts them. numpy alone.

Every function takes arrays of n rows and optional weights; NaN has to be left out before.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pdm.learning.model import Floats
from pdm.learning.targets import Ints


def rmse(predicted: Floats, truth: Floats, weight: Floats | None = None) -> float:
    """Root of the mean squared error, in the unit of the values."""
    return float(np.sqrt(np.average((predicted - truth) ** 2, weights=weight)))


def mae(predicted: Floats, truth: Floats, weight: Floats | None = None) -> float:
    """Mean absolute error."""
    return float(np.average(np.abs(predicted - truth), weights=weight))


def nasa_score(predicted: Floats, truth: Floats) -> float:
    """The score of the PHM 2008 challenge, a sum: exp(-d/13) - 1 for early answers, exp(d/10) - 1 for late ones.

    >>> round(nasa_score(np.array([10.0, 0.0]), np.array([0.0, 13.0])), 4)
    3.4366
    """
    late = predicted - truth
    return float(np.sum(np.where(late < 0, np.expm1(-late / 13.0), np.expm1(late / 10.0))))


def nasa_mean(predicted: Floats, truth: Floats, weight: Floats | None = None, *, scale: float = 1.0) -> float:
    """The mean of that score per answer, so that sets of different size compare.

    scale: native units that stand for one cycle of the challenge, whose constants 13 and 10 are cycles out of 125.

    >>> nasa_mean(np.array([10.0, 0.0]), np.array([0.0, 13.0])) == nasa_score(np.array([10.0, 0.0]), np.array([0.0, 13.0])) / 2
    True
    """
    late = (predicted - truth) / scale
    with np.errstate(over="ignore"):  # an absurd answer costs infinitely much
        each = np.where(late < 0, np.expm1(-late / 13.0), np.expm1(late / 10.0))
    return float(np.average(each, weights=weight))


def coverage(low: Floats, high: Floats, truth: Floats, weight: Floats | None = None) -> float:
    """Share of truths inside their interval."""
    return float(np.average((low <= truth) & (truth <= high), weights=weight))


def width(low: Floats, high: Floats, weight: Floats | None = None) -> float:
    """Mean width of the intervals."""
    return float(np.average(high - low, weights=weight))


def winkler(low: Floats, high: Floats, truth: Floats, weight: Floats | None = None, *, miss: float = 0.1) -> float:
    """Mean interval score (Winkler 1972): the width, plus 2 / `miss` times the distance by which a truth lies outside."""
    outside = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
    return float(np.average(high - low + 2 / miss * outside, weights=weight))


def brier(probability: Floats, truth: Floats, weight: Floats | None = None) -> float:
    """Mean squared distance between the stated chance and what came (0 or 1)."""
    return float(np.average((probability - truth) ** 2, weights=weight))


def reliability(probability: Floats, truth: Floats, weight: Floats | None = None, bins: int = 10) -> Floats:
    """Stated and seen: float64 [k, 3] of mean probability, share of failures and weight in (at most) `bins` bins of equal mass."""
    weight = np.ones(len(truth)) if weight is None else weight
    order = np.argsort(probability, kind="stable")
    mass = np.cumsum(weight[order]) / weight.sum()
    number = np.minimum((mass * bins - 1e-9).astype(np.int64), bins - 1)
    total = np.bincount(number, weights=weight[order], minlength=bins)
    said = np.bincount(number, weights=(weight * probability)[order], minlength=bins)
    came = np.bincount(number, weights=(weight * truth)[order], minlength=bins)
    filled = total > 0
    return np.column_stack([said[filled] / total[filled], came[filled] / total[filled], total[filled]])


def reliability_table(
    probability: Floats, truth: Floats, weight: Floats, groups: Ints, bins: int = 10, draws: int = 200
) -> list[dict[str, float]]:
    """Stated and seen by bins of equal mass: `said`, `seen`, `weight`, and the 90 % interval `low` to `high` of what is seen.

    The interval draws groups (assets) again: rows of one machine say the same thing many times. Where all groups of a bin agree, it
    reaches as far as so many groups can rule out at 5 %.
    """
    if not len(truth):
        return []
    order = np.argsort(probability, kind="stable")
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.minimum((np.cumsum(weight[order]) / weight.sum() * bins - 1e-9).astype(np.int64), bins - 1)
    _, group = np.unique(groups, return_inverse=True)
    count = int(group.max()) + 1
    cell = group * bins + number
    total = np.bincount(cell, weight, count * bins).reshape(count, bins)
    came = np.bincount(cell, weight * truth, count * bins).reshape(count, bins)
    said = np.bincount(number, weight * probability, bins)
    random = np.random.default_rng(7)
    times = np.stack([np.bincount(random.integers(count, size=count), minlength=count) for _ in range(draws)])
    mass = times @ total
    drawn = np.divide(times @ came, mass, out=np.full(mass.shape, np.nan), where=mass > 0)
    rows = []
    for place in np.flatnonzero(total.sum(axis=0) > 0):
        here = float(total[:, place].sum())
        low, high = np.nanquantile(drawn[:, place], [0.05, 0.95])
        seen = float(came[:, place].sum()) / here
        ruled_out = 1.0 - 0.05 ** (1.0 / float((total[:, place] > 0).sum()))
        low = min(low, 1.0 - ruled_out) if seen == 1.0 else low
        high = max(high, ruled_out) if seen == 0.0 else high
        figures = {"said": said[place] / here, "seen": seen, "weight": here, "low": low, "high": high}
        rows.append({name: float(value) for name, value in figures.items()})
    return rows


def expected_calibration_error(probability: Floats, truth: Floats, weight: Floats | None = None) -> float:
    """Mean distance between stated and seen over ten bins of equal mass."""
    table = reliability(probability, truth, weight)
    return float(np.average(np.abs(table[:, 0] - table[:, 1]), weights=table[:, 2]))


def average_precision(probability: Floats, truth: Floats, weight: Floats | None = None) -> float:
    """Area under the precision-recall curve, as a sum over thresholds; NaN without any failure."""
    weight = np.ones(len(truth)) if weight is None else weight
    order = np.argsort(-probability, kind="stable")
    hit, mass = np.cumsum((weight * truth)[order]), np.cumsum(weight[order])
    if hit[-1] == 0:
        return float("nan")
    threshold = np.append(np.diff(probability[order]) != 0, True)
    precision, recall = (hit / np.maximum(mass, 1e-300))[threshold], (hit / hit[-1])[threshold]
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def roc_auc(score: Floats, truth: Floats) -> float:
    """Chance that a failure scores above a non-failure (ties count half); NaN with one class only.

    >>> roc_auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0.0, 0.0, 1.0, 1.0]))
    0.75
    """
    from scipy.stats import rankdata

    positive = truth > 0.5
    count, others = int(positive.sum()), int((~positive).sum())
    if not count or not others:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * others))


def binomial_interval(found: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share (Clopper and Pearson 1934).

    >>> [round(bound, 3) for bound in binomial_interval(54, 56)]
    [0.877, 0.996]
    """
    from scipy.stats import beta

    if of == 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, found, of - found + 1)) if found else 0.0
    high = float(beta.ppf(1 - tail, found + 1, of - found)) if found < of else 1.0
    return low, high


def poisson_interval(count: int, over: float, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a rate, from a count of rare events over an exposure (F. Garwood 1936).

    >>> [round(bound, 3) for bound in poisson_interval(3, 8.5)]
    [0.073, 1.031]
    """
    from scipy.stats import chi2

    if over <= 0:
        return 0.0, float("inf")
    tail = (1 - level) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    return low / over, float(chi2.ppf(1 - tail, 2 * count + 2)) / 2 / over


def interval_by_item(
    measure: Callable[[Floats], float],
    weight: Floats,
    groups: Ints,
    *,
    draws: int = 200,
    level: float = 0.9,
    seed: int = 7,
) -> tuple[float, float]:
    """The interval of a weighted measure when whole items are drawn again: an item that is drawn twice weighs twice.

    measure: takes the weights of all rows. NaN draws (one class only) are left out.
    """
    names, place = np.unique(groups, return_inverse=True)
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    low, high = np.nanquantile([measure(weight * times[place]) for times in drawn], [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bootstrap_interval(
    measure: Callable[[Ints], float], groups: Ints, *, draws: int = 200, level: float = 0.9, seed: int = 7
) -> tuple[float, float]:
    """The interval of a measure when whole assets are drawn again with replacement.

    measure: takes the numbers of the drawn rows. NaN draws (one class only) are left out.
    """
    random = np.random.default_rng(seed)
    order = np.argsort(groups, kind="stable")
    _, counts = np.unique(groups, return_counts=True)
    rows = np.split(order, np.cumsum(counts)[:-1])
    values = [
        measure(np.concatenate([rows[number] for number in random.integers(len(rows), size=len(rows))]))
        for _ in range(draws)
    ]
    low, high = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
