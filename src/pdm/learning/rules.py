"""The alarms that a plant has anyway, beside every model: a limit on one feature, and a limit on its exponentially weighted drift.

Both are chosen where the model is learnt, by what their alerts would have cost there, and judged where it is judged: the two features
that tell failures apart best are tried in both directions with limits at a few shares of their values; none is set where none saves
anything. The drift is the weighted mean of a machine's rows (S. W. Roberts, Control chart tests based on geometric moving averages,
Technometrics 1, 1959), less its own first twenty, which say nothing themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from pdm.catalogue import ModelDefinition, Policy, Target
from pdm.learning.economy import spent_and_lived
from pdm.learning.episodes import judge_episodes, seen_lives
from pdm.learning.evaluation import Rows, planning_time
from pdm.learning.metrics import roc_auc
from pdm.learning.model import Floats
from pdm.learning.targets import Bools, Ints

Kind = Literal["limit", "ewma"]
KINDS: tuple[Kind, ...] = ("limit", "ewma")

SHARES = (0.8, 0.9, 0.95, 0.98, 0.99, 0.998)
WEIGHT, OWN_ROWS = 0.2, 20
TRIED, MOST_ROWS, _SAMPLE = 2, 10_000, 2000
_LEVELS = ("mean", "maximum", "minimum", "median", "root_mean_square", "standard_deviation", "quantile", "ewm_mean")


@dataclass(frozen=True)
class Rule:
    """An alert while side * value >= limit. side: 1 for too high, -1 for too low; an infinite limit alerts never."""

    column: int = 0
    side: int = 1
    limit: float = float("inf")

    def score(self, values: Floats) -> Floats:
        """1 where it alerts, else 0, [n]; a gap alerts nobody. values: [n, columns]."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.side * values[:, self.column] >= self.limit, dtype=np.float64)


def level_columns(names: Sequence[str]) -> list[str]:
    """The features on which somebody would set a limit: levels and spreads of a channel; all of them where there is none."""
    found = [name for name in names if name.partition("__")[2].partition("__")[0] in _LEVELS]
    return found or list(names)


def rule_values(kind: Kind, table: Floats, assets: Ints) -> Floats:
    """What a kind of rule looks at, [n, columns]; rows of an asset stand in order of time."""
    if kind == "limit":
        return table
    frame = pd.DataFrame(table)
    smooth = frame.groupby(assets).ewm(alpha=WEIGHT, ignore_na=True).mean().droplevel(0).reindex(frame.index)
    place = frame.groupby(assets).cumcount().to_numpy()
    first = np.where((place < OWN_ROWS)[:, None], table, np.nan)
    own = pd.DataFrame(first).groupby(assets).transform("mean")
    drift = (smooth - own).to_numpy(dtype=np.float64, copy=True)
    drift[place < OWN_ROWS] = np.nan
    return drift


def choose_rule(values: Floats, rows: Rows, target: Target, definition: ModelDefinition, *, seed: int = 7) -> Rule:
    """The rule whose alerts would have cost least over these rows; one that never alerts where none saves anything."""
    within = rows.labels.within(target.horizon)
    best_first = ranked(values, within, seed=seed)
    chosen = _some_assets(rows.assets, seed)
    rows, values = rows.take(chosen), values[chosen]
    best, lowest = Rule(), _price(np.zeros(len(values)), rows, target, definition)
    for column in best_first[:TRIED]:
        seen = values[np.isfinite(values[:, column]), column]
        for side in (1, -1):
            for limit in np.unique(np.quantile(side * seen, SHARES)) if len(seen) else ():
                rule = Rule(column, side, float(limit))
                price = _price(rule.score(values), rows, target, definition)
                if price < lowest:
                    best, lowest = rule, price
    return best


def as_policy(policy: Policy) -> Policy:
    """The class's persistence around a rule that says yes or no."""
    return replace(policy, raise_at=0.5, clear_at=0.5)


def _price(score: Floats, rows: Rows, target: Target, definition: ModelDefinition) -> float:
    """Cost per native unit of time under these alerts; infinite where nothing was seen."""
    found = judge_episodes(
        score, rows.positions, rows.assets, rows.labels, as_policy(definition.policy), horizon=target.horizon
    )
    spent, lived = spent_and_lived(
        seen_lives(found, rows.labels, planning_time=planning_time(definition, target)), definition.costs
    )
    return float(spent.sum() / lived.sum()) if lived.sum() > 0 else float("inf")


def ranked(values: Floats, within: Floats, *, seed: int = 7) -> list[int]:
    """Columns by how well they tell failures apart, the best first; all failing rows are asked, and as many others as are enough."""
    random = np.random.default_rng(seed)
    failing, sound = np.flatnonzero(within == 1), np.flatnonzero(within == 0)
    rows = np.concatenate(
        [random.choice(part, min(len(part), _SAMPLE), replace=False) for part in (failing, sound) if len(part)]
        or [np.empty(0, np.int64)]
    )
    areas = []
    for column in range(values.shape[1]):
        known = rows[np.isfinite(values[rows, column])]
        area = roc_auc(values[known, column], within[known]) if len(known) else float("nan")
        areas.append(abs(area - 0.5) if np.isfinite(area) else -1.0)
    return [int(column) for column in np.argsort(-np.array(areas), kind="stable")]


def _some_assets(assets: Ints, seed: int) -> Bools:
    """Rows of whole assets, drawn until there are enough of them to price a rule."""
    names, counts = np.unique(assets, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    enough = int(np.searchsorted(np.cumsum(counts[order]), MOST_ROWS)) + 1
    chosen: Bools = np.isin(assets, names[order[:enough]])
    return chosen
