"""What age alone says of a machine, in the words of the plant: risks, remaining life and curve from the ages of its items.

No reading is looked at, so nothing is said about its condition, and no alert rests on it (`pdm.alerts.suspicion`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log

import numpy as np

from pdm.catalogue import Axis, FailureMode, ModelDefinition
from pdm.learning.age import AgeModel, AgeOfMode
from pdm.learning.competing import first_to_fail
from pdm.learning.model import Floats
from pdm.scoring.assessment import Contribution, RemainingLife, Risk
from pdm.scoring.risks import UNSPECIFIED

BY_AGE = "by age alone: no reading is looked at, and no alert rests on it"
NO_AGE = "its age is not known: nothing says when its parts were installed, or they failed and nobody has repaired them"
_BAND = (0.05, 0.5, 0.95)
_POINTS, _STEPS, _LONGEST = 24, 400, 1e4
_MOST_DAYS = 36_525.0
"""Remaining life is told up to a hundred years."""

_Known = Sequence[tuple[AgeOfMode, float]]


@dataclass(frozen=True)
class Aged:
    """What age contributes to one assessment."""

    risks: tuple[Risk, ...] = ()
    remaining_life: RemainingLife | None = None
    curve: tuple[tuple[float, float], ...] = ()
    contributions: tuple[Contribution, ...] = ()
    first: tuple[Risk, ...] = ()
    flags: tuple[str, ...] = ()


def aged(model: AgeModel, ages: Mapping[str, float], definition: ModelDefinition, axis: Axis, *, now: datetime) -> Aged:
    """The answer for one asset. ages: maintainable item -> age in native units; an item that is down has none."""
    known = [(one, ages[one.item]) for one in model.modes if one.item in ages]
    if not known:
        return Aged(flags=(NO_AGE,))
    life = _remaining(known, axis, now)
    ahead = np.linspace(0.0, life.high, _POINTS + 1)[1:]
    curve = tuple(zip(ahead.tolist(), (1.0 - _alive(known, ahead)).tolist(), strict=True)) if life.high > 0 else ()
    risks = _risks(known, definition, axis)
    horizon = risks[0].horizon
    told = tuple(_reason(one, age, definition.mode(one.mode), axis, horizon) for one, age in known)
    return Aged(risks, life, curve, told, _first(known, horizon, axis), (BY_AGE,))


def age_sentence(one: AgeOfMode, age: float | None, mode: FailureMode, axis: Axis) -> str:
    """What is known about one failure mode, and whether age matters.

    age: of the item, where one is asked about.
    """
    fit = (
        f"{one.failures} failure{'' if one.failures == 1 else 's'} in {one.lives} lives, "
        f"Weibull shape {one.shape:.1f}, 90 % interval {one.low:.1f} to {one.high:.1f}"
    )
    if one.says == "nothing":
        return f"{mode.title}: age tells nothing here, only how often it comes ({fit}: not to be told from 1)"
    old = "" if age is None else f"{mode.maintainable_item} is {_length(age, axis)} old; "
    if one.says == "fails early":
        return f"{mode.title}: {old}new ones fail more often than old ones, so age is no reason to replace it ({fit})"
    return f"{mode.title}: {old}it comes with age ({fit})"


def _alive(known: _Known, ahead: Floats) -> Floats:
    """P(no failure of any mode within each of `ahead`), [h]."""
    return np.asarray(np.prod([one.survival(age, ahead) for one, age in known], axis=0))


def _remaining(known: _Known, axis: Axis, now: datetime) -> RemainingLife:
    longest = axis.per_day * _MOST_DAYS
    shortest = min(one.unit for one, _ in known)
    ahead = np.concatenate([[0.0], np.geomspace(min(1e-4 * shortest, longest / 2), longest, _STEPS)])
    failed = np.maximum.accumulate(1.0 - _alive(known, ahead))
    low, median, high = (float(np.interp(share, failed, ahead)) for share in _BAND)
    middle, first, last = (now + axis.calendar(length) for length in (median, low, high))
    return RemainingLife(median, low, high, axis.unit, middle, first, last, at_cap=median >= longest)


def _risks(known: _Known, definition: ModelDefinition, axis: Axis) -> tuple[Risk, ...]:
    """P within the horizon of each target that asks about failures; for other modes within the first horizon that anybody asks about."""
    found, asked = [], set[str]()
    direct = [target for target in definition.targets if target.kind == "failure_within"]
    for target in direct:
        mine = [(one, age) for one, age in known if one.mode in target.modes]
        asked |= set(target.modes)
        if mine:
            name = target.modes[0] if len(target.modes) == 1 else UNSPECIFIED
            found.append(_risk(name, mine, target.horizon, axis))
    caps = [target.cap / 4 for target in definition.targets if target.cap > 0]
    usual = [target.horizon for target in direct] + [definition.policy.raise_below or 0.0, *caps]
    horizon = next((length for length in usual if length > 0), axis.per_day * 30)
    rest = [(one, age) for one, age in known if one.mode not in asked]
    return (*found, *(_risk(one.mode, [(one, age)], horizon, axis) for one, age in rest))


def _first(known: _Known, horizon: float, axis: Axis) -> tuple[Risk, ...]:
    """Several modes race each other: the chance that each comes first within the horizon, the likeliest one first."""
    if len(known) < 2:
        return ()
    chances = first_to_fail({one.mode: 1.0 - one.survival(age, np.array([horizon])) for one, age in known})
    found = (Risk(mode, horizon, axis.unit, float(chance[0])) for mode, chance in chances.items())
    return tuple(sorted(found, key=lambda risk: -risk.probability))


def _risk(mode: str, known: _Known, horizon: float, axis: Axis) -> Risk:
    return Risk(mode, horizon, axis.unit, 1.0 - float(_alive(known, np.array([horizon]))[0]))


def _reason(one: AgeOfMode, age: float, mode: FailureMode, axis: Axis, horizon: float) -> Contribution:
    """The item's age as a reason: its effect is the change of log-odds against a new one."""
    now, new = (1.0 - float(one.survival(at, np.array([horizon]))[0]) for at in (age, 0.0))
    effect = _log_odds(now) - _log_odds(new) if one.says != "nothing" else 0.0
    return Contribution(f"age of {one.item}", "", age_sentence(one, age, mode, axis), age, axis.unit, effect)


def _log_odds(probability: float) -> float:
    p = min(max(probability, 1e-12), 1 - 1e-12)
    return log(p / (1 - p))


def _length(native: float, axis: Axis) -> str:
    return f"{native:,.0f} {axis.unit}" if axis.kind == "usage" else f"{native / axis.per_day:,.0f} days"
