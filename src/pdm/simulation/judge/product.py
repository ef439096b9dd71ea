"""The product's own alerts over the test months: trained on what was known when they began, promoted, and replayed.

Scoring is the product's own, moment by moment as known then; the decisions are those of its alert engine, held in memory
(`pdm.replay.decisions`), where simulated people look at every alert after a fixed time. They teach the model nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pandas as pd

from pdm.alerts.alert import Alert
from pdm.alerts.read_suppressions import read_suppressions
from pdm.errors import LeakFound, TooLittleData
from pdm.operations.promote_model import promote_model
from pdm.operations.score_fleet import champion
from pdm.operations.score_history import score_history
from pdm.operations.train_model import train_model
from pdm.ports import Plant
from pdm.readings.registry import read_assets
from pdm.readings.tables import readings_table
from pdm.replay.decisions import replay_policy
from pdm.replay.timeline import moments
from pdm.simulation.judge.matching import alert_table
from pdm.simulation.judge.protocol import Months

WHO = "benchmark"
INSPECTOR = "inspector"


@dataclass(frozen=True)
class ProductRun:
    """The alerts of the product, in the columns of `judge`. abstained: class -> why it has no model."""

    alerts: pd.DataFrame = field(repr=False)
    abstained: dict[str, str]
    rounds: int


def product_alerts(
    plant: Plant,
    months: Months,
    *,
    every: timedelta = timedelta(hours=12),
    answer_after: timedelta = timedelta(days=14),
) -> ProductRun:
    """Train every class as of the start of the test months, put the models in charge, and replay the test months.

    plant: one of its own, already loaded with everything that was ever recorded; both times decide what is used when.
    every: time between rounds of scoring. answer_after: so long after it was raised an alert is closed by whoever looked.
    """
    abstained = _train(plant, months.known_at)
    classes = [name for name in _classes(plant) if champion(plant, name) is not None]
    at = list(moments(months.test.start + every, months.test.end, every)) if classes else []
    replayed = replay_policy(
        score_history(plant, at, classes=classes, explain=False),
        {name: model.policy for name, model in plant.catalogue.models.items()},
        read_assets(plant.history, known_at=months.known_at),
        suppressed=read_suppressions(plant.history, plant.catalogue.models, read_assets(plant.history)),
        answer_after=answer_after,
    )
    return ProductRun(raised_alerts(replayed.alerts), abstained, len(at))


def raised_alerts(alerts: Sequence[Alert]) -> pd.DataFrame:
    """Alerts that were ever raised, closed or not, as the judge takes them."""
    names = ("asset", "raised_at", "closed_at", "failure_mode")
    return alert_table([{name: getattr(alert, name) for name in names} for alert in alerts])


def _train(plant: Plant, known_at: datetime) -> dict[str, str]:
    abstained = {}
    for name in _classes(plant):
        try:
            result = train_model(plant, name, author=WHO, known_at=known_at)
        except (TooLittleData, LeakFound) as refusal:  # a class with three failures has no model, and says so
            abstained[name] = str(refusal)
            continue
        promote_model(plant, name, result.version, approved_by=INSPECTOR, reason="first model of a benchmark")
    return abstained


def _classes(plant: Plant) -> list[str]:
    """Classes that have a model definition and readings."""
    return [name for name in sorted(plant.catalogue.models) if plant.history.version(readings_table(name)) >= 0]
