"""The terms of a judgement: over which period, with which allowances, and at what prices.

All of it is stated in every report; nothing of it is tuned on the period that is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.clock import aware
from pdm.errors import InputError

YEAR = timedelta(days=365.25)
Floats = npt.NDArray[np.float64]
RATIOS = (0.1, 0.2, 0.3, 0.4, 0.5)
"""Planned over unplanned cost: the range in which real plants lie."""


@dataclass(frozen=True)
class Period:
    """The stretch that is judged: after `start`, up to and including `end`.

    >>> from datetime import UTC
    >>> Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 2, 15, tzinfo=UTC)).years
    0.5
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if aware(self.start) >= aware(self.end):
            raise InputError(f"the period ends at {self.end}, before it begins at {self.start}")

    @property
    def years(self) -> float:
        return (self.end - self.start) / YEAR


def clipped(times: pd.Series, period: Period) -> pd.Series:
    """The moments, none before the period's start or after its end; a missing one stays missing."""
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return times.mask(times < start, start).mask(times > end, end)


def years(span: pd.Series) -> Floats:
    """Differences of time in years."""
    seconds: Floats = span.dt.total_seconds().to_numpy(dtype=np.float64)
    return seconds / YEAR.total_seconds()


@dataclass(frozen=True)
class Terms:
    """How alerts are counted.

    tolerance: an alert so long before the onset, or after the end of a life, still belongs to it.
    horizon: an alert longer than this before the failure is early. horizons: the same by asset class.
    episode_gap: an unfounded alert so soon after the last one of the same asset and mode was closed is the same episode.
    """

    tolerance: timedelta = timedelta(hours=24)
    horizon: timedelta = timedelta(days=30)
    horizons: Mapping[str, timedelta] | None = None
    episode_gap: timedelta = timedelta(days=14)

    def horizon_of(self, asset_class: str) -> timedelta:
        return (self.horizons or {}).get(asset_class, self.horizon)


@dataclass(frozen=True)
class Prices:
    """What things cost besides the repairs themselves, whose costs stand in the truth.

    ratios: planned over unplanned cost; each gives figures of its own, beside those with the truth's own planned costs.
    inspection: of an alert with nothing to be found, as a share of the unplanned cost (mean over the class's failures).
    waste_per_year: life thrown away by an early planned repair, as a share of the planned cost per year; at most all of it.
    """

    ratios: tuple[float, ...] = RATIOS
    inspection: float = 0.015
    waste_per_year: float = 0.25

    def __post_init__(self) -> None:
        if any(not 0 < ratio < 1 for ratio in self.ratios):
            raise InputError(f"cost ratios must lie between 0 and 1, not {self.ratios}")
        if self.inspection < 0 or self.waste_per_year < 0:
            raise InputError("an inspection and wasted life cannot cost less than nothing")

    @property
    def labels(self) -> tuple[str, ...]:
        """One label per set of costs: `stated` for the truth's own, then the ratios."""
        return ("stated", *(f"{ratio:g}" for ratio in self.ratios))
