"""How well stated chances came true on answers out of fold: what a model card prints, before and after calibration."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from pdm.learning import metrics
from pdm.learning.model import Floats, RemainingLifeArrays
from pdm.learning.splits import equal_weights
from pdm.learning.survival import BAND_SHARES, band
from pdm.learning.targets import Ints


def probability_calibration(raw: Floats, used: Floats, truth: Floats, groups: Ints) -> dict[str, Any]:
    """Brier, ECE and reliability of the answers that are used, beside those of the boosters alone; every item weighs the same.

    raw, used: as the boosters said and as Platt scaling by the other folds would have said [n]; NaN where nobody answered.
    """
    known = ~np.isnan(truth) & ~np.isnan(raw)
    weight = equal_weights(groups, known)[known]
    y, before, after = truth[known], raw[known], used[known]
    return {
        "platt": bool(np.any(before != after)),
        "brier": metrics.brier(after, y, weight),
        "brier_raw": metrics.brier(before, y, weight),
        "ece": metrics.expected_calibration_error(after, y, weight),
        "ece_raw": metrics.expected_calibration_error(before, y, weight),
        "reliability": metrics.reliability(after, y, weight).tolist(),
    }


def life_calibration(answer: RemainingLifeArrays, truth: Floats, groups: Ints) -> dict[str, Any]:
    """Coverage and width of the 90 % interval, altogether and by band of the predicted remaining life.

    The bands are those in which the bounds are corrected; a band's weight is the chance that a cut drawn like use falls in it.
    """
    known = ~np.isnan(truth) & ~np.isnan(answer.mean)
    weight = equal_weights(groups, known)[known]
    y, own, items = truth[known], answer.take(known), groups[known]
    number = band(own.mean, answer.cap)
    edges = [0.0, *(share * answer.cap for share in BAND_SHARES), answer.cap]
    bands = []
    for place, (low, high) in enumerate(pairwise(edges)):
        inside = number == place
        if inside.any():
            part = (own.low[inside], own.high[inside])
            bands.append(
                {
                    "from": low,
                    "to": high,
                    "share": float(weight[inside].sum() / weight.sum()),
                    "items": float(len(np.unique(items[inside]))),
                    "coverage90": metrics.coverage(*part, y[inside], weight[inside]),
                    "width90": metrics.width(*part, weight[inside]),
                    "rmse": metrics.rmse(own.mean[inside], y[inside], weight[inside]),
                }
            )
    return {
        "coverage90": metrics.coverage(own.low, own.high, y, weight),
        "width90": metrics.width(own.low, own.high, weight),
        "bands": bands,
    }
