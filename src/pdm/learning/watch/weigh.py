"""Learn from the recorded failures of several plants what evidence is worth; used only where it beats the plain level out of fold.

A day is a warning when a failure, or a repair of something found failing, was recorded within `HORIZON` days; it is unknown, not sound,
up to `CLEAR` days before one and where records end too soon to say. A fortnight of a machine weighs as much as any other, however many of
its days passed the floor.

Whether it is used, is asked plant by plant: scores of a plant come from what the others taught. Both levels are compared at the same
rates of alerts that no record followed, by the share of recorded failures that they warned of; that alone is what plants know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.errors import TooLittleData
from pdm.learning.expected.design import Floats
from pdm.learning.watch.gather import Gathered, once, pooled
from pdm.learning.watch.pieces import FLOOR, NAMES, RISING
from pdm.learning.watch.trial import gain_of, trial_of
from pdm.learning.watch.weighing import Weighing, scores_of

HORIZON, CLEAR, SETTLED = 30.0, 90.0, 45.0
FORTNIGHT = 14.0
PLANTS, FAILURES = 4, 20
SURE = 0.9
"""Share of draws of plants in which it must be better."""
FOLDS = 8
_LEVELS = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)
_LEAST_EPISODES = 3
_ROUNDS, _SEED = 240, 7


@dataclass(frozen=True)
class Weighed:
    """weighing: what was learnt, None where it is not to be used. why: the reason, in words. facts: figures of the comparison."""

    weighing: Weighing | None
    why: str
    facts: dict[str, Any]


def label_days(days: pd.DataFrame) -> Floats:
    """1: a record followed soon, 0: none did for long, NaN: nobody knows.

    >>> days = pd.DataFrame({"failed_in": [5.0, 60.0, 200.0, np.nan, np.nan], "known_for": [99.0, 99.0, 300.0, 50.0, 20.0]})
    >>> label_days(days).tolist()
    [1.0, nan, 0.0, 0.0, nan]
    """
    ahead, known = (days[name].to_numpy(dtype=np.float64) for name in ("failed_in", "known_for"))
    never = np.where(known >= SETTLED, 0.0, np.nan)
    later = np.where(ahead <= HORIZON, 1.0, np.where(ahead <= CLEAR, np.nan, 0.0))
    return np.where(np.isnan(ahead), never, later)


def weigh(plants: Sequence[Gathered]) -> Weighed:
    """Learn a weighing from several plants, and say whether it is to be used.

    Raises:
        TooLittleData: fewer plants or recorded failures than the rule asks for.
    """
    plants = once(plants)
    failures = sum(one.failures for one in plants)
    if len(plants) < PLANTS or failures < FAILURES:
        raise TooLittleData(
            f"{failures} recorded failures of {len(plants)} plants: {FAILURES} of {PLANTS} are needed to weigh evidence",
            hint="pool the evidence of more plants, or of a longer time: plantpdm evidence export",
        )
    days = pooled(plants)
    labels = label_days(days)
    scores = _out_of_fold(days, labels, len(plants))
    years = np.array([one.machine_days / 365.25 for one in plants])
    recorded = np.array([one.failures for one in plants], dtype=np.float64)
    plain = trial_of(days, labels, days["level"].to_numpy(dtype=np.float64), years, recorded)
    learnt = trial_of(days, labels, scores, years, recorded)
    gain = gain_of(plain, learnt)
    facts = {
        "plants": len(plants),
        "failures": failures,
        "machine_years": round(float(years.sum()), 1),
        "gain": round(gain.middle, 4),
        "low": round(gain.low, 4),
        "high": round(gain.high, 4),
        "better": round(gain.better, 3),
        "plain": plain.at_rates(),
        "learnt": learnt.at_rates(),
    }
    told = (
        f"on plants that taught nothing it warned of {gain.middle:+.1%} of the recorded failures at the same rates of alerts "
        f"without a record (95 % interval over plants {gain.low:+.1%} to {gain.high:+.1%}), better in {gain.better:.0%} of draws"
    )
    if gain.better < SURE or gain.middle <= 0:
        return Weighed(None, f"the plain level stays: {told}, {SURE:.0%} are asked for", facts)
    levels, places = _table(days, labels, scores)
    booster = _grow(days, labels, np.ones(len(days), dtype=np.bool_))
    return Weighed(Weighing(booster, tuple(places), tuple(levels), facts), told, facts)


def _out_of_fold(days: pd.DataFrame, labels: Floats, plants: int) -> Floats:
    """The score of every day from what other plants taught."""
    plant = days["plant"].to_numpy(dtype=np.int64)
    fold = np.random.default_rng(_SEED).permutation(plants)[plant] % min(FOLDS, plants)
    table = days[list(NAMES)].to_numpy(dtype=np.float64)
    scores = np.full(len(days), np.nan)
    for one in range(min(FOLDS, plants)):
        scores[fold == one] = scores_of(_grow(days, labels, fold != one), table[fold == one])
    return scores


def _grow(days: pd.DataFrame, labels: Floats, chosen: npt.NDArray[np.bool_]) -> str:
    """The text of a booster grown on some days: few leaves, strong shrinking, and more of a rising piece never speaks for soundness."""
    import lightgbm

    from pdm.learning.boosters import text_of

    rows = np.flatnonzero(chosen & np.isfinite(labels))
    if len(np.unique(labels[rows])) < 2:
        raise TooLittleData(
            "no recorded failure came after a day with evidence, or every one did", hint="pool more plants"
        )
    table = days[list(NAMES)].to_numpy(dtype=np.float32)[rows].astype(np.float64)
    spell = _fortnights(days).iloc[rows]
    weights = 1.0 / spell.groupby(spell).transform("size").to_numpy()
    parameters = {
        "objective": "binary",
        "num_leaves": 8,
        "learning_rate": 0.025,
        "min_data_in_leaf": min(60, max(5, len(rows) // 40)),
        "lambda_l2": 20.0,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "max_bin": 63,
        "monotone_constraints": [int(name in RISING) for name in NAMES],
        "seed": _SEED,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
    names = [f"f{number}" for number in range(len(NAMES))]
    data = lightgbm.Dataset(table, label=labels[rows], weight=weights, feature_name=names)
    return text_of(lightgbm.train(parameters, data, num_boost_round=_ROUNDS))


def _fortnights(days: pd.DataFrame) -> pd.Series:
    """Plant, machine and fortnight of each day, as one number."""
    part = np.floor(days["day"].to_numpy(dtype=np.float64) / FORTNIGHT).astype(np.int64)
    return (days["plant"].astype(np.int64) * 10**5 + days["machine"].astype(np.int64)) * 10**4 + part


def _table(days: pd.DataFrame, labels: Floats, scores: Floats) -> tuple[list[float], list[float]]:
    """Levels and the scores that as many fortnights without a record reach: at each level both disturb as rarely."""
    sound = np.flatnonzero(labels == 0)
    which = _fortnights(days).to_numpy()[sound]
    plain = pd.Series(days["level"].to_numpy(dtype=np.float64)[sound]).groupby(which).max().to_numpy()
    learnt = np.sort(pd.Series(scores[sound]).groupby(which).max().to_numpy())[::-1]
    levels, places = [0.0], [float(learnt[-1]) - 1.0]
    for level in _LEVELS:
        count = int((plain >= level).sum())
        if count < _LEAST_EPISODES:
            break
        if (place := float(learnt[count - 1])) > places[-1] and level >= FLOOR:
            levels.append(level)
            places.append(place)
    if len(levels) < 3:
        raise TooLittleData("too few machines without a record ever came near the limit", hint="pool more plants")
    rise = (levels[-1] - levels[1]) / max(places[-1] - places[1], 1e-9)
    return [*levels, levels[-1] + rise], [*places, places[-1] + 1.0]
