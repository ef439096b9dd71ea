"""The promotion rule: may the challenger take over? One line per figure of the gate, each with its reason.

Both models are judged on the same rows, which neither has learnt from, and the same items are drawn again for both: what decides is
in which share of the draws the challenger is no worse than the gate allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from pdm.catalogue.gate import DEFAULT_GATES, WAYS, Gate, Way
from pdm.learning.model import Floats
from pdm.learning.paired import Difference

COVERAGE_AIM = 0.90
"""A 90 % interval should hold the truth in 90 of 100 cases: more is not better, it is too wide."""


@dataclass(frozen=True)
class Line:
    """One figure compared. passed: None where it is shown but decides nothing. low, high: 90 % interval of the difference."""

    name: str
    passed: bool | None
    challenger: float | None
    champion: float | None
    reason: str
    low: float | None = None
    high: float | None = None


def way(name: str) -> Way | None:
    """Which way a deciding figure is better; None when it is only shown.

    >>> way("remaining_life.later.rmse"), way("life.items.mae_from_7.2")
    ('lower', None)
    """
    measure = re.split(r"\.(?!\d)", name)[-1]
    return WAYS.get(measure) if measure in {gate.measure for gate in DEFAULT_GATES} else None


def judge(gates: Iterable[Gate], compared: Mapping[str, Difference]) -> tuple[Line, ...]:
    """A line for every figure; one that no gate asks for is shown.

    compared: figures by name, `bearing_wear.later.brier`; the last part is the measure.
    """
    by_measure = {gate.measure: gate for gate in gates}
    return tuple(
        _line(name, found, by_measure.get(name.rpartition(".")[2])) for name, found in sorted(compared.items())
    )


def bounds(gates: Iterable[Gate], figures: Mapping[str, float]) -> tuple[Line, ...]:
    """The lines of a challenger that has nobody to be compared with: only the gate's own bounds."""
    asked = [gate for gate in gates if gate.at_least is not None or gate.at_most is not None]
    return tuple(
        Line(name, _within(gate, value), value, None, _bound_words(gate, value))
        for gate in asked
        for name, value in sorted(figures.items())
        if name.rpartition(".")[2] == gate.measure
    )


def _line(name: str, found: Difference, gate: Gate | None) -> Line:
    both = {"challenger": found.challenger, "champion": found.champion, "low": found.low, "high": found.high}
    figures = {key: None if np.isnan(value) else value for key, value in both.items()}
    if gate is None:
        return Line(name, None, reason="shown, decides nothing", **figures)
    if np.isnan(found.champion):
        return Line(name, None, reason="the champion cannot be measured by it", **figures)
    if np.isnan(found.challenger):
        return Line(name, False, reason="the champion can be measured by it, the challenger cannot", **figures)
    if not _within(gate, found.challenger):
        return Line(name, False, reason=_bound_words(gate, found.challenger), **figures)
    direction = WAYS[gate.measure]
    allowed = max(gate.share * abs(found.champion), gate.amount) + 1e-12
    worse = _worse(direction, found)
    sure = found.share(worse, allowed)
    passed = sure >= gate.confidence
    now = float(_worse_of(direction, np.array([found.challenger]), np.array([found.champion]))[0])
    change = "better than" if now < 0 else "within the noise of" if now <= allowed else "worse than"
    aim = f"near {COVERAGE_AIM:g}" if direction == "near" else direction
    reason = (
        f"{found.challenger:.4g} is {change} the champion's {found.champion:.4g} ({aim} is better; difference {found.low:.3g} "
        f"to {found.high:.3g}); no worse than allowed in {sure:.0%} of the draws, {gate.confidence:.0%} are asked"
    )
    return Line(name, passed, reason=reason, **figures)


def _worse(direction: Way, found: Difference) -> Floats:
    """By how much the challenger is worse, in every draw; negative when it is better."""
    return _worse_of(direction, found.new, found.old)


def _worse_of(direction: Way, new: Floats, old: Floats) -> Floats:
    if direction == "near":
        return np.asarray(np.abs(new - COVERAGE_AIM) - np.abs(old - COVERAGE_AIM), dtype=np.float64)
    return np.asarray(new - old if direction == "lower" else old - new, dtype=np.float64)


def _within(gate: Gate, value: float) -> bool:
    return not (
        (gate.at_least is not None and value < gate.at_least) or (gate.at_most is not None and value > gate.at_most)
    )


def _bound_words(gate: Gate, value: float) -> str:
    asked = [
        word
        for word, bound in (
            (f"at least {gate.at_least:g}" if gate.at_least is not None else "", gate.at_least),
            (f"at most {gate.at_most:g}" if gate.at_most is not None else "", gate.at_most),
        )
        if bound is not None
    ]
    return f"{value:.4g}, where the gate asks for {' and '.join(asked)}"
