"""Evidence of plants that never were, in which it is known what tells a real spell from an unfounded one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pdm.learning.watch.gather import COLUMNS, Gathered
from pdm.learning.watch.pieces import NAMES


def evidence_of_a_plant(seed: int, *, telling: bool, machines: int = 30, days: int = 200) -> Gathered:
    """Every machine has a spell of 25 days above the floor, and every other spell ends in a record.

    telling: whether `rest` is high in those that do; else nothing in the evidence says which they are.

    >>> evidence_of_a_plant(1, telling=True).failures
    15
    """
    rng = np.random.default_rng(seed)
    rows, failures = [], 0
    for machine in range(machines):
        start = int(rng.integers(20, days - 60))
        real = machine % 2 == 0
        failures += real
        for age in range(25):
            pieces = dict.fromkeys(NAMES, 0.0) | {
                "level": 0.65 + 0.03 * age + rng.normal(0, 0.1),
                "heard": 30.0,
                "rest": (0.8 if real and telling else 0.1) + rng.normal(0, 0.05),
            }
            rows.append(
                {"machine": machine, "day": start + age, "failed_in": 30.0 - age if real else np.nan}
                | {"known_for": float(days - start - age)}
                | pieces
            )
    frame = pd.DataFrame(rows)[[*COLUMNS, *NAMES]].astype(np.float32).astype({"machine": np.int32})
    return Gathered(frame, machines * days, failures)
