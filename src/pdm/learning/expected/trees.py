"""Trees as the class's curve where a few curved terms do not follow it: one small LightGBM regression, one thread, same seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from pdm.learning.expected.design import Floats

MOST_ROWS = 12_000
ROUNDS = 40
_SETTINGS = {
    "objective": "regression",
    "learning_rate": 0.15,
    "num_leaves": 15,
    "min_data_in_leaf": 200,
    "num_threads": 1,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


def grow_trees(scaled: Floats, target: Floats) -> Any:
    """A booster over the scaled inputs [n, inputs]; of more than `MOST_ROWS` rows evenly spread ones are taken."""
    import lightgbm

    chosen = np.linspace(0, len(target) - 1, min(len(target), MOST_ROWS)).astype(np.intp)
    data = lightgbm.Dataset(scaled[chosen], target[chosen], params={"verbosity": -1}, free_raw_data=True)
    return lightgbm.train(_SETTINGS, data, num_boost_round=ROUNDS)
