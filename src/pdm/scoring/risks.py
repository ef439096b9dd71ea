"""From a prediction's arrays to risks by failure mode and remaining life with dates.

A risk always names its horizon. A mode that no target asks about directly takes its risk from the remaining-life curve.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from pdm.catalogue import Axis, Policy, Target
from pdm.learning.competing import first_to_fail
from pdm.learning.model import Floats, Prediction, RemainingLifeArrays
from pdm.scoring.assessment import RemainingLife, Risk

UNSPECIFIED = "unspecified"
_AT_CAP = 1 - 1e-9


@dataclass(frozen=True)
class RiskSource:
    """Where a risk comes from. column: place on the grid of a remaining-life target, else None."""

    mode: str
    horizon: float
    target: str
    column: int | None = None


def risk_sources(targets: Sequence[Target], prediction: Prediction, policy: Policy) -> tuple[RiskSource, ...]:
    """One source for every target that asks about failures, and one for each remaining-life target whose modes nobody asks about.

    There the grid horizon nearest to the policy's `raise_below` is named, or the first one.
    """
    direct = [target for target in targets if target.name in prediction.probabilities]
    asked = {mode for target in direct for mode in target.modes}
    found = [RiskSource(_mode(target), target.horizon, target.name) for target in direct]
    for target in targets:
        if target.name not in prediction.survival or asked & set(target.modes):
            continue
        grid = prediction.survival[target.name][0]
        if len(grid):
            column = int(np.argmin(np.abs(grid - policy.raise_below))) if policy.raise_below else 0
            found.append(RiskSource(_mode(target), float(grid[column]), target.name, column))
    return tuple(found)


def risks(
    sources: Sequence[RiskSource], prediction: Prediction, row: int, unit: str, blind: Collection[str] = ()
) -> tuple[Risk, ...]:
    """The risks of one row. blind: targets about nothing but failure modes that the model knows it cannot see coming."""
    return tuple(
        Risk(source.mode, source.horizon, unit, _probability(source, prediction, row), source.target in blind)
        for source in sources
    )


def first_risks(
    targets: Sequence[Target], sources: Sequence[RiskSource], prediction: Prediction, row: int, unit: str
) -> tuple[Risk, ...]:
    """Of every mode that races others within one horizon: the chance that it comes first, the likeliest one first.

    Modes whose remaining lives are learnt apart race at every horizon of the grid, where nobody asks about them directly.
    """
    found = [
        Risk(source.mode, source.horizon, unit, float(prediction.first[source.target][row]))
        for source in sources
        if source.target in prediction.first
    ]
    if not found and (grid := _grid_apart(targets, prediction, row)):
        mode = {target.name: _mode(target) for target in targets}
        found = [
            Risk(mode[name], horizon, unit, float(chance))
            for name, chances in _lives_race(prediction, row).items()
            for horizon, chance in zip(grid, chances, strict=True)
        ]
    return tuple(sorted(found, key=lambda risk: -risk.probability))


def soonest(prediction: Prediction, row: int, without: Collection[str] = ()) -> RemainingLifeArrays | None:
    """The remaining life of the target that ends first for this row. without: targets that are asked only where there is no other."""
    believed = [life for name, life in prediction.remaining.items() if name not in without]
    return min(believed or prediction.remaining.values(), key=lambda life: float(life.median[row]), default=None)


def curve(
    targets: Sequence[Target], prediction: Prediction, row: int, without: Collection[str] = ()
) -> tuple[tuple[float, float], ...]:
    """P(any failure within each horizon of the grid); nothing where no grid was learnt.

    Remaining lives that were learnt apart, one per mode, are put together; else the target that ends first for this row speaks.
    """
    if grid := _grid_apart(targets, prediction, row):
        together = np.sum(list(_lives_race(prediction, row).values()), axis=0)
        return tuple((at, float(p)) for at, p in zip(grid, together, strict=True))
    medians = {
        name: float(life.median[row]) for name, life in prediction.remaining.items() if name in prediction.survival
    }
    if not medians:
        return ()
    medians = {name: median for name, median in medians.items() if name not in without} or medians
    horizons, probabilities = prediction.survival[min(medians, key=lambda name: medians[name])]
    return tuple((float(at), float(p)) for at, p in zip(horizons, probabilities[row], strict=True) if np.isfinite(p))


def remaining_life(life: RemainingLifeArrays, row: int, axis: Axis, unit: str, counted_from: datetime) -> RemainingLife:
    """Median and 90 % interval in native units, and as dates from the newest reading on."""
    median, low, high = (float(values[row]) for values in (life.median, life.low, life.high))
    return RemainingLife(
        median,
        low,
        high,
        unit,
        median_date=counted_from + axis.calendar(median),
        low_date=counted_from + axis.calendar(low),
        high_date=counted_from + axis.calendar(high),
        at_cap=median >= life.cap * _AT_CAP,
        mean=float(life.mean[row]),
        open_end=high >= life.cap * _AT_CAP,
    )


def _grid_apart(targets: Sequence[Target], prediction: Prediction, row: int) -> tuple[float, ...]:
    """The common grid of several remaining lives that are about one mode each; empty where there are none such."""
    lives = [target for target in targets if target.name in prediction.survival]
    modes = [target.modes for target in lives]
    if len(lives) < 2 or len(set(modes)) < len(modes) or any(len(of) != 1 for of in modes):
        return ()
    curves = [prediction.survival[target.name] for target in lives]
    same = all(np.array_equal(grid, curves[0][0]) for grid, _ in curves)
    known = all(np.isfinite(values[row]).all() for _, values in curves)
    return tuple(float(at) for at in curves[0][0]) if same and known else ()


def _lives_race(prediction: Prediction, row: int) -> dict[str, Floats]:
    """Remaining-life target -> P(its mode comes first within each horizon of the grid)."""
    raced = first_to_fail({name: values[row : row + 1] for name, (_, values) in prediction.survival.items()})
    return {name: chances[0] for name, chances in raced.items()}


def blind_targets(targets: Sequence[Target], abstained: Collection[str]) -> frozenset[str]:
    """Targets that ask about nothing but failure modes that the model knows it cannot see coming."""
    return frozenset(target.name for target in targets if set(target.modes) <= set(abstained))


def _mode(target: Target) -> str:
    return target.modes[0] if len(target.modes) == 1 else UNSPECIFIED


def _probability(source: RiskSource, prediction: Prediction, row: int) -> float:
    if source.column is None:
        return float(prediction.probabilities[source.target][row])
    return float(prediction.survival[source.target][1][row, source.column])
