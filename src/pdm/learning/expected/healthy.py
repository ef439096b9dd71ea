"""Which rows a sound machine is learnt from: running, undisturbed, and not before something that was repaired or failed.

A period may be declared (exclusions say what is not to be learnt). Where nothing is declared it is found: without the weeks before
every failure and every repair on record, without the day after an error, and then by trimming, in the fit itself.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.learning.expected.design import Bools
from pdm.readings.exclusions import excluded
from pdm.readings.running import RunningState, running_state

BEFORE_DAYS, AFTER_DAYS, ERROR_DAYS = 60.0, 2.0, 1.0
_SUSPECT = ("failure", "repair")


def healthy_rows(
    readings: pd.DataFrame,
    asset_class: AssetClass,
    events: pd.DataFrame | None = None,
    exclusions: pd.DataFrame | None = None,
    *,
    before_days: float = BEFORE_DAYS,
) -> Bools:
    """Whether each row may teach what is normal, bool [n].

    readings: sorted by asset and time. events: as `read_events` gives them. before_days: left out before each failure or repair.
    """
    keep: Bools = running_state(readings, asset_class) == RunningState.RUNNING
    if exclusions is not None and len(exclusions):
        keep &= ~excluded(readings, exclusions, use="learn")
    if events is None or not len(events):
        return keep
    axis = asset_class.axis
    position, day = axis.positions(readings["time"]), axis.per_day
    at = events["usage"].to_numpy(np.float64) if axis.kind == "usage" else axis.positions(events["time"])
    suspect, error = events["kind"].isin(_SUSPECT).to_numpy(), events["kind"].eq("error").to_numpy()
    first = np.where(suspect, at - before_days * day, at)
    last = at + np.where(suspect, AFTER_DAYS, ERROR_DAYS) * day
    rows = readings.groupby("asset", sort=False).indices
    for number in np.flatnonzero((suspect | error) & np.isfinite(at)):
        mine = rows.get(events["asset"].iloc[number])
        if mine is not None:
            keep[mine[(position[mine] >= first[number]) & (position[mine] <= last[number])]] = False
    return keep
