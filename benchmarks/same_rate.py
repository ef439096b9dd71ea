"""Methods beside each other at the same rate of false alerts: what each finds with its best setting that keeps to it, over plants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

RATES = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0)
COMPARED, DRAWS = (0.05, 0.08, 0.1, 0.13, 0.2, 0.25), 300


def curve(found: Sequence[Mapping[str, Any]], method: str) -> list[tuple[float, float]]:
    """False alerts per asset-year and findable failures found, of every setting of a method, pooled over plants."""
    points = []
    for name in found[0]["tallies"]:
        if name.partition("@")[0] == method:
            tally = pd.concat([pd.DataFrame(one["tallies"][name]) for one in found])
            points.append((float(tally["false"].sum() / tally["years"].sum()), float(tally["found_detectable"].sum())))
    return sorted(points)


def found_at(points: Sequence[tuple[float, float]], rate: float) -> float | None:
    """The most that a method finds with no more false alerts than `rate`, over its settings; None where none is so quiet."""
    return max((found for false, found in points if false <= rate), default=None)


def same_rate(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Share of the findable failures that each method finds at the same rate of false alerts, and each one's rate at level 1."""
    methods = dict.fromkeys(name.partition("@")[0] for name in found[0]["tallies"])
    findable = sum(sum(one["tallies"]["watch_list"]["detectable"]) for one in found)
    rates = {
        name: _rate(found, name)
        for name in ("watch_list", "with_labels", "limit_rules", "ewma_rules")
        if name in found[0]["tallies"]
    }
    table = {}
    for method in methods:
        points = curve(found, method)
        most = {rate: found_at(points, rate) for rate in sorted({*RATES, *rates.values()})}
        table[method] = {
            f"{rate:.2f}": None if most[rate] is None else round(most[rate] / findable, 3) for rate in most
        }
    return {"findable": findable, "own_rate": {name: round(rate, 3) for name, rate in rates.items()}, "recall": table}


def _rate(found: Sequence[Mapping[str, Any]], name: str) -> float:
    tally = pd.concat([pd.DataFrame(one["tallies"][name]) for one in found])
    return float(tally["false"].sum() / tally["years"].sum())


def as_table(same: Mapping[str, Any]) -> str:
    """The table of `same_rate`, for people."""
    frame = pd.DataFrame(same["recall"]).T.astype(float)
    head = f"share of {same['findable']:.0f} findable failures found, at no more false alerts per asset-year than"
    return f"{head}\n{frame.to_string(na_rep='-')}"


def difference(found: Sequence[Mapping[str, Any]]) -> str:
    """How much more the weighed level finds at the same rates, on average over `COMPARED`, with a bootstrap over plants."""
    chance = np.random.default_rng(5)
    drawn = [np.bincount(chance.integers(len(found), size=len(found)), minlength=len(found)) for _ in range(DRAWS)]
    weights = np.vstack([np.ones(len(found)), drawn])
    mine = _mean_share(found, "with_labels", weights)
    lines = []
    for method in ("watch_list", "half_memory"):
        gain = mine - _mean_share(found, method, weights)
        low, high = np.quantile(gain[1:], [0.025, 0.975])
        lines.append(
            f"with labels against {method}: {gain[0]:+.3f} of findable failures on average over {COMPARED} false alerts, "
            f"95 % interval {low:+.3f} to {high:+.3f}, more in {(gain[1:] > 0).mean():.0%} of draws, less in {(gain[1:] < 0).mean():.0%}"
        )
    return "\n".join(lines)


def _mean_share(found: Sequence[Mapping[str, Any]], method: str, weights: np.ndarray) -> np.ndarray:
    """Share of findable failures found, on average over `COMPARED`, for each row of weights of the plants."""
    settings = [name for name in found[0]["tallies"] if name.partition("@")[0] == method]

    def sums(column: str, names: Sequence[str]) -> np.ndarray:
        return np.array([[sum(one["tallies"][name][column]) for one in found] for name in names], dtype=np.float64)

    false, years = weights @ sums("false", settings).T, weights @ sums("years", settings).T
    hits, all_of_them = weights @ sums("found_detectable", settings).T, weights @ sums("detectable", ["watch_list"]).T
    share = hits / np.maximum(all_of_them, 1e-9)
    return np.mean([np.where(false / years <= rate, share, 0.0).max(axis=1) for rate in COMPARED], axis=0)
