"""Failures, each counted once, however many sources wrote it down: what figures about alerts are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pandas as pd

from pdm.readings.happenings import SAME_HAPPENING


@dataclass
class _Failure:
    """One failure while its records are gathered. first: row of its earliest record."""

    first: int
    at: pd.Timestamp
    mode: str
    sources: set[str] = field(default_factory=set)


def once(failures: pd.DataFrame, *, within: timedelta = SAME_HAPPENING) -> pd.DataFrame:
    """The earliest record of every failure, with the failure mode that any of its records names.

    failures: `asset`, `time`, `failure_mode` and `source` of failure events. Records of *different* sources about one asset that
    lie within `within` and do not name different modes tell of one failure. What one source says twice happened twice.
    """
    rows = failures.sort_values(["asset", "time"], kind="stable", ignore_index=True)
    found: list[_Failure] = []
    recent: list[_Failure] = []
    asset = None
    columns = (rows["asset"], rows["time"], rows["failure_mode"], rows["source"])
    for row, (tag, at, mode, source) in enumerate(zip(*columns, strict=True)):
        recent = [one for one in recent if tag == asset and at - one.at <= within]
        asset = tag
        same = [one for one in recent if source not in one.sources and (one.mode == mode or not (one.mode and mode))]
        if same:
            nearest = same[-1]
            nearest.mode = nearest.mode or mode
        else:
            nearest = _Failure(row, at, mode)
            found.append(nearest)
            recent.append(nearest)
        nearest.sources.add(source)
    return rows.iloc[[one.first for one in found]].assign(failure_mode=[one.mode for one in found])
