"""Two levels compared by what plants know: the share of recorded failures warned of, at the same rate of alerts that no record followed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pdm.learning.expected.design import Floats

RATES = (0.03, 0.05, 0.08, 0.1, 0.13, 0.2, 0.25, 0.3)
LEAD, EARLY = 3.0, 90.0
"""An alert warns of a failure recorded so many days later."""
CLOSED = 14.0
"""An alert stands so many days; none is raised while one does."""
_LIMITS, _DRAWS, _SEED = 40, 500, 3


@dataclass(frozen=True)
class Trial:
    """One level at many limits. unfounded, warned: [limits, plants], alerts and recorded failures. years, recorded: [plants]."""

    unfounded: Floats
    warned: Floats
    years: Floats
    recorded: Floats

    def shares(self, weights: Floats) -> Floats:
        """Share of recorded failures warned of at each rate of `RATES`, plants weighing so much; 0 where no limit is so quiet."""
        rate = self.unfounded @ weights / max(float(self.years @ weights), 1e-9)
        share = self.warned @ weights / max(float(self.recorded @ weights), 1e-9)
        return np.array([share[rate <= most].max(initial=0.0) for most in RATES])

    def at_rates(self) -> dict[str, float]:
        """The shares, as JSON."""
        shares = self.shares(np.ones(len(self.years)))
        return {f"{rate:g}": round(float(share), 3) for rate, share in zip(RATES, shares, strict=True)}


@dataclass(frozen=True)
class Gain:
    """How much more of the recorded failures, on average over the rates; better: share of draws of plants in which it is more."""

    middle: float
    low: float
    high: float
    better: float


def trial_of(days: pd.DataFrame, labels: Floats, values: Floats, years: Floats, recorded: Floats) -> Trial:
    """Alerts at many limits of `values`, one per row of `days`; plants are numbered as `years` and `recorded` are."""
    limits = np.unique(np.quantile(values, 1 - np.geomspace(0.002, 0.6, _LIMITS)))[::-1]
    order = np.lexsort((days["day"], days["machine"], days["plant"]))
    plant, machine, day, ahead = (
        days[name].to_numpy(dtype=np.float64)[order] for name in ("plant", "machine", "day", "failed_in")
    )
    value, label = values[order], labels[order]
    unfounded, warned = (np.zeros((len(limits), len(years))) for _ in range(2))
    for number, limit in enumerate(limits):
        found: set[tuple[float, float, int]] = set()
        who, until = (-1.0, -1.0), -np.inf
        for row in np.flatnonzero(value >= limit):
            if (plant[row], machine[row]) != who:
                who, until = (plant[row], machine[row]), -np.inf
            if day[row] < until:
                continue
            until = day[row] + CLOSED
            if label[row] == 0:
                unfounded[number, int(plant[row])] += 1
            elif LEAD <= ahead[row] <= EARLY:
                found.add((*who, round(day[row] + ahead[row])))
        for where, _, _ in found:
            warned[number, int(where)] += 1
    return Trial(unfounded, warned, years, recorded)


def gain_of(plain: Trial, learnt: Trial) -> Gain:
    """What the second saves over the first, with a bootstrap over plants."""
    count = len(plain.years)
    chance = np.random.default_rng(_SEED)

    def more(weights: Floats) -> float:
        return float((learnt.shares(weights) - plain.shares(weights)).mean())

    drawn = np.array(
        [more(np.bincount(chance.integers(count, size=count), minlength=count).astype(float)) for _ in range(_DRAWS)]
    )
    low, high = (float(value) for value in np.quantile(drawn, [0.025, 0.975]))
    return Gain(more(np.ones(count)), low, high, float((drawn > 0).mean()))
