"""The promotion rule: may the challenger take over? One line per figure, each with its reason.

A few headline figures decide, and each may get worse by the noise of an evaluation and no more; all others are shown. With
twenty deciding figures chance alone would refuse every challenger.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Direction = Literal["lower", "higher", "near"]

COVERAGE_AIM = 0.90
"""A 90 % interval should hold the truth in 90 of 100 cases: more is not better, it is too wide."""


@dataclass(frozen=True)
class Rule:
    """Which way is better, and how much worse a figure may be: a share of the champion's, or an absolute amount, whichever is more."""

    way: Direction
    share: float = 0.0
    amount: float = 0.0


RULES: Mapping[str, Rule] = {
    "rmse": Rule("lower", share=0.05),
    "nasa_score": Rule("lower", share=0.10),
    "winkler90": Rule("lower", share=0.05),
    "coverage90": Rule("near", amount=0.02),
    "brier": Rule("lower", share=0.05),
    "recall": Rule("higher", amount=0.10),
    "false_per_year": Rule("lower", share=0.10, amount=0.05),
}
"""The figures that decide, by the last part of their name."""


@dataclass(frozen=True)
class Line:
    """One figure compared. passed: None where it is shown but decides nothing."""

    name: str
    passed: bool | None
    challenger: float | None
    champion: float | None
    reason: str


def rule(name: str) -> Rule | None:
    """How a figure decides; None when it is only shown.

    >>> rule("remaining_life.later.rmse").way, rule("life.items.mae_from_7.2")
    ('lower', None)
    """
    return RULES.get(re.split(r"\.(?!\d)", name)[-1])


def compare(challenger: Mapping[str, float], champion: Mapping[str, float]) -> tuple[Line, ...]:
    """A line for every figure that one of the two has."""
    names = sorted(challenger.keys() | champion.keys())
    return tuple(_line(name, challenger.get(name), champion.get(name)) for name in names)


def _line(name: str, new: float | None, old: float | None) -> Line:
    found = rule(name)
    if found is None:
        return Line(name, None, new, old, "shown, decides nothing")
    if old is None or math.isnan(old):
        return Line(name, None, new, old, "the champion was not measured by it")
    if new is None or math.isnan(new):
        return Line(name, False, new, old, "the champion was measured by it, the challenger was not")
    worse = _worse(found.way, new, old)
    passed = worse <= max(found.share * abs(old), found.amount) + 1e-12
    change = "better than" if worse < 0 else "within the noise of" if passed else "worse than"
    aim = f"near {COVERAGE_AIM:g}" if found.way == "near" else found.way
    return Line(name, passed, new, old, f"{new:.4g} is {change} the champion's {old:.4g} ({aim} is better)")


def _worse(way: Direction, new: float, old: float) -> float:
    """By how much the challenger is worse; negative when it is better."""
    if way == "near":
        return abs(new - COVERAGE_AIM) - abs(old - COVERAGE_AIM)
    return new - old if way == "lower" else old - new
