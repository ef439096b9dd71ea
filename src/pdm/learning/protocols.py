"""The published protocols, so that our figures can be laid beside other people's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from pdm.catalogue import Axis, ModelDefinition
from pdm.learning import metrics
from pdm.learning.episodes import count_alerts
from pdm.learning.evaluation import DAYS_A_YEAR, alert_figures
from pdm.learning.targets import label_rows

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


def alert_report(
    scores: pd.DataFrame, lives: pd.DataFrame, definition: ModelDefinition, axis: Axis, *, minimum_lead: float = 0.0
) -> dict[str, dict[str, float | Sequence[float]]]:
    """Alerts as a planner counts them, per target that asks for a failure within a horizon.

    scores: `asset`, `time` and one column of probabilities per target, named as the target.
    lives: `pdm.readings.registry.LIFE_COLUMNS`.
    minimum_lead: native units that a warning must come before the failure.

    Returns:
        Target name -> `recall`, its exact 95 % `recall_interval`, `failures`, `found`, `false_per_year`, `leads`, `lead_median`.
    """
    report: dict[str, dict[str, float | Sequence[float]]] = {}
    for target in definition.targets:
        if target.name not in scores:
            continue
        alerts = count_alerts(
            scores[target.name].to_numpy(dtype=np.float64),
            axis.positions(scores["time"]),
            pd.factorize(scores["asset"])[0].astype(np.int64),
            label_rows(scores, lives, definition, target, axis),
            definition.policy,
            horizon=target.horizon,
            per_year=axis.per_day * DAYS_A_YEAR,
            minimum_lead=minimum_lead,
        )
        modes = [definition.mode(name) for name in target.modes]
        planning = max(mode.planning_time + mode.parts_time for mode in modes)
        report[target.name] = {
            **alert_figures(alerts, planning),
            "recall_interval": alerts.interval,
            "leads": alerts.leads,
        }
    return report
