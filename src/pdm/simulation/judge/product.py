"""The product's own alerts over the test months: trained on what was known when they began, promoted, and replayed.

In a replay nobody answers alerts, and an alert that is open keeps the next one of its asset and mode from being raised. So people
are simulated as far as it takes: whoever is told looks within a fixed time and closes the alert. They teach the model nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pandas as pd

from pdm.alerts.alert import OPEN_STATES
from pdm.clock import ManualClock
from pdm.errors import LeakFound, TooLittleData
from pdm.operations.answer_alert import close_alert
from pdm.operations.promote_model import promote_model
from pdm.operations.replay_history import replay_history
from pdm.operations.train_model import train_model
from pdm.ports import Plant
from pdm.readings.tables import readings_table
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
    rounds = 0
    if len(abstained) < len(_classes(plant)):
        for start, end in _weeks(months, every):
            rounds += replay_history(plant, start, end, every=every).rounds
            _answer(plant, end, answer_after)
    return ProductRun(raised_alerts(plant), abstained, rounds)


def raised_alerts(plant: Plant) -> pd.DataFrame:
    """All alerts of the plant that were ever raised, closed or not."""
    with plant.unit_of_work() as work:
        alerts = work.alerts.list()
    return alert_table(
        [
            {
                "asset": alert.asset,
                "raised_at": alert.raised_at,
                "closed_at": alert.closed_at,
                "failure_mode": alert.failure_mode,
            }
            for alert in alerts
            if alert.raised_at is not None
        ]
    )


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


def _weeks(months: Months, every: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """Stretches of about a week; the first round is one step after the start, and no round belongs to two of them."""
    at, end = months.test.start + every, months.test.end
    rounds = max(1, int(timedelta(days=7) / every))
    while at <= end:
        last = min(at + (rounds - 1) * every, end)
        yield at, last
        at = at + rounds * every


def _answer(plant: Plant, now: datetime, answer_after: timedelta) -> None:
    then = replace(plant, clock=ManualClock(now))
    with plant.unit_of_work() as work:
        standing = work.alerts.list(states=sorted(OPEN_STATES))
    for alert in standing:
        if alert.raised_at is not None and now - alert.raised_at >= answer_after:
            close_alert(then, alert.id, by=INSPECTOR, why="looked at")
