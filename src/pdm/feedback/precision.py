"""How often alerts were right, as an interval: three of four confirmed says much less than three hundred of four hundred."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pdm.feedback.outcome import RIGHT
from pdm.feedback.verdict import Outcome
from pdm.learning.metrics import binomial_interval

JUDGED: frozenset[Outcome] = RIGHT | {"false", "sensor fault", "process change"}
"""Outcomes that say whether there was damage; what nobody looked at says nothing."""


@dataclass(frozen=True)
class Precision:
    """right of judged alerts pointed at real damage; low and high hold the true share in 95 of 100 cases."""

    right: int
    judged: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The share; None while nothing was judged."""
        return self.right / self.judged if self.judged else None

    @property
    def sentence(self) -> str:
        """For people.

        >>> precision({"confirmed": 2, "averted": 1, "false": 1, "undecided": 5}).sentence
        '3 of 4 alerts were right (75 %, 95 % interval 19 to 99 %)'
        """
        if not self.judged:
            return "no alert has been judged yet"
        noun = "alert" if self.judged == 1 else "alerts"
        share = f"{self.right / self.judged * 100:.0f} %, 95 % interval {self.low * 100:.0f} to {self.high * 100:.0f} %"
        return f"{self.right} of {self.judged} {noun} {'was' if self.judged == 1 else 'were'} right ({share})"


def precision(outcomes: Mapping[Outcome, int] | Iterable[Outcome]) -> Precision:
    """Precision from counted outcomes, or from a list of them. Undecided ones count on neither side."""
    counts: dict[Outcome, int] = {}
    if isinstance(outcomes, Mapping):
        counts = dict(outcomes)
    else:
        for outcome in outcomes:
            counts[outcome] = counts.get(outcome, 0) + 1
    right = sum(count for outcome, count in counts.items() if outcome in RIGHT)
    judged = sum(count for outcome, count in counts.items() if outcome in JUDGED)
    low, high = binomial_interval(right, judged) if judged else (0.0, 1.0)
    return Precision(right, judged, low, high)
