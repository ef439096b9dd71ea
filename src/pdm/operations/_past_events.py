"""When each machine was last repaired, as known at any moment, without asking the history again each time something was written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import Axis
from pdm.catalogue.axis import microseconds
from pdm.readings.tables import HistoryTables
from pdm.replay.held import microsecond

RESTORING = ("failure", "repair", "installation")
"""Kinds of events after which what a watch list has gathered about a machine begins anew."""


@dataclass(frozen=True)
class PastEvents:
    """All versions of all events, sorted by event and moment of recording.

    recorded: microseconds. last: whether no later version of the event follows. counts: it restores and was not taken back.
    asset: place in `assets`. at: hours since 1970, NaN where only the usage is known. kinds: of events that ever were on record.
    """

    assets: tuple[str, ...]
    recorded: npt.NDArray[np.int64]
    event: npt.NDArray[np.int64]
    counts: npt.NDArray[np.bool_]
    asset: npt.NDArray[np.int64]
    at: npt.NDArray[np.float64]
    kinds: frozenset[str] = frozenset()

    @property
    def told_anew(self) -> frozenset[str]:
        """Assets with an event of which there are several versions."""
        several = np.flatnonzero(np.append(self.event[1:] == self.event[:-1], False)[: len(self.event)])
        return frozenset(self.assets[place] for row in (several, several + 1) for place in self.asset[row].tolist())

    def restored(self, now: datetime) -> dict[str, float]:
        """Asset -> position of its last repair or renewal on a calendar axis."""
        known = self.recorded <= microsecond(now)
        replaced = np.append((self.event[1:] == self.event[:-1]) & known[1:], False)[: len(known)]
        chosen = known & ~replaced & self.counts
        latest = np.full(len(self.assets), -np.inf)
        np.maximum.at(latest, self.asset[chosen], self.at[chosen])
        return {asset: float(at) for asset, at in zip(self.assets, latest, strict=True) if np.isfinite(at)}


def past_events(history: HistoryTables) -> PastEvents:
    """Every version on record."""
    table = history.dataset("events")
    if table is None:
        none = np.empty(0, dtype=np.int64)
        return PastEvents((), none, none, none.astype(np.bool_), none, none.astype(np.float64))
    columns = ["asset", "time", "kind", "event_id", "recorded_at", "void"]
    rows = table.to_table(columns=columns).to_pandas().sort_values(["event_id", "recorded_at"], kind="stable")
    codes, assets = pd.factorize(rows["asset"].to_numpy(dtype=object), sort=True)
    at = Axis().positions(rows["time"])
    counts = (
        rows["kind"].isin(RESTORING).to_numpy() & ~rows["void"].fillna(False).to_numpy(dtype=bool) & np.isfinite(at)
    )
    return PastEvents(
        tuple(str(asset) for asset in assets),
        microseconds(rows["recorded_at"]),
        pd.factorize(rows["event_id"])[0].astype(np.int64),
        counts,
        codes.astype(np.int64),
        at,
        frozenset(rows["kind"].astype(str)),
    )
