"""The simple rules of `pdm.replay.rules`, and what they raise as the table that `judge` takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pdm.replay.rules import Kind, Rule, Stream, prepare, signal, together
from pdm.simulation.judge.matching import alert_table

__all__ = ["Kind", "Rule", "Stream", "prepare", "signal", "table_of", "together"]


def table_of(streams: Sequence[Stream]) -> pd.DataFrame:
    """Streams over different assets as the table that `judge` takes."""
    frames = [
        {
            "asset": np.asarray(one.assets, dtype=object)[one.which],
            "raised_at": pd.to_datetime(one.raised, unit="us", utc=True),
            "closed_at": pd.to_datetime(one.closed, unit="us", utc=True),
        }
        for one in streams
    ]
    return alert_table(pd.concat([pd.DataFrame(frame) for frame in frames], ignore_index=True) if frames else [])
