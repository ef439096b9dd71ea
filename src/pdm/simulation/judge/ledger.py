"""What a stream of alerts costs, quickly: for tuning, which asks thousands of times on the same failures.

`judge` gives the same number, and is the definition; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pdm.alerts.alert import UNSPECIFIED
from pdm.catalogue.axis import microseconds
from pdm.simulation.honest.truth import Truth
from pdm.simulation.judge import bill
from pdm.simulation.judge.matching import Passing, assign, by_asset, microseconds_of, with_deadlines
from pdm.simulation.judge.rules import Stream
from pdm.simulation.judge.terms import YEAR, Floats, Period, Prices, Terms

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ledger:
    """The failures of one period with their costs, at the truth's own prices; alerts name no mode and stand alone.

    unplanned: of judged failures, else 0. planned: of every failure; planned_here: of judged ones. inspection: by asset.
    """

    passing: Mapping[str, list[Passing]]
    unplanned: Floats
    planned: Floats
    planned_here: Floats
    later: npt.NDArray[np.bool_]
    failure: Ints
    lead: Ints
    inspection: Mapping[str, float]
    start: int
    end: int
    gap: int
    waste_per_year: float

    @classmethod
    def of(cls, truth: Truth, period: Period, terms: Terms, prices: Prices) -> Ledger:
        """The ledger of a truth over a period."""
        failures = with_deadlines(truth.failures)
        judged, planned = bill.is_judged(failures, period), bill.planned_costs(failures, "stated")
        costs = bill.inspection_costs(truth.failures, truth.exposure["asset_class"], prices)
        return cls(
            passing=by_asset(failures, terms),
            unplanned=np.where(judged, failures["cost_unplanned"].to_numpy(dtype=np.float64), 0.0),
            planned=planned,
            planned_here=np.where(judged, planned, 0.0),
            later=(failures["failure"] > period.end).to_numpy(dtype=bool),
            failure=microseconds(failures["failure"]),
            lead=(failures["lead_needed"].dt.total_seconds().to_numpy(dtype=np.float64) * 1e6).astype(np.int64),
            inspection=dict(zip(truth.exposure["asset"], costs.tolist(), strict=True)),
            start=int(period.start.timestamp() * 1e6),
            end=int(period.end.timestamp() * 1e6),
            gap=microseconds_of(terms.episode_gap),
            waste_per_year=prices.waste_per_year,
        )

    @property
    def without_alerts(self) -> float:
        """What it costs when nobody says anything."""
        return float(self.unplanned.sum())

    def cost(self, stream: Stream) -> float:
        """What it costs when these alerts are raised and followed."""
        passing = {asset: [replace(one) for one in some] for asset, some in self.passing.items()}
        total = self.without_alerts
        quiet: dict[str, int] = {}
        rows = zip(stream.which.tolist(), stream.raised.tolist(), stream.closed.tolist(), strict=True)
        for which, raised, closed in rows:
            if raised <= self.start < closed:
                raised = self.start + 1  # it stands when the period begins
            if not self.start < raised <= self.end:
                continue
            asset = stream.assets[which]
            kind, number = assign(passing.get(asset, []), raised, UNSPECIFIED)
            if kind in ("in time", "early"):
                total += self._saved(number, raised)
            elif kind == "false":
                total += self.inspection.get(asset, 0.0) if raised > quiet.get(asset, self.start) else 0.0
                quiet[asset] = max(quiet.get(asset, 0), closed + self.gap)
        return total

    def _saved(self, number: int, raised: int) -> float:
        """The change in cost when a failure is found by an alert."""
        act = raised + int(self.lead[number])
        lost = (int(self.failure[number]) - act) / (YEAR.total_seconds() * 1e6)
        wasted = float(self.planned[number]) * min(1.0, self.waste_per_year * lost)
        if self.later[number]:
            return wasted if act <= self.end else 0.0
        if not self.unplanned[number]:
            return 0.0  # not judged in this period
        return float(self.planned_here[number]) + wasted - float(self.unplanned[number])
