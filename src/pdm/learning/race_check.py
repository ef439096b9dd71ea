"""Is what is said about competing failure modes what comes? Cumulative incidence stated out of fold, beside the one that was seen.

Stated: the mean over all rows of the chance that a mode comes first within h, from the survival curve and the race of the modes' own
models. Seen: Aalen and Johansen's estimate over the same rows, so that lives that were cut short count while they were seen. Every row
counts the same: a weight that makes assets equal would know how long each has lasted, and so favour those that failed soon.
1 - Kaplan-Meier of each mode alone would promise more than can happen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdm.catalogue import Target
from pdm.learning.competing import first_to_fail, incidence_seen
from pdm.learning.model import Floats
from pdm.learning.survival import monotone
from pdm.learning.targets import Bools, Ints, Labels

_DRAWS, _SEED = 60, 7
_SAME = 1e-6


@dataclass(frozen=True)
class Said:
    """Out-of-fold answers of one target: P(failure of its modes within each of `horizons`) [n, g], and what was true.

    period: whose labels these are; only targets that were learnt over the same period are compared.
    """

    target: Target
    period: str
    horizons: Floats
    chances: Floats
    labels: Labels


def said_of(target: Target, period: str, answers: Mapping[str, Floats], honest: object, labels: Labels) -> Said:
    """What was said out of fold, as chances. honest: the calibrated probability of a `failure_within` target."""
    if target.kind == "failure_within":
        return Said(target, period, np.array([target.horizon]), np.asarray(honest)[:, None], labels)
    roles = sorted((role for role in answers if role.startswith("h")), key=lambda role: float(role[1:]))
    horizons = np.array([float(role[1:]) for role in roles])
    return Said(target, period, horizons, monotone(np.column_stack([answers[role] for role in roles])), labels)


def checked(told: Sequence[Said], groups: Ints) -> tuple[dict[str, float], ...]:
    """The race of a class's targets: the first remaining life whose modes all have a target of their own, else nothing."""
    own = {
        one.target.modes[0]: one for one in told if one.target.kind == "failure_within" and len(one.target.modes) == 1
    }
    for whole in told:
        if whole.target.kind == "remaining_life" and set(whole.target.modes) <= set(own):
            mine = {mode: own[mode] for mode in whole.target.modes}
            if all(one.period == whole.period for one in mine.values()):
                return tuple(race_check(whole, mine, groups))
    return ()


def race_check(whole: Said, own: Mapping[str, Said], groups: Ints) -> list[dict[str, float]]:
    """One row per horizon: `horizon`, and of every mode `<mode>.said`, `.seen` with the 90 % interval `.low` to `.high` over assets.

    whole: of a remaining-life target. own: each of its modes -> what its own `failure_within` target said, all within one horizon.
    """
    if len(own) < 2 or len({float(said.horizons[0]) for said in own.values()}) > 1:
        return []
    alone = {mode: said.chances[:, 0] for mode, said in own.items()}
    known = whole.labels.kept & np.isfinite(whole.chances).all(axis=1)
    known &= np.logical_and.reduce([np.isfinite(chance) for chance in alone.values()])
    if not known.any():
        return []
    raced = first_to_fail({mode: chance[known] for mode, chance in alone.items()})
    total = np.sum(list(raced.values()), axis=0)
    weight = np.ones(int(known.sum()))
    duration = whole.labels.remaining[known]
    cause = _causes(whole.labels, own, known)
    seen = incidence_seen(duration, cause, whole.horizons, weight)
    spread = _spread(duration, cause, whole.horizons, weight, groups[known])
    rows = [{"horizon": float(horizon)} for horizon in whole.horizons]
    for number, mode in enumerate(own, 1):
        share = np.divide(raced[mode], total, out=np.zeros_like(total), where=total > 0)
        for place, row in enumerate(rows):
            said = share * whole.chances[known, place]
            row[f"{mode}.said"] = float(np.average(said, weights=weight))
            row[f"{mode}.seen"] = float(seen[number][place]) if number in seen else 0.0
            low, high = np.quantile([draw[number][place] if number in draw else 0.0 for draw in spread], [0.05, 0.95])
            row[f"{mode}.low"], row[f"{mode}.high"] = float(low), float(high)
    return rows


def _causes(labels: Labels, own: Mapping[str, Said], known: Bools) -> Ints:
    """What ended each row's life: the number of the mode from 1 on, 0 where it was cut short or ended otherwise."""
    cause = np.zeros(int(known.sum()), dtype=np.int64)
    ended, remaining = labels.observed[known], labels.remaining[known]
    for number, said in enumerate(own.values(), 1):
        mine = said.labels.observed[known] & (np.abs(said.labels.remaining[known] - remaining) < _SAME)
        cause[ended & mine] = number
    return cause


def _spread(duration: Floats, cause: Ints, horizons: Floats, weight: Floats, groups: Ints) -> list[dict[int, Floats]]:
    """What would have been seen of other assets: every asset drawn again with replacement."""
    _, index = np.unique(groups, return_inverse=True)
    count = int(index.max()) + 1
    random = np.random.default_rng(_SEED)
    found = []
    for _ in range(_DRAWS):
        times = np.bincount(random.integers(count, size=count), minlength=count)
        found.append(incidence_seen(duration, cause, horizons, weight * times[index]))
    return found
