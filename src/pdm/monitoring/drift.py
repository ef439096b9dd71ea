"""Whether what a model is asked about still looks like what it has learnt from: the population stability of one quantity.

The values of each machine are counted in its own spreads, pooled, and laid beside the tenths of the past: PSI = sum (p - q) ln(p / q)
over tenths, q the shares in the past and p those of the newest span. Plants are restless, and a fixed limit on the PSI would speak
of every summer; so the limit comes from the past itself: half as much again as the most unusual span that the model has learnt from.
Source: Yurdakul (2018), Statistical properties of the population stability index (for the index; the limit is our own).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

SPAN = 14 * 24.0
"""Hours that are compared with the past at a time."""
FLOOR = 0.25
"""A PSI below this is called no major change by those who made the index popular, however calm the past was."""
MARGIN = 1.5
SPANS = 8
"""So many spans of the past make a limit."""
ROWS = 200
"""So many rows make a span, and so many a machine's own spread."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Usual:
    """One quantity in the past. own: per machine `middle` and `spread`. edges [8 or fewer + 1], shares: of the tenths. limit: a PSI."""

    own: pd.DataFrame
    edges: Floats
    shares: Floats
    limit: float


@dataclass(frozen=True)
class Stability:
    """The newest span beside the past. psi, limit: above it the span is unlike any that was learnt from.

    moved: machines whose middle has left its usual place by more than a spread, the furthest first; machines: how many were there.
    shift: of the middle of all, in spreads.
    """

    psi: float
    limit: float
    shift: float
    moved: tuple[str, ...]
    machines: int

    @property
    def drifts(self) -> bool:
        return self.psi > self.limit


def learn_usual(rows: pd.DataFrame, end: float) -> Usual | None:
    """What was usual; None where the past is too short, or the quantity hardly ever changes.

    rows: `asset`, `position` (hours) and `value` without NaN. end: where the past ends.
    """
    span = ((end - rows["position"].to_numpy(np.float64)) // SPAN).astype(np.int64)
    if len(rows) < ROWS * SPANS:
        return None
    grouped = rows.groupby("asset")["value"]
    quarters = grouped.quantile(np.array([0.25, 0.5, 0.75])).unstack()
    own = pd.DataFrame({"middle": quarters[0.5], "spread": quarters[0.75] - quarters[0.25]})
    own = own[(own["spread"] > 0) & (grouped.size() >= ROWS)]
    scaled = _scaled(rows, own)
    known = np.isfinite(scaled)
    scaled, span = scaled[known], span[known]
    edges = np.unique(np.quantile(scaled, np.linspace(0.1, 0.9, 9))) if len(scaled) else np.empty(0)
    if not len(edges):
        return None
    counts = _counts(scaled, edges)
    numbers, sizes = np.unique(span, return_counts=True)
    spans = [_psi(_counts(scaled[span == one], edges), counts) for one in numbers[sizes >= ROWS]]
    if len(spans) < SPANS:
        return None
    return Usual(own, edges, counts, max(FLOOR, MARGIN * max(spans)))


def stability(rows: pd.DataFrame, usual: Usual) -> Stability | None:
    """The newest rows beside the past; None where there are too few of them, or of no machine that the past knew."""
    scaled = _scaled(rows, usual.own)
    known = np.isfinite(scaled)
    if known.sum() < ROWS:
        return None
    middles = pd.Series(scaled[known]).groupby(rows["asset"].to_numpy()[known]).median()
    far = middles[middles.abs() > 1.0].abs().sort_values(ascending=False)
    return Stability(
        psi=_psi(_counts(scaled[known], usual.edges), usual.shares),
        limit=usual.limit,
        shift=float(np.median(scaled[known])),
        moved=tuple(map(str, far.index)),
        machines=len(middles),
    )


def _scaled(rows: pd.DataFrame, own: pd.DataFrame) -> Floats:
    """Values in spreads from the middle of their machine; NaN where the past did not know it."""
    place = own.reindex(rows["asset"].to_numpy())
    found: Floats = (rows["value"].to_numpy(np.float64) - place["middle"].to_numpy()) / place["spread"].to_numpy()
    return found


def _counts(scaled: Floats, edges: Floats) -> Floats:
    return np.bincount(np.searchsorted(edges, scaled, side="right"), minlength=len(edges) + 1).astype(np.float64)


def _psi(new: Floats, old: Floats) -> float:
    """Population stability index of counts; half a row in every tenth keeps an empty one finite."""
    p, q = ((counts + 0.5) / (counts.sum() + 0.5 * len(counts)) for counts in (new, old))
    return float(np.sum((p - q) * np.log(p / q)))
