"""Alerts of several failure modes counted together, once per machine and time: what a crew that opens the machine anyway would count.

Four components with a model each raise up to four alerts about one failing machine. Counted apart, a machine-time with two failed
components is two failures, and an alert that names the neighbour of the failed component is false. Counted together, an episode
stands while any component's answer stands at its own threshold, and a failure is a moment at which any component failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from pdm.catalogue import Costs, ModelDefinition, Policy
from pdm.learning.episodes import AlertCount, count_alerts
from pdm.learning.model import Floats
from pdm.learning.targets import Labels

GRID = tuple(round(share / 20, 2) for share in range(1, 20))
"""Thresholds that are tried: 0.05 to 0.95."""
PERSISTENCES = ((1, 1), (2, 2), (2, 3), (3, 4))
"""How many of the last answers must agree: what is tried."""
_PLATEAU = 1.02


def labels_of(answers: pd.DataFrame) -> Labels:
    """The labels that stand beside held-out answers (`pdm.learning.answers.COLUMNS`)."""
    return Labels(
        answers["remaining"].to_numpy(dtype=np.float64),
        answers["observed"].to_numpy(dtype=bool),
        answers["age"].to_numpy(dtype=np.float64),
        answers["life"].to_numpy(dtype=np.int64),
    )


def choose_threshold(
    answers: pd.DataFrame,
    policy: Policy,
    costs: Costs,
    *,
    horizon: float,
    per_year: float,
    grid: Iterable[float] = GRID,
) -> float:
    """The threshold at which missed failures and false alerts together cost least: the middle of the plateau around the best one.

    Thresholds that are chosen by rows, or by the single best event cost, are fragile where failures are few.
    answers: of one target, to rows that its model had not seen, all of them before the test period.
    """
    grid = tuple(grid)
    cost = [
        (found.failures - found.found) * costs.missed_failure + found.false * costs.false_alert
        for threshold in grid
        for found in (_count(answers, _at(policy, threshold), horizon, per_year),)
    ]
    best = int(np.argmin(cost))
    bar = cost[best] * _PLATEAU
    first, last = best, best
    while first > 0 and cost[first - 1] <= bar:
        first -= 1
    while last + 1 < len(grid) and cost[last + 1] <= bar:
        last += 1
    return grid[(first + last) // 2]


def choose_thresholds(answers: pd.DataFrame, definition: ModelDefinition, *, per_year: float) -> dict[str, float]:
    """A threshold per `failure_within` target, from answers out of fold before the test period."""
    past = answers[answers["question"] == "new_assets"]
    return {
        target.name: choose_threshold(
            past[past["target"] == target.name],
            definition.policy,
            definition.costs,
            horizon=target.horizon,
            per_year=per_year,
        )
        for target in definition.targets
        if target.kind == "failure_within"
    }


def choose_policy(
    answers: pd.DataFrame,
    definition: ModelDefinition,
    *,
    per_year: float,
    tried: Iterable[tuple[int, int]] = PERSISTENCES,
) -> tuple[Policy, dict[str, float]]:
    """Persistence and thresholds at which the machines of the training period would have cost least; at a tie the quicker one.

    answers: held-out answers of all `failure_within` targets, which share one horizon here.
    """
    past = answers[answers["question"] == "new_assets"]
    horizon = max(target.horizon for target in definition.targets)
    found: list[tuple[float, Policy, dict[str, float]]] = []
    for persistence in tried:
        policy = replace(definition.policy, persistence=persistence)
        thresholds = choose_thresholds(answers, replace(definition, policy=policy), per_year=per_year)
        counted = count_machine_alerts(past, thresholds, policy, horizon=horizon, per_year=per_year)
        missed = counted.failures - counted.found
        cost = missed * definition.costs.missed_failure + counted.false * definition.costs.false_alert
        found.append((cost, policy, thresholds))
    _, policy, thresholds = min(found, key=lambda entry: entry[0])
    return policy, thresholds


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
    share = policy.clear_at / policy.raise_at
    merged = together(answers, thresholds)
    return _count(merged, replace(policy, raise_at=1.0, clear_at=share, by_criticality={}), horizon, per_year)


def _at(policy: Policy, threshold: float) -> Policy:
    """The policy with another threshold, clearing as far below it as before."""
    return replace(policy, raise_at=threshold, clear_at=threshold * policy.clear_at / policy.raise_at)


def _count(answers: pd.DataFrame, policy: Policy, horizon: float, per_year: float) -> AlertCount:
    score: Floats = answers["answer"].to_numpy(dtype=np.float64)
    return count_alerts(
        score,
        answers["position"].to_numpy(dtype=np.float64),
        pd.factorize(answers["asset"])[0].astype(np.int64),
        labels_of(answers),
        policy,
        horizon=horizon,
        per_year=per_year,
    )
