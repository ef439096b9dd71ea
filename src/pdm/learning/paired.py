"""Two models on the same rows: each figure, and how sure we are of the difference, when whole items are drawn again.

Every figure that decides is a sum over items divided by another one, so that drawing items again (B. Efron, R. Tibshirani: An
introduction to the bootstrap, 1993) only means weighing these sums anew, for both models alike: what is hard for one item is hard
for both, and the difference is far surer than either figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pdm.catalogue import Axis, ModelDefinition, Target
from pdm.learning.economy import spent_and_lived
from pdm.learning.episodes import judge_episodes, seen_lives
from pdm.learning.evaluation import CYCLES, DAYS_A_YEAR
from pdm.learning.model import Floats
from pdm.learning.targets import Ints, Labels

DRAWS = 2000


@dataclass(frozen=True)
class Ratio:
    """A figure as sums per item: above [g] / below [g]; root: the square root of that."""

    above: Floats
    below: Floats
    root: bool = False

    def values(self, weights: Floats) -> Floats:
        """The figure under every weighing of the items.

        weights: [draws, g]. Returns: float64 [draws]; NaN where there is nothing below.
        """
        below = weights @ self.below
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(below > 0, weights @ self.above / below, np.nan)
        return np.sqrt(value) if self.root else np.asarray(value, dtype=np.float64)


@dataclass(frozen=True)
class Difference:
    """One figure of two models on the same rows.

    low, high: 90 % interval of challenger - champion over the draws. new, old: both figures in every draw that has them.
    """

    challenger: float
    champion: float
    low: float
    high: float
    new: Floats
    old: Floats

    def share(self, worse: Floats, allowed: float) -> float:
        """Share of the draws in which the challenger is no more than `allowed` worse; `worse`: by how much it is, per draw."""
        return float(np.mean(worse <= allowed)) if len(worse) else float("nan")


def difference(challenger: Ratio, champion: Ratio, *, draws: int = DRAWS, seed: int = 7) -> Difference:
    """Both figures and their difference when the same items are drawn for both.

    >>> one = Ratio(np.array([4.0, 1.0]), np.ones(2), root=True)
    >>> found = difference(one, Ratio(np.array([16.0, 1.0]), np.ones(2), root=True))
    >>> round(found.challenger, 3), round(found.champion, 3), bool(found.low <= found.high <= 0)
    (1.581, 2.915, True)
    """
    items = len(challenger.above)
    once = np.ones((1, items))
    drawn = np.random.default_rng(seed).multinomial(items, np.full(items, 1 / items), size=draws).astype(np.float64)
    new, old = challenger.values(drawn), champion.values(drawn)
    known = ~np.isnan(new - old)
    new, old = new[known], old[known]
    low, high = np.quantile(new - old, [0.05, 0.95]) if len(new) else (float("nan"), float("nan"))
    return Difference(
        float(challenger.values(once)[0]), float(champion.values(once)[0]), float(low), float(high), new, old
    )


def figures(rows: pd.DataFrame, target: Target, definition: ModelDefinition, axis: Axis) -> Mapping[str, Ratio]:
    """Every deciding figure of one model on rows of one target and question, as sums per item.

    rows: `pdm.learning.answers.COLUMNS`; every item weighs the same, as in the report.
    """
    group = pd.factorize(rows["group"], sort=True)[0].astype(np.int64)
    labels = Labels(
        rows["remaining"].to_numpy(np.float64),
        rows["observed"].to_numpy(dtype=bool),
        rows["age"].to_numpy(np.float64),
        rows["life"].to_numpy(np.int64),
    )
    answer = rows["answer"].to_numpy(np.float64)
    count = int(group.max()) + 1 if len(group) else 0
    if target.kind == "failure_within":
        truth = labels.within(target.horizon)
        return {
            "brier": _mean((answer - truth) ** 2, truth, group, count),
            **_alerts(rows, labels, answer, group, count, target, definition, axis),
        }
    truth = labels.capped(target.cap)
    low, high = rows["low"].to_numpy(np.float64), rows["high"].to_numpy(np.float64)
    late = (answer - truth) / (target.cap / CYCLES)
    outside = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
    with np.errstate(over="ignore"):
        score = np.where(late < 0, np.expm1(-late / 13), np.expm1(late / 10))
    return {
        "rmse": _mean((answer - truth) ** 2, truth, group, count, root=True),
        "nasa_mean": _mean(score, truth, group, count),
        "winkler90": _mean(high - low + 20 * outside, truth, group, count),
        "coverage90": _mean(((low <= truth) & (truth <= high)).astype(np.float64), truth, group, count),
    }


def _mean(values: Floats, truth: Floats, group: Ints, count: int, *, root: bool = False) -> Ratio:
    """The mean over items of the mean over an item's rows that can be judged."""
    known = np.flatnonzero(~np.isnan(truth) & ~np.isnan(values))
    rows = np.bincount(group[known], minlength=count).astype(np.float64)
    total = np.bincount(group[known], weights=values[known], minlength=count)
    return Ratio(total / np.maximum(rows, 1), (rows > 0).astype(np.float64), root)


def _alerts(
    rows: pd.DataFrame,
    labels: Labels,
    answer: Floats,
    group: Ints,
    count: int,
    target: Target,
    definition: ModelDefinition,
    axis: Axis,
) -> dict[str, Ratio]:
    """Recall, false alerts and costs of the class's policy."""
    positions = rows["position"].to_numpy(np.float64)
    codes = pd.factorize(rows["asset"])[0].astype(np.int64)
    found = judge_episodes(answer, positions, codes, labels, definition.policy, horizon=target.horizon)
    modes = [definition.mode(name) for name in target.modes]
    planning = max(mode.planning_time + mode.parts_time for mode in modes)
    lives = seen_lives(found, labels, planning_time=planning)
    first = np.unique(found.segment, return_index=True)[1]
    owner = group[found.rows[first]]  # the item of every life
    per_year = axis.per_day * DAYS_A_YEAR
    findable = labels.observed[found.rows] & (labels.remaining[found.rows] <= target.horizon)
    open_lives, hit = np.unique(found.segment[findable]), np.unique(found.owner[found.true])
    years = (lives.end - lives.entry) / per_year
    spent, lived = spent_and_lived(lives, definition.costs)
    return {
        "recall": Ratio(
            np.bincount(owner[hit], minlength=count).astype(np.float64),
            np.bincount(owner[open_lives], minlength=count).astype(np.float64),
        ),
        "false_per_year": Ratio(_per_item(owner, lives.false_alerts, count), _per_item(owner, years, count)),
        "cost_per_year": Ratio(_per_item(owner, spent, count), _per_item(owner, lived / per_year, count)),
    }


def _per_item(owner: Ints, values: Floats, count: int) -> Floats:
    return np.bincount(owner, weights=values, minlength=count).astype(np.float64)
