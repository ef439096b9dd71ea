"""How well remaining life is foretold over a whole life, not on single rows: the measures of Saxena et al.

A. Saxena, J. Celaya, B. Saha, S. Saha, K. Goebel: Metrics for offline evaluation of prognostic performance. International Journal
of Prognostics and Health Management 1(1), 2010. Only lives whose failure was seen can be judged, from the moment at which the
true remaining life is no longer above the cap: before it nobody is asked for a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pdm.learning.model import Floats
from pdm.learning.targets import Ints

ALPHA = 0.2
"""An answer within a fifth of the truth is good enough to plan with."""
HALF = 0.5
LAST = 0.9
"""Relative accuracy divides by the truth; the last tenth of a life, where that means nothing, is left out."""


@dataclass(frozen=True)
class Foresight:
    """Means over the lives that could be judged; NaN when there were none.

    alpha_lambda: share of lives whose answer half way was within `alpha` of the truth.
    horizon: median prognostic horizon, native units; a life that never settled counts 0.
    relative_accuracy: mean cumulative relative accuracy, 1 is perfect.
    """

    lives: int
    alpha_lambda: float
    horizon: float
    relative_accuracy: float


def foresight(predicted: Floats, remaining: Floats, age: Floats, life: Ints, cap: float) -> Foresight:
    """The three measures over all lives.

    predicted, remaining: answer and truth [n], native units. age: of the life [n]. life: number of the life [n].
    """
    judged = [
        (
            alpha_lambda(guess, truth),
            prognostic_horizon(guess, truth, span=float((old + truth).max())),
            relative_accuracy(guess, truth),
        )
        for guess, truth, old in _lives(predicted, remaining, age, life, cap)
    ]
    if not judged:
        return Foresight(0, float("nan"), float("nan"), float("nan"))
    half, horizon, accuracy = (np.array(values, dtype=np.float64) for values in zip(*judged, strict=True))
    return Foresight(len(judged), float(half.mean()), float(np.median(horizon)), float(np.nanmean(accuracy)))


def alpha_lambda(predicted: Floats, truth: Floats, *, alpha: float = ALPHA, share: float = HALF) -> bool:
    """Whether the answer at `share` of the way to the end (lambda) lies within `alpha` of the truth.

    One life in order of time; the row nearest to lambda counts. (1 - alpha) r <= answer <= (1 + alpha) r.

    >>> alpha_lambda(np.array([90.0, 61.0, 20.0]), np.array([100.0, 50.0, 0.0]))
    False
    >>> alpha_lambda(np.array([90.0, 60.0, 20.0]), np.array([100.0, 50.0, 0.0]))
    True
    """
    at = int(np.argmin(np.abs(truth - (1 - share) * truth[0])))
    return bool(abs(predicted[at] - truth[at]) <= alpha * truth[at] + 1e-9)


def prognostic_horizon(predicted: Floats, truth: Floats, *, span: float, alpha: float = ALPHA / 2) -> float:
    """How long before the end the answers come within `alpha` * `span` of the truth and stay there; 0 when they never do.

    One life in order of time. span: length of the whole life; the band is the same all along, as in the paper. The paper takes
    the first entry into the band; here the answers must also stay inside, since a planner cannot tell a lucky one.

    >>> prognostic_horizon(np.array([95.0, 80.0, 48.0, 22.0]), np.array([100.0, 60.0, 40.0, 20.0]), span=100.0)
    40.0
    """
    outside = np.flatnonzero(np.abs(predicted - truth) > alpha * span)
    first = int(outside[-1]) + 1 if len(outside) else 0
    return float(truth[first]) if first < len(truth) else 0.0


def relative_accuracy(predicted: Floats, truth: Floats, *, until: float = LAST) -> float:
    """Cumulative relative accuracy of one life: the mean of 1 - |answer - r| / r until `until` of the way; NaN without rows.

    >>> relative_accuracy(np.array([80.0, 60.0, 9.0]), np.array([100.0, 50.0, 1.0]))
    0.8
    """
    rows = truth >= (1 - until) * truth[0] - 1e-9
    rows &= truth > 0
    if not rows.any():
        return float("nan")
    return float(np.mean(1 - np.abs(predicted[rows] - truth[rows]) / truth[rows]))


def alpha_lambda_curve(
    predicted: Floats, remaining: Floats, age: Floats, life: Ints, cap: float, *, points: int = 10
) -> list[dict[str, float]]:
    """Share of lives within `ALPHA` of the truth at each tenth of the way to the end: what the chart draws.

    Returns:
        `way` (lambda), `within` (share of lives), `lives` for every point.
    """
    lives = list(_lives(predicted, remaining, age, life, cap))
    curve = []
    for share in np.linspace(0.0, LAST, points):
        found = [alpha_lambda(guess, truth, share=float(share)) for guess, truth, _ in lives]
        within = float(np.mean(found)) if found else float("nan")
        curve.append({"way": float(share), "within": within, "lives": float(len(found))})
    return curve


def by_band(
    edges: Floats, remaining: Floats, weight: Floats, measures: Mapping[str, Callable[[Ints, Floats], float]]
) -> list[dict[str, float]]:
    """One row per band of the true remaining life that has any rows: `from`, `to`, `rows` and every measure.

    edges: rising, native units; the first band begins at 0, the last one is open.
    measures: take the numbers of the rows in a band and their weights.
    """
    table = []
    bounds = [0.0, *(float(edge) for edge in edges), np.inf]
    for low, high in pairwise(bounds):
        rows = np.flatnonzero((remaining >= low) & (remaining < high)).astype(np.int64)
        if len(rows):
            figures = {name: measure(rows, weight[rows]) for name, measure in measures.items()}
            table.append({"from": low, "to": high, "rows": float(len(rows)), **figures})
    return table


def _lives(
    predicted: Floats, remaining: Floats, age: Floats, life: Ints, cap: float
) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Answer, truth and age of every life in order of time, from the cap on; a life needs three rows and a way to go."""
    asked = np.flatnonzero(remaining <= cap)
    order = asked[np.lexsort((-remaining[asked], life[asked]))]
    for rows in np.split(order, np.flatnonzero(np.diff(life[order])) + 1):
        if len(rows) >= 3 and remaining[rows[0]] > remaining[rows[-1]]:
            yield predicted[rows], remaining[rows], age[rows]
