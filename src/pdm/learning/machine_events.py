"""Alerts of several failure modes counted together, once per machine and time: what a crew that opens the machine anyway would count.

Four components with a model each raise up to four alerts about one failing machine. Counted apart, a machine-time with two failed
components is two failures, and an alert that names the neighbour of the failed component is false. Counted together, an episode
stands while any component's answer stands at its own threshold, and a failure is a moment at which any component failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pdm.catalogue import Costs, ModelDefinition, Policy
from pdm.learning.episodes import AlertCount, count_alerts
from pdm.learning.model import Floats
from pdm.learning.targets import Ints, Labels

GRID = tuple(round(share / 20, 2) for share in range(1, 20))
"""Thresholds that are tried: 0.05 to 0.95."""
PERSISTENCES = ((1, 1), (2, 2), (2, 3), (3, 4))
"""How many of the last answers must agree: what is tried."""
_PLATEAU, _BEYOND = 1.02, 1e3


def labels_of(answers: pd.DataFrame) -> Labels:
    """The labels that stand beside held-out answers (`pdm.learning.answers.COLUMNS`)."""
    return Labels(
        answers["remaining"].to_numpy(dtype=np.float64),
        answers["observed"].to_numpy(dtype=bool),
        answers["age"].to_numpy(dtype=np.float64),
        answers["life"].to_numpy(dtype=np.int64),
    )


@dataclass(frozen=True)
class Machines:
    """Answers of several targets side by side, one row per asset and position, so that many thresholds are tried quickly.

    names: the targets. answers: [n, names]. assets: codes. labels: the first end over all targets.
    """

    names: tuple[str, ...]
    answers: Floats
    positions: Floats
    assets: Ints
    labels: Labels

    @classmethod
    def of(cls, answers: pd.DataFrame, names: Iterable[str]) -> Machines:
        """answers: held-out answers of these targets under one question."""
        names = tuple(names)
        merged = together(answers, dict.fromkeys(names, 1.0))
        place = ["asset", "position"]
        wide = answers[answers["target"].isin(names)].pivot(index=place, columns="target", values="answer")
        side_by_side = wide.reindex(pd.MultiIndex.from_frame(merged[place]))[list(names)]
        return cls(
            names,
            side_by_side.to_numpy(dtype=np.float64),
            merged["position"].to_numpy(dtype=np.float64),
            pd.factorize(merged["asset"])[0].astype(np.int64),
            labels_of(merged),
        )

    def count(self, thresholds: Mapping[str, float], policy: Policy, *, horizon: float, per_year: float) -> AlertCount:
        """What the alerts of all targets would have done, counted once per machine and time."""
        bars = np.array([thresholds[name] for name in self.names])
        return count_alerts(
            (self.answers / bars).max(axis=1),
            self.positions,
            self.assets,
            self.labels,
            replace(policy, raise_at=1.0, clear_at=policy.clear_at / policy.raise_at, by_criticality={}),
            horizon=horizon,
            per_year=per_year,
        )


def choose_threshold(
    answers: pd.DataFrame,
    policy: Policy,
    costs: Costs,
    *,
    horizon: float,
    per_year: float,
    grid: Sequence[float] = GRID,
) -> float:
    """The threshold of one target at which missed failures and false alerts together cost least: the middle of the plateau around it.

    Thresholds that are chosen by rows, or by the single best event cost, are fragile where failures are few.
    answers: of one target, to rows that its model had not seen, all of them before the test period.
    """
    (name,) = answers["target"].unique()
    rows = Machines.of(answers, [name])

    def price(threshold: float) -> float:
        return _price(rows.count({name: threshold}, policy, horizon=horizon, per_year=per_year), costs)

    return _plateau([price(threshold) for threshold in grid], grid)[1]


def choose_policy(
    answers: pd.DataFrame,
    definition: ModelDefinition,
    *,
    per_year: float,
    tried: Iterable[tuple[int, int]] = PERSISTENCES,
    budget: float | None = None,
    grid: Sequence[float] = GRID,
) -> tuple[Policy, dict[str, float]]:
    """Persistence and thresholds at which the machines of the training period would have cost least; at a tie the quicker one.

    One threshold for all targets is moved first, then each of them alone, twice, always counting whole machines: an alert that
    names the neighbour of the failed component is no false one.

    answers: held-out answers of all `failure_within` targets, which share one horizon here; those about new assets are used.
    budget: false episodes per asset-year that people put up with; what keeps within it comes before whatever costs less.
    """
    targets = [target for target in definition.targets if target.kind == "failure_within"]
    horizon = max(target.horizon for target in targets)
    rows = Machines.of(answers[answers["question"] == "new_assets"], [target.name for target in targets])
    found: list[tuple[float, Policy, dict[str, float]]] = []
    for persistence in tried:
        policy = replace(definition.policy, persistence=persistence)

        def price(thresholds: Mapping[str, float], policy: Policy = policy) -> float:
            counted = rows.count(thresholds, policy, horizon=horizon, per_year=per_year)
            return _price(counted, definition.costs, budget)

        cost, shared = _plateau([price(dict.fromkeys(rows.names, bar)) for bar in grid], grid)
        thresholds = dict.fromkeys(rows.names, shared)
        for name in rows.names * (2 if len(rows.names) > 1 else 0):
            cost, thresholds[name] = _plateau([price({**thresholds, name: bar}) for bar in grid], grid)
        found.append((cost, policy, thresholds))
    _, policy, thresholds = min(found, key=lambda entry: entry[0])
    return policy, thresholds


def _price(found: AlertCount, costs: Costs, budget: float | None = None) -> float:
    """What missed failures and false alerts cost; beyond the budget of false alerts more than any number of failures."""
    price = (found.failures - found.found) * costs.missed_failure + found.false * costs.false_alert
    if budget is None or not found.false_per_year > budget:
        return price
    return price + (found.false_per_year - budget + 1) * found.failures * costs.missed_failure * _BEYOND


def _plateau(prices: Sequence[float], grid: Sequence[float]) -> tuple[float, float]:
    """The least price, and the middle of the stretch around it that costs hardly more."""
    best = int(np.argmin(prices))
    bar = prices[best] * _PLATEAU
    first, last = best, best
    while first > 0 and prices[first - 1] <= bar:
        first -= 1
    while last + 1 < len(grid) and prices[last + 1] <= bar:
        last += 1
    return prices[best], grid[(first + last) // 2]


def together(answers: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.DataFrame:
    """One row per asset and position: the strongest answer in shares of its threshold (column `answer`), and the first end.

    answers: of all targets under one question; rows that some target knows nothing about are left out.
    """
    rows = answers[answers["target"].isin(list(thresholds))].copy()
    rows["answer"] = rows["answer"].to_numpy(dtype=np.float64) / rows["target"].map(dict(thresholds)).to_numpy(
        np.float64
    )
    counts = rows.groupby(["asset", "position"])["target"].transform("size")
    rows = rows[counts == len(thresholds)]
    # At a tie a failure counts: several components may end at one moment.
    rows = rows.assign(survived=~rows["observed"].astype(bool)).sort_values(
        ["asset", "position", "remaining", "survived"]
    )
    first = rows.groupby(["asset", "position"], as_index=False, sort=True).first()
    first["answer"] = rows.groupby(["asset", "position"], sort=True)["answer"].max().to_numpy()
    ends = first["asset"].astype(str) + "@" + (first["position"] + first["remaining"]).round(3).astype(str)
    first["life"] = pd.factorize(ends)[0]
    return first


def count_machine_alerts(
    answers: pd.DataFrame,
    thresholds: Mapping[str, float],
    policy: Policy,
    *,
    horizon: float,
    per_year: float,
) -> AlertCount:
    """What the alerts of all targets would have done, counted once per machine and time.

    policy: its persistence, and how far below the raising threshold an alert clears.
    """
    return Machines.of(answers, thresholds).count(thresholds, policy, horizon=horizon, per_year=per_year)
