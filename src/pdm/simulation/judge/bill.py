"""What a policy costs: every potential failure is booked once, and life thrown away when it is thrown away.

A failure is *judged* in the period in which it happens, or would have happened if nobody had acted (F), unless its deadline
lay before the period, when no policy on duty could have averted it any more. Nobody acts: F costs `cost_unplanned`. Somebody acts
before F: `cost_planned`, and the remaining life F - act is wasted at a stated rate, at most the whole planned cost. Acts of the
period on lives that would have failed after it cost their waste only: their repair was due some day, in a later period.
What follows from a changed life for its successor is left out: each potential failure is judged for itself.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.simulation.judge.terms import Floats, Period, Prices, years

Acts = dict[str, pd.Series]
"""For each label of the prices: when the policy acts on each failure (NaT: never), in order of the failures."""

BY_SOMEBODY = ("condition", "preventive")


def is_judged(failures: pd.DataFrame, period: Period) -> npt.NDArray[np.bool_]:
    """Which failures (as `with_deadlines` gives them) the period answers for."""
    due = (failures["deadline"] > period.start) & (failures["failure"] <= period.end)
    return due.to_numpy(dtype=bool)


def incumbent_acts(failures: pd.DataFrame) -> pd.Series:
    """When the incumbent policy really ended each life before it failed; NaT where it did not."""
    acted = failures["ended_by"].isin(BY_SOMEBODY) & (failures["ended_at"] < failures["failure"])
    return failures["ended_at"].where(acted)


def earlier(one: pd.Series, other: pd.Series) -> pd.Series:
    """The earlier of two acts, where there is one."""
    return one.where(one.notna() & ~(other < one), other)


def repairs(failures: pd.DataFrame, act_at: pd.Series, period: Period, prices: Prices, label: str) -> Floats:
    """The cost of each potential failure under a policy that acts at `act_at`, in the currency of the truth."""
    unplanned = failures["cost_unplanned"].to_numpy(dtype=np.float64)
    planned = planned_costs(failures, label)
    acted = (act_at <= failures["failure"]).to_numpy(dtype=bool)
    lost = np.where(acted, years(failures["failure"] - act_at), 0.0)
    wasted = planned * np.minimum(1.0, prices.waste_per_year * lost)
    within = ((act_at > period.start) & (act_at <= period.end)).to_numpy(dtype=bool)
    later = (failures["failure"] > period.end).to_numpy(dtype=bool) & within & acted
    judged = is_judged(failures, period)
    return np.where(judged, np.where(acted, planned + wasted, unplanned), np.where(later, wasted, 0.0))


def planned_costs(failures: pd.DataFrame, label: str) -> Floats:
    """Planned cost of each failure: the truth's own (`stated`), or a ratio of its unplanned cost."""
    if label == "stated":
        return failures["cost_planned"].to_numpy(dtype=np.float64)
    return float(label) * failures["cost_unplanned"].to_numpy(dtype=np.float64)


def inspection_costs(failures: pd.DataFrame, classes: pd.Series, prices: Prices) -> Floats:
    """What one unfounded alert costs on an asset of each class: a share of the mean unplanned cost of the class, else of the plant."""
    plant_wide = float(failures["cost_unplanned"].mean()) if len(failures) else 0.0
    means = failures.groupby("asset_class")["cost_unplanned"].mean()
    return prices.inspection * classes.map(means).fillna(plant_wide).to_numpy(dtype=np.float64)
