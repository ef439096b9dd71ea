"""Where each machine's normal begins anew: because somebody declared it, or because the class says which work makes it another machine.

Nothing else moves a baseline. A machine that slowly gets worse and is read every day must not become its own idea of sound.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from pdm.catalogue import Axis

DECLARED = "rebaseline"
ALWAYS_NEW = ("installation",)
"""Kinds that renew by their nature; repairs and preventive tasks only when their record says that they restore."""


def baselines_from(events: pd.DataFrame, axis: Axis, kinds: Collection[str] = ()) -> dict[str, float]:
    """Asset -> position of its newest beginning, in native units.

    events: as `read_events` gives them. kinds: what else than a declared re-baseline begins one (`[watch] new_baseline_after`).
    """
    kind = events["kind"]
    renewing = kind.isin(list(kinds)) & (kind.isin(ALWAYS_NEW) | events["restores"].fillna(False).astype(bool))
    rows = events[kind.eq(DECLARED) | renewing]
    at = rows["usage"].to_numpy(np.float64) if axis.kind == "usage" else axis.positions(rows["time"])
    newest = pd.Series(at, index=rows.index).groupby(rows["asset"].to_numpy()).max().dropna()
    return {str(asset): float(position) for asset, position in newest.items()}
