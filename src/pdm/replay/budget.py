"""The alert budget: which limits keep to so many alerts a week and miss no critical failure, on scores that nobody has learnt from.

Every candidate is a policy that decides over the same stored scores. Of those within the budget the one with the fewest critical
misses is taken, then the one that finds most, then the one with the fewest unfounded alerts. What was chosen on a stretch looks
better there than it will be: so the same choice is made on the first half alone, and told by what it did on the second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import ceil, log
from typing import Any

import numpy as np

from pdm.catalogue import Policy
from pdm.learning.metrics import binomial_interval
from pdm.scoring.assessment import Assessment

PERSISTENCE = ((1, 1), (2, 3), (3, 4))
LEVELS = (0.0, 1.0, 1.3, 1.8)
SHARES = (0.5, 0.8, 0.9, 0.96, 0.985, 0.995)
DEAD_BAND = 0.5
SURE = 0.9


@dataclass(frozen=True)
class Trial:
    """What one candidate did over a stretch. critical: failures on the assets that must not be missed."""

    policy: Policy
    weeks: float
    alerts: int
    unfounded: int
    failures: int
    found: int
    critical: int
    critical_found: int

    @property
    def per_week(self) -> float:
        return self.alerts / self.weeks

    @property
    def order(self) -> tuple[float, ...]:
        """Smaller is better."""
        return self.critical - self.critical_found, -self.found, self.unfounded, self.alerts

    def document(self) -> dict[str, Any]:
        """As JSON."""
        low, high = binomial_interval(self.critical_found, self.critical, level=SURE)
        return {
            "raise_at": self.policy.raise_at,
            "clear_at": self.policy.clear_at,
            "raise_deviation": self.policy.raise_deviation,
            "persistence": list(self.policy.persistence),
            "alerts_per_week": round(self.per_week, 3),
            "unfounded": self.unfounded,
            "found": [self.found, self.failures],
            "critical_found": [self.critical_found, self.critical],
            "critical_recall_interval": [round(low, 3), round(high, 3)],
        }


@dataclass(frozen=True)
class Solution:
    """The best candidate, all of them, and how far the choice can be trusted. best: None when no candidate keeps the budget."""

    best: Trial | None
    trials: tuple[Trial, ...]
    held_out: Trial | None
    sentences: tuple[str, ...]


def candidates(policy: Policy, scores: Iterable[Assessment]) -> list[Policy]:
    """Policies around the one in force: limits where this model's scores lie, levels of the watch list, persistence."""
    highest: dict[str, float] = {}
    watched = False
    for one in scores:
        top = max((risk.probability for risk in one.risks if not risk.abstained), default=0.0)
        day = f"{one.asset}|{one.as_of:%Y-%m-%d}"
        highest[day] = max(highest.get(day, 0.0), top)
        watched = watched or bool(one.deviations)
    values = np.array(list(highest.values()) or [policy.raise_at])
    found = {round(float(np.quantile(values, share)), 4) for share in SHARES} | {policy.raise_at}
    limits = sorted(limit for limit in found if 0.005 < limit <= 1.0)
    made = []
    for limit, level, persistence in product(limits, LEVELS if watched else (policy.raise_deviation,), PERSISTENCE):
        made.append(
            replace(
                policy,
                raise_at=limit,
                clear_at=round(limit * DEAD_BAND, 4),
                raise_deviation=level,
                clear_deviation=min(policy.clear_deviation, level) if level else policy.clear_deviation,
                persistence=persistence,
                by_criticality={},
            )
        )
    return made


def solve(
    policies: Sequence[Policy],
    whole: Callable[[Policy], Trial],
    halves: tuple[Callable[[Policy], Trial], Callable[[Policy], Trial]],
    *,
    per_week: float,
) -> Solution:
    """Try every candidate on the whole stretch, and make the choice once more on the first half to see what it does on the second."""
    trials = tuple(whole(policy) for policy in policies)
    best = pick(trials, per_week)
    first = pick([halves[0](policy) for policy in policies], per_week)
    held_out = halves[1](first.policy) if first is not None else None
    return Solution(best, trials, held_out, _sentences(best, trials, held_out, per_week))


def pick(trials: Iterable[Trial], per_week: float) -> Trial | None:
    """The best of those within the budget."""
    return min((one for one in trials if one.per_week <= per_week), key=lambda one: one.order, default=None)


def needed(share: float, sure: float = SURE) -> int:
    """How many failures without a miss it takes to be `sure` that at least `share` of them are found.

    >>> needed(0.9)
    22
    """
    return ceil(log(1 - sure) / log(share))


def _sentences(best: Trial | None, trials: Sequence[Trial], held_out: Trial | None, per_week: float) -> tuple[str, ...]:
    if best is None:
        fewest = min((one.per_week for one in trials), default=float("nan"))
        return (f"No candidate keeps to {per_week:g} alerts a week: the quietest raises {fewest:.2f}.",)
    told = [
        f"{best.per_week:.2f} alerts a week over {best.weeks:.0f} weeks; {best.found} of {best.failures} failures found "
        f"with sufficient lead, {best.unfounded} alerts without anything on record."
    ]
    low, _ = binomial_interval(best.critical_found, best.critical, level=SURE)
    if not best.critical:
        told.append("No critical failure is on record in this time: nothing can be said about missing one.")
    elif best.critical_found < best.critical:
        told.append(
            f"{best.critical - best.critical_found} of {best.critical} critical failures would be missed: "
            "no candidate within the budget finds them."
        )
    else:
        told.append(
            f"All {best.critical} critical failures are found; with so few, the true share may be as low as {low:.0%}. "
            f"It takes {needed(0.9)} without a miss to be {SURE:.0%} sure of nine in ten."
        )
    if held_out is not None:
        told.append(
            f"Chosen on the first half alone, the choice gave {held_out.per_week:.2f} alerts a week on the second half and found "
            f"{held_out.found} of {held_out.failures} failures there."
        )
    return tuple(told)
