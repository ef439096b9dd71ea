"""P(failure before a date), from what an assessment says: the distribution that every choice of a date rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from pdm.alerts.alert import UNSPECIFIED
from pdm.catalogue import Axis
from pdm.scoring.assessment import Assessment

Floats = npt.NDArray[np.float64]

_HOUR = timedelta(hours=1)
_CERTAIN = 1 - 1e-9


@dataclass(frozen=True)
class FailureCurve:
    """Cumulative hazard by hours from `start`, straight between its knots: the hazard is constant on each piece.

    hours, hazard: [k] rising, both beginning with 0; beyond the last knot the last piece goes on. source: where it comes from.
    """

    start: datetime
    hours: tuple[float, ...]
    hazard: tuple[float, ...]
    source: str = ""

    def cumulative(self, hours: npt.ArrayLike) -> Floats:
        """Cumulative hazard at so many hours after `start`."""
        at = np.asarray(hours, dtype=np.float64)
        inside = np.interp(at, self.hours, self.hazard)
        beyond = np.maximum(at - self.hours[-1], 0.0) * self.last_rate
        return np.asarray(inside + beyond, dtype=np.float64)

    @property
    def last_rate(self) -> float:
        """Hazard per hour on the last piece."""
        if len(self.hours) < 2:
            return 0.0
        return (self.hazard[-1] - self.hazard[-2]) / (self.hours[-1] - self.hours[-2])

    def probability(self, hours: npt.ArrayLike) -> Floats:
        """P(failure within so many hours after `start`), given that it is sound at `start`."""
        return np.asarray(-np.expm1(-self.cumulative(hours)), dtype=np.float64)

    def until(self, moment: datetime) -> float:
        """P(failure before a moment)."""
        return float(self.probability(max((moment - self.start) / _HOUR, 0.0)))

    def reaches(self, probability: float) -> float:
        """Hours after which P(failure) reaches `probability`; infinity when it never does.

        >>> from datetime import UTC
        >>> FailureCurve(datetime(2026, 1, 1, tzinfo=UTC), (0.0, 100.0), (0.0, 0.0)).reaches(0.05)
        inf
        """
        wanted = -math.log1p(-min(probability, _CERTAIN))
        if wanted > self.hazard[-1]:
            rate = self.last_rate
            return self.hours[-1] + (wanted - self.hazard[-1]) / rate if rate > 0 else math.inf
        piece = int(np.searchsorted(self.hazard, wanted, side="left"))
        if piece == 0:
            return 0.0
        low, high = self.hazard[piece - 1], self.hazard[piece]
        share = (wanted - low) / (high - low)
        return self.hours[piece - 1] + share * (self.hours[piece] - self.hours[piece - 1])


def failure_curve(assessment: Assessment, failure_mode: str, axis: Axis, *, now: datetime) -> FailureCurve | None:
    """The curve of one failure mode from `now` on, given that the machine runs now; None when the assessment says nothing.

    The whole distribution comes from the remaining-life curve, else from the 5, 50 and 95 % points of its band. The mode's own
    probability within its horizon says which share of the hazard is this mode's; without a distribution it gives a constant
    hazard. The time since the newest reading has passed without failure.
    """
    risk = next((one for one in assessment.risks if one.mode == failure_mode), None)
    points, source = _points(assessment)
    if not points and (risk is None or risk.horizon <= 0):
        return None
    if risk is None or risk.horizon <= 0 or failure_mode == UNSPECIFIED:
        share, source = 1.0, source + " for the whole machine"
    elif points:
        hours = _calendar(risk.horizon, axis)
        whole = _curve(assessment.as_of, [(_calendar(at, axis), p) for at, p in points], "").cumulative(hours)
        mine = -math.log1p(-min(risk.probability, _CERTAIN))
        share = min(mine / float(whole), 1.0) if whole > 0 else 0.0
        if mine > float(whole):  # the mode's own model sees more than the curve of the whole machine
            points = _raised(points, risk.horizon, risk.probability, axis)
    else:
        points, share, source = [(risk.horizon, risk.probability)], 1.0, "its probability within one horizon"
    knots = [(_calendar(at, axis), p) for at, p in points]
    whole_curve = _curve(now, knots, source)
    passed = max((now - (assessment.data_time or assessment.as_of)) / _HOUR, 0.0)
    return _since(whole_curve, passed, share)


def _points(assessment: Assessment) -> tuple[list[tuple[float, float]], str]:
    if assessment.curve:
        return list(assessment.curve), "the remaining-life curve"
    life = assessment.remaining_life
    if life is None or life.at_cap or life.high <= 0:
        return [], ""
    return [(life.low, 0.05), (life.median, 0.5), (life.high, 0.95)], "the band of the remaining life"


def _raised(
    points: list[tuple[float, float]], horizon: float, probability: float, axis: Axis
) -> list[tuple[float, float]]:
    """The hazard of the curve scaled up, so that it agrees with the mode's own probability at its horizon."""
    whole = _curve(datetime.min, [(_calendar(at, axis), p) for at, p in points], "")
    there = float(whole.cumulative(_calendar(horizon, axis)))
    wanted = -math.log1p(-min(probability, _CERTAIN))
    if there <= 0:
        return [(horizon, probability), *((at, max(p, probability)) for at, p in points if at > horizon)]
    return [(at, -math.expm1(math.log1p(-min(p, _CERTAIN)) * wanted / there)) for at, p in points]


def _curve(start: datetime, points: list[tuple[float, float]], source: str) -> FailureCurve:
    """Points as a curve: sorted, rising, without two at one place."""
    hours, hazard = [0.0], [0.0]
    for at, probability in sorted(points):
        level = max(-math.log1p(-min(max(probability, 0.0), _CERTAIN)), hazard[-1])
        if at <= hours[-1]:
            hazard[-1] = level if len(hours) > 1 else 0.0
            continue
        hours.append(at)
        hazard.append(level)
    return FailureCurve(start, tuple(hours), tuple(hazard), source)


def _since(curve: FailureCurve, passed: float, share: float) -> FailureCurve:
    """The same curve seen `passed` hours later, and only a share of its hazard."""
    base = float(curve.cumulative(passed))
    later = [(at, level) for at, level in zip(curve.hours, curve.hazard, strict=True) if at > passed]
    if not later:
        later = [(passed + 1.0, float(curve.cumulative(passed + 1.0)))]
    hours = (0.0, *(at - passed for at, _ in later))
    hazard = (0.0, *((level - base) * share for _, level in later))
    return FailureCurve(curve.start, hours, hazard, curve.source)


def _calendar(length: float, axis: Axis) -> float:
    return axis.calendar(length) / _HOUR
