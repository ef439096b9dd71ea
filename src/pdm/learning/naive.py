"""What needs no sensor at all says about every row: the average, and age alone, each learnt where the model beside it was learnt.

A rival that has seen the rows on which it is judged is no baseline, and neither is an average over rows where every machine shall count
the same: out of fold it is learnt on the other folds, and machines weigh the same in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdm.catalogue import Target
from pdm.learning.baselines import Weibull, age_only
from pdm.learning.model import Floats
from pdm.learning.splits import equal_weights
from pdm.learning.targets import Bools, Ints, Labels


@dataclass(frozen=True)
class Naive:
    """Answers about n rows: P(failure within the horizon), or remaining life up to the cap. constant: the average. age: age alone."""

    constant: Floats
    age: Floats

    def take(self, rows: Bools) -> Naive:
        """The answers about some of the rows."""
        return Naive(self.constant[rows], self.age[rows])


def learn_naive(labels: Labels, truth: Floats, groups: Ints, rows: Bools) -> tuple[float, Weibull]:
    """The average of the rows that are known, every group counting the same, and the Weibull of their lives; NaN where none is known."""
    known = rows & ~np.isnan(truth)
    if not known.any():
        return float("nan"), age_only(labels, rows)
    return float(np.average(truth[known], weights=equal_weights(groups, known)[known])), age_only(labels, rows)


def say_naive(target: Target, learnt: tuple[float, Weibull], age: Floats) -> Naive:
    """What was learnt says about rows of these ages."""
    constant, weibull = learnt
    by_age = (
        weibull.failure_within(age, target.horizon)
        if target.kind == "failure_within"
        else weibull.mean_remaining(age, target.cap)
    )
    return Naive(np.full(len(age), constant), by_age)


def naive_out_of_fold(target: Target, labels: Labels, truth: Floats, groups: Ints, fold: Ints, rows: Bools) -> Naive:
    """The answers about every one of `rows`, each learnt on the other folds; NaN elsewhere."""
    found = Naive(np.full(len(truth), np.nan), np.full(len(truth), np.nan))
    rows = rows & labels.kept
    for number in np.unique(fold[rows]):
        held, others = rows & (fold == number), rows & (fold != number)
        learnt = others if (others & ~np.isnan(truth)).any() else rows  # one fold alone has nobody else to learn from
        told = say_naive(target, learn_naive(labels, truth, groups, learnt), labels.age[held])
        found.constant[held], found.age[held] = told.constant, told.age
    return found
