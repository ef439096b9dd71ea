"""Figures of a replayed policy: shares with exact intervals, rates and costs with intervals from drawing whole assets again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pdm.catalogue import Costs
from pdm.learning.metrics import binomial_interval
from pdm.replay.outcomes import RIGHT, Outcomes

Floats = npt.NDArray[np.float64]
DRAWS = 1000
LEVEL = 0.9
ENOUGH = 5
"""With fewer failures than this a share of found ones is an anecdote, and the report says so."""


@dataclass(frozen=True)
class Figure:
    """One figure with its 90 % interval; for shares also the counts it rests on."""

    value: float
    low: float
    high: float
    of: tuple[int, int] | None = None


@dataclass(frozen=True)
class Tally:
    """Counts by asset, [assets] each, in one order for all policies. cost: what the policy would have cost."""

    assets: tuple[str, ...]
    years: Floats
    failures: Floats
    found: Floats
    alerts: Floats
    right: Floats
    early: Floats
    wrong: Floats
    false: Floats
    undecided: Floats
    reopened: Floats
    cost: Floats


def tally(
    outcomes: Outcomes,
    years: Mapping[str, float],
    costs: Mapping[str, Costs],
    classes: Mapping[str, str],
    reopened: Mapping[str, int],
) -> Tally:
    """Count what became of alerts and failures, asset by asset. years: watched, by asset; costs: by class; classes: of assets."""
    names = tuple(sorted(years))
    place = {name: number for number, name in enumerate(names)}
    counts = {key: np.zeros(len(names)) for key in ("alerts", "right", "early", "wrong", "false", "undecided")}
    failures, found, cost = np.zeros(len(names)), np.zeros(len(names)), np.zeros(len(names))
    for one in outcomes.alerts:
        at = place.get(one.alert.asset)
        if at is None:
            continue
        counts["alerts"][at] += 1
        if one.kind in RIGHT:
            counts["right"][at] += 1
            counts["early"][at] += one.kind == "early"
        else:
            counts["wrong" if one.kind == "wrong mode" else one.kind][at] += 1
            price = costs.get(classes.get(one.alert.asset, ""))
            cost[at] += price.false_alert if price and one.kind in ("false", "wrong mode") else 0.0
    missed = {id(one.failure) for one in outcomes.missed}
    for failure in outcomes.failures:
        at = place.get(failure.asset)
        price = costs.get(failure.asset_class)
        if at is None or price is None:
            continue
        failures[at] += 1
        found[at] += id(failure) not in missed
        cost[at] += price.missed_failure if id(failure) in missed else price.planned_repair
    again = np.array([float(reopened.get(name, 0)) for name in names])
    return Tally(names, np.array([years[name] for name in names]), failures, found, **counts, reopened=again, cost=cost)


def figures(one: Tally, weeks: float, *, draws: int = DRAWS, seed: int = 7) -> dict[str, Figure]:
    """All figures of one policy.

    recall: failures found with sufficient lead, of all on record. precision: alerts behind which there was what they said, of all
    that are decided. base_rate: failures per asset-year, without which no precision can be read.
    """
    decided = one.right + one.wrong + one.false
    weights = _draws(len(one.assets), draws, seed)
    shares = {"recall": (one.found, one.failures), "precision": (one.right, decided)}
    answer = {}
    for name, (part, whole) in shares.items():
        count = int(part.sum()), int(whole.sum())
        value = count[0] / count[1] if count[1] else float("nan")
        answer[name] = Figure(value, *binomial_interval(*count, level=LEVEL), of=count)
    rates = {
        "false_per_year": one.false + one.wrong,
        "early_per_year": one.early,
        "alerts_per_year": one.alerts,
        "reopenings_per_year": one.reopened,
        "base_rate": one.failures,
        "cost_per_year": one.cost,
    }
    for name, counts in rates.items():
        answer[name] = _rate(counts, one.years, weights)
    answer["alerts_per_week"] = _scaled(_rate(one.alerts, np.ones_like(one.alerts), weights), len(one.assets) / weeks)
    return answer


def difference(one: Tally, other: Floats, *, draws: int = DRAWS, seed: int = 7) -> Figure:
    """What a policy costs less than another one (per asset, in the same order) over the whole period."""
    saved = other - one.cost
    drawn = _draws(len(one.assets), draws, seed) @ saved
    return Figure(float(saved.sum()), *_bounds(drawn))


def _rate(counts: Floats, years: Floats, weights: Floats) -> Figure:
    total = float(years.sum())
    value = float(counts.sum()) / total if total else float("nan")
    exposed = weights @ years
    drawn = (weights @ counts)[exposed > 0] / exposed[exposed > 0]
    return Figure(value, *_bounds(drawn))


def _scaled(figure: Figure, factor: float) -> Figure:
    return Figure(figure.value * factor, figure.low * factor, figure.high * factor)


def _draws(assets: int, draws: int, seed: int) -> Floats:
    """How often each asset is drawn, [draws, assets]."""
    random = np.random.default_rng(seed)
    return random.multinomial(assets, np.full(assets, 1 / max(assets, 1)), size=draws).astype(np.float64)


def _bounds(drawn: Floats) -> tuple[float, float]:
    if not len(drawn):
        return float("nan"), float("nan")
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def anecdote(failures: int) -> str:
    """What to say when there are too few failures to promise anything; empty otherwise.

    >>> anecdote(2)
    'Only 2 failures are on record in this time: none of these shares is a promise.'
    """
    if failures >= ENOUGH:
        return ""
    count = "No failure is" if failures == 0 else f"Only {failures} failure{'s are' if failures > 1 else ' is'}"
    return f"{count} on record in this time: none of these shares is a promise."


def as_dict(found: Mapping[str, Figure]) -> dict[str, dict[str, object]]:
    """Figures as JSON; what does not exist is null."""

    def number(value: float) -> float | None:
        return round(value, 4) if np.isfinite(value) else None

    return {
        name: {"value": number(one.value), "low": number(one.low), "high": number(one.high)}
        | ({"of": list(one.of)} if one.of else {})
        for name, one in found.items()
    }


def weekly(raised: Sequence[float], weeks: int) -> list[int]:
    """Alerts in each week. raised: in weeks since the start.

    >>> weekly([0.2, 0.9, 2.5], 3)
    [2, 0, 1]
    """
    counts = np.bincount(np.minimum(np.asarray(raised, dtype=np.int64), max(weeks - 1, 0)), minlength=max(weeks, 1))
    return [int(count) for count in counts[: max(weeks, 1)]]
