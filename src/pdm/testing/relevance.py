"""Features of which it is known whether they have anything to do with the target; for tests of selection."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd


def features_and_target(rows: int = 120, seed: int = 3) -> tuple[pd.DataFrame, npt.NDArray[np.float64]]:
    """Independent rows: twelve features of noise, three with less and less signal, one of every other kind, and the target [rows].

    >>> features, target = features_and_target()
    >>> len(features) == len(target) == 120, list(features.filter(like="signal"))
    (True, ['signal1', 'signal2', 'signal3'])
    """
    random = np.random.default_rng(seed)
    target = random.normal(size=rows)
    features = {f"noise{n}": random.normal(size=rows) for n in range(12)}
    features |= {f"signal{n}": target + random.normal(size=rows) * n for n in range(1, 4)}
    features |= {
        "ties": np.round(target + random.normal(size=rows)),
        "switch": (target + random.normal(size=rows) > 0.3).astype(float),
        "coin": random.choice([0.0, 1.0], rows),
        "constant": np.ones(rows),
    }
    return pd.DataFrame(features), target
