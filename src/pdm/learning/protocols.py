"""The published protocols, so that our figures can be laid beside other people's."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pdm.learning import metrics

CMAPSS_CAP = 125.0


def cmapss_report(predicted: ArrayLike, low: ArrayLike, high: ArrayLike, truth: ArrayLike) -> dict[str, float]:
    """The figures everybody quotes for C-MAPSS: one answer per test engine, at its last cycle, no engine dropped.

    Answers and truths are capped at 125 cycles, except for `rmse_raw`, below which no capped answer can go far. Arrays [engines].

    >>> report = cmapss_report(np.array([100.0]), np.array([80.0]), np.array([125.0]), np.array([140.0]))
    >>> report["rmse_capped125"], report["rmse_raw"], report["coverage90"]
    (25.0, 40.0, 1.0)
    """
    true = np.asarray(truth, dtype=np.float64)
    answer, lower, upper, capped = (
        np.clip(np.asarray(values, dtype=np.float64), 0, CMAPSS_CAP) for values in (predicted, low, high, true)
    )
    return {
        "rmse_capped125": metrics.rmse(answer, capped),
        "rmse_raw": metrics.rmse(answer, true),
        "nasa_score": metrics.nasa_score(answer, capped),
        "coverage90": metrics.coverage(lower, upper, capped),
        "width90": metrics.width(lower, upper),
        "engines": float(len(true)),
    }
