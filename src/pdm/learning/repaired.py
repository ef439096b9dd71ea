"""Items that are mended and go on: failures come along one clock, and each repair leaves the machine about as old as it was.

The Crow-AMSAA (power law) process counts them: the expected number of failures until age t is scale * t ** shape; shape > 1 says that
failures come ever faster. A Weibull over the gaps would take every repair for a renewal (Crow 1974; MIL-HDBK-189).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdm.errors import TooLittleData
from pdm.learning.model import Floats

FEWEST = 2


@dataclass(frozen=True)
class CrowAmsaa:
    """Expected failures until age t: scale * t ** shape.

    failures: how many it was fitted on.
    """

    shape: float
    scale: float
    failures: int

    @property
    def wears_out(self) -> bool:
        """Whether failures come ever faster; otherwise age alone is no reason to intervene."""
        return self.shape > 1.0

    def expected(self, age: Floats, horizon: float) -> Floats:
        """The expected number of failures in the next `horizon`."""
        start = np.maximum(age, 0.0)
        return np.asarray(self.scale * ((start + horizon) ** self.shape - start**self.shape), dtype=np.float64)

    def failure_within(self, age: Floats, horizon: float) -> Floats:
        """P(at least one failure within `horizon`) at this age."""
        return -np.expm1(-self.expected(age, horizon))


def fit_crow_amsaa(entry: Floats, end: Floats, age: Floats) -> CrowAmsaa:
    """The most likely process of several items, each seen from age `entry` to age `end`.

    entry, end: [items]; an item may be older than its record. age: ages at failure, of all items [failures].

    With every entry at 0 the answer is closed: shape = n / sum(log(end / age)).

    >>> found = fit_crow_amsaa(np.zeros(1), np.array([100.0]), np.array([25.0, 50.0, 100.0]))
    >>> round(found.shape, 4), round(float(found.expected(np.zeros(1), 100.0)[0]), 4)
    (1.4427, 3.0)

    Raises:
        TooLittleData: fewer than two failures.
    """
    if len(age) < FEWEST:
        raise TooLittleData(f"{len(age)} failures of repaired items; {FEWEST} are needed to tell how they come")
    unit = float(end.max())
    entry, end, age = np.maximum(entry, 0.0) / unit, end / unit, np.maximum(age, 1e-9 * unit) / unit
    logs = float(np.log(age).sum())

    def slope(shape: float) -> float:
        """The derivative of the profile likelihood: falling in `shape`."""
        late, early = end**shape, np.where(entry > 0, np.maximum(entry, 1e-300) ** shape, 0.0)
        moved = late * np.log(end) - np.where(entry > 0, early * np.log(np.maximum(entry, 1e-300)), 0.0)
        return len(age) / shape + logs - len(age) * float(moved.sum()) / float((late - early).sum())

    from scipy.optimize import brentq

    low, high = 1e-3, 50.0
    shape = low if slope(low) <= 0 else high if slope(high) >= 0 else float(brentq(slope, low, high, xtol=1e-12))
    covered = float((end**shape - np.where(entry > 0, np.maximum(entry, 1e-300) ** shape, 0.0)).sum())
    return CrowAmsaa(shape, len(age) / covered / unit**shape, len(age))
