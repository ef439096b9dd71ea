"""Figures from tallies: ratios of sums over assets, with bootstrap intervals over plants, or over the assets of one plant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.errors import InputError
from pdm.learning.metrics import binomial_interval

Floats = npt.NDArray[np.float64]
Sums = Mapping[str, Floats]
"""Column of the tally -> its sum; one number for the figure itself, one per draw for its interval."""

DRAWS = 1000
LEVEL = 0.95
SHARES = {
    "recall_detectable": ("found_detectable", "detectable"),
    "recall_all": ("found", "failures"),
    "precision": ("right", "decided"),
    "precision_in_time": ("in_time", "decided"),
    "mode_precision": ("named_right", "named"),
    "timely": ("credited", "right"),
}
RATES = {
    "false_per_year": "false",
    "early_per_year": "early",
    "repeats_per_year": "repeat",
    "alerts_per_year": "decided",
}
ABOUT_ALERTS = ("precision", "precision_in_time", "mode_precision", "timely", *RATES)


@dataclass(frozen=True)
class Figure:
    """One figure with its bootstrap interval; for a share also the counts and the exact binomial interval."""

    value: float
    low: float
    high: float
    of: tuple[int, int] | None = None
    exact: tuple[float, float] | None = None


def figures(
    tallies: Sequence[pd.DataFrame], *, alerts: bool = True, draws: int = DRAWS, seed: int = 7
) -> dict[str, Figure]:
    """The figures of one policy over one or more plants.

    recall_detectable: failures found in time, of those that could have been. recall_all: of all failures; recall_all_upper: as
    if every censored failure would have been found. precision: alerts with something to be found, of all episodes;
    precision_in_time: those within the horizon and in time. timely: in time or early, of those with something to be found.
    mode_precision: of alerts that name a mode where something was to be found, those naming the right one. Rates are per asset-year.

    alerts: whether the policy raises alerts; if not, figures about them are left out.

    Raises:
        InputError: there is no tally.
    """
    tally = _stack(tallies)
    values, spread = _with_draws(tally, _measure, draws, seed)
    sums = _derived(_sums(tally))
    answer = {}
    for name, value in values.items():
        if not alerts and name in ABOUT_ALERTS:
            continue
        if name in SHARES:
            part, whole = (round(float(sums[column])) for column in SHARES[name])
            exact = binomial_interval(part, whole, level=LEVEL)
            answer[name] = Figure(value, *spread[name], of=(part, whole), exact=exact)
        else:
            answer[name] = Figure(value, *spread[name])
    return answer


def draw_intervals(
    tally: pd.DataFrame, measure: Callable[[Sums], Mapping[str, Floats]], *, draws: int = DRAWS, seed: int = 7
) -> dict[str, Figure]:
    """Any measure of the sums of a tally, with its interval: whole plants, or else assets, are drawn again with replacement."""
    values, spread = _with_draws(tally, measure, draws, seed)
    return {name: Figure(value, *spread[name]) for name, value in values.items()}


def ratio(over: Floats, under: Floats) -> Floats:
    """A share; NaN where there is nothing to share."""
    safe = np.where(under > 0, under, 1.0)
    return np.where(under > 0, over / safe, np.nan)


def _measure(sums: Sums) -> dict[str, Floats]:
    sums = _derived(sums)
    shares = {name: ratio(sums[over], sums[under]) for name, (over, under) in SHARES.items()}
    rates = {name: ratio(sums[column], sums["years"]) for name, column in RATES.items()}
    upper = ratio(sums["found"] + sums["censored"], sums["failures"])
    return shares | rates | {"recall_all_upper": upper, "failures_per_year": ratio(sums["failures"], sums["years"])}


def _derived(sums: Sums) -> dict[str, Floats]:
    credited = sums["in_time"] + sums["early"]
    right = credited + sums["late"]
    return {**sums, "credited": credited, "right": right, "decided": right + sums["false"] + sums["wrong_mode"]}


def _with_draws(
    tally: pd.DataFrame, measure: Callable[[Sums], Mapping[str, Floats]], draws: int, seed: int
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    values = {name: float(value) for name, value in measure(_sums(tally)).items()}
    group = tally["plant"] if tally["plant"].nunique() > 1 else tally["asset"]
    parts = tally.drop(columns=["plant", "asset", "asset_class"]).groupby(group.to_numpy()).sum()
    random = np.random.default_rng(seed)
    times = random.multinomial(len(parts), np.full(len(parts), 1 / len(parts)), size=draws).astype(np.float64)
    drawn = times @ parts.to_numpy(dtype=np.float64)
    found = measure({name: drawn[:, at] for at, name in enumerate(parts.columns)})
    return values, {name: _interval(sample) for name, sample in found.items()}


def _interval(sample: Floats) -> tuple[float, float]:
    """Draws in which the figure does not exist are left out."""
    sample = sample[np.isfinite(sample)]
    if not len(sample):
        return float("nan"), float("nan")
    low, high = np.quantile(sample, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _sums(tally: pd.DataFrame) -> dict[str, Floats]:
    columns = tally.drop(columns=["plant", "asset", "asset_class"])
    return {str(name): np.asarray(values.sum()) for name, values in columns.items()}


def _stack(tallies: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if not tallies or not sum(len(tally) for tally in tallies):
        raise InputError("there is nothing to judge: no plant with an asset")
    return pd.concat(tallies, ignore_index=True)
