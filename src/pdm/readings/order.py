"""Readings in the order of asset and time: looked at before it is sorted, for most tables come in that order already."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def in_order(readings: pd.DataFrame) -> pd.DataFrame:
    """The rows sorted by `asset` and `time`, equal ones as they came, numbered from 0.

    >>> import pandas as pd
    >>> in_order(pd.DataFrame({"asset": ["P-2", "P-1"], "time": [1.0, 2.0]}))["asset"].tolist()
    ['P-1', 'P-2']
    """
    import pandas as pd

    if len(readings) < 2:
        return readings.reset_index(drop=True)
    codes, tags = pd.factorize(readings["asset"])  # comparing numbers is quicker than comparing words
    times = readings["time"]
    # A column with a zone turns into an array of slow objects; its integers sort alike.
    moments = pd.DatetimeIndex(times).asi8 if isinstance(times.dtype, pd.DatetimeTZDtype) else times.to_numpy()
    later = moments[1:] >= moments[:-1]
    alphabetic = (codes[0] >= 0) and all(one < other for one, other in pairwise(tags))
    if alphabetic and np.all((codes[1:] > codes[:-1]) | ((codes[1:] == codes[:-1]) & later)):
        return readings.reset_index(drop=True)
    return readings.sort_values(["asset", "time"], kind="stable", ignore_index=True)
