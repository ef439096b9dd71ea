"""What a model is worth in money: the long-run cost per unit of time under it, against three ways of doing without.

A. Kamariotis, K. Tatsis, E. Chatzi, K. Goebel, D. Straub: A metric for assessing and optimizing data-driven prognostic algorithms
for predictive maintenance. Reliability Engineering and System Safety 242, 2024. By the renewal-reward theorem the long-run cost per
unit of time is the mean cost of a life divided by its mean length (R. E. Barlow, F. Proschan: Mathematical theory of reliability,
1965); with lives that are seen in part (older than the data, or still running) both are sums over what was seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdm.catalogue import Costs
from pdm.learning.model import Floats
from pdm.learning.targets import Bools


@dataclass(frozen=True)
class SeenLives:
    """Stretches of lives under a policy, one entry per life [n], native units.

    entry, end: age at which the life came into sight and left it. failed: it ended in a failure that counts.
    repaired_before: how long before its end the policy would have had it repaired; NaN when not, or too late.
    false_alerts: alerts after which an inspection would have found nothing.
    """

    entry: Floats
    end: Floats
    failed: Bools
    repaired_before: Floats
    false_alerts: Floats


@dataclass(frozen=True)
class CostRates:
    """Long-run costs per unit of time, in the plant's currency; NaN where nothing was seen.

    policy: acting on the model's alerts. run_to_failure: acting on nothing. fixed_interval: replacing at the age `interval`, the
    best one in hindsight (so a flattered rival). perfect: repairing just before every failure.
    regret: (policy - perfect) / perfect, the metric of the paper: 0 is perfect.
    """

    policy: float
    run_to_failure: float
    fixed_interval: float
    perfect: float
    interval: float

    @property
    def regret(self) -> float:
        return (self.policy - self.perfect) / self.perfect if self.perfect > 0 else float("nan")


def cost_rates(lives: SeenLives, costs: Costs) -> CostRates:
    """The four rates.

    Every alert that is not false leads to a planned repair, which takes the rest of the life away; a failure that comes first costs
    a missed failure.

    >>> two = SeenLives(
    ...     np.zeros(2), np.array([100.0, 50.0]), np.array([True, True]), np.array([10.0, np.nan]), np.array([1.0, 0.0])
    ... )
    >>> rates = cost_rates(two, Costs(missed_failure=100.0, planned_repair=20.0, false_alert=5.0))
    >>> rates.policy == (20 + 100 + 5) / (90 + 50), rates.run_to_failure == 200 / 150, rates.perfect == 40 / 150
    (True, True, True)
    """
    seen = float((lives.end - lives.entry).sum())
    failures = int(lives.failed.sum())
    if seen <= 0:
        return CostRates(*[float("nan")] * 5)
    spent, lived = (float(part.sum()) for part in spent_and_lived(lives, costs))
    fixed, interval = best_interval(lives, costs)
    return CostRates(
        policy=spent / lived if lived > 0 else float("nan"),
        run_to_failure=failures * costs.missed_failure / seen,
        fixed_interval=fixed,
        perfect=failures * costs.planned_repair / seen,
        interval=interval,
    )


def spent_and_lived(lives: SeenLives, costs: Costs) -> tuple[Floats, Floats]:
    """What every life cost under the policy, and how long it lasted then, [n]."""
    planned = lives.failed & ~np.isnan(lives.repaired_before)
    spent = (
        planned * costs.planned_repair
        + (lives.failed & ~planned) * costs.missed_failure
        + lives.false_alerts * costs.false_alert
    )
    seen = lives.end - lives.entry
    lived = np.where(planned, seen - np.minimum(np.nan_to_num(lives.repaired_before), seen), seen)
    return np.asarray(spent, dtype=np.float64), np.asarray(lived, dtype=np.float64)


def best_interval(lives: SeenLives, costs: Costs) -> tuple[float, float]:
    """The lowest rate of age replacement, and the age; infinity as the age when waiting for the failure is cheapest.

    C(t) = (planned * S(t) + missed * (1 - S(t))) / (integral of S from 0 to t), S by Kaplan and Meier with late entry.

    >>> lives = SeenLives(np.zeros(2), np.array([4.0, 8.0]), np.ones(2, dtype=bool), np.full(2, np.nan), np.zeros(2))
    >>> best_interval(lives, Costs(missed_failure=100.0, planned_repair=10.0, false_alert=0.0))
    (2.5, 4.0)
    """
    ages, survival, area = survival_curve(lives)
    if not len(ages):
        return 0.0, float("inf")
    before = np.concatenate([[1.0], survival[:-1]])  # a replacement at the very age of a failure comes just before it
    rates = (costs.planned_repair * before + costs.missed_failure * (1 - before)) / area
    waiting = float(lives.failed.sum()) * costs.missed_failure / float((lives.end - lives.entry).sum())
    best = int(np.argmin(rates))
    return (float(rates[best]), float(ages[best])) if rates[best] < waiting else (waiting, float("inf"))


def survival_curve(lives: SeenLives) -> tuple[Floats, Floats, Floats]:
    """Ages of failures (rising), S just after each, and the area under S up to each: product limit with late entry.

    E. L. Kaplan, P. Meier: Nonparametric estimation from incomplete observations. JASA 53, 1958.
    """
    ages = np.unique(lives.end[lives.failed])
    ages = ages[ages > 0]
    at_risk = np.array([((lives.entry < age) & (lives.end >= age)).sum() for age in ages], dtype=np.float64)
    deaths = np.array([(lives.failed & (lives.end == age)).sum() for age in ages], dtype=np.float64)
    survival: Floats = np.asarray(np.cumprod(1 - deaths / np.maximum(at_risk, 1)), dtype=np.float64)
    steps = np.diff(ages, prepend=0.0)
    area = np.cumsum(steps * np.concatenate([[1.0], survival[:-1]])) if len(ages) else np.zeros(0)
    return ages, survival, area
