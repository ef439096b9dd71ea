"""The gate that a challenger has to pass before it may take over: a line per figure, as data.

`[[gate]]` lines of `models/<class>.toml` replace the lines below; a plant that trusts its recall more than its Brier score says so there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Way = Literal["lower", "higher", "near"]

WAYS: Mapping[str, Way] = {
    "rmse": "lower",
    "nasa_mean": "lower",
    "winkler90": "lower",
    "coverage90": "near",
    "brier": "lower",
    "recall": "higher",
    "false_per_year": "lower",
    "cost_per_year": "lower",
}
"""Figures that a gate may ask for, and which way is better; `near`: 0.9, for a 90 % interval that should hold 90 of 100 truths."""


@dataclass(frozen=True)
class Gate:
    """One line.

    measure: one of `WAYS`. share, amount: how much worse than the champion it may be, as a share of the champion's figure or an
        absolute amount, whichever is more.
    confidence: in which share of the paired bootstrap draws it must be no worse than that; 0.5 asks for the middle of them.
    at_least, at_most: bounds that the challenger must keep whoever is in charge; None: no bound.
    """

    measure: str
    share: float = 0.0
    amount: float = 0.0
    confidence: float = 0.5
    at_least: float | None = None
    at_most: float | None = None


DEFAULT_GATES = (
    Gate("rmse", share=0.05),
    Gate("winkler90", share=0.05),
    Gate("coverage90", amount=0.02),
    Gate("brier", share=0.05),
    Gate("recall", amount=0.10),
    Gate("false_per_year", share=0.10, amount=0.05),
)
"""A few headline figures, each with the noise of an evaluation: with twenty deciding figures chance alone would refuse every challenger."""
