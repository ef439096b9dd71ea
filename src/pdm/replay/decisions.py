"""Let a policy decide again over assessments that were made once: alerts in memory, by the code that decides live.

Nobody answers in a replay, and an open alert keeps the next one of its suspicion from being raised. So people are simulated as far
as it takes: whoever is told looks within a fixed time and closes the alert, without teaching anybody anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pdm.alerts.alert import OPEN_STATES, Alert
from pdm.alerts.lifecycle import step
from pdm.alerts.standing import Standing
from pdm.alerts.suppression import Suppressions
from pdm.catalogue import Policy
from pdm.readings.registry import Asset
from pdm.scoring.assessment import Assessment


@dataclass(frozen=True)
class Step:
    """One step of one alert: what the audit would say."""

    at: datetime
    alert: str
    asset: str
    failure_mode: str
    step: str


@dataclass(frozen=True)
class Replayed:
    """What a policy would have done. alerts: all that were ever raised, as they were at the end; steps in their order."""

    alerts: tuple[Alert, ...]
    steps: tuple[Step, ...]


class Decider:
    """A policy at work in memory: hand it rounds of assessments in order of time."""

    def __init__(
        self,
        policies: Mapping[str, Policy],
        assets: Mapping[str, Asset],
        *,
        suppressed: Suppressions | None = None,
        answer_after: timedelta | None = timedelta(days=14),
        standing: Iterable[Alert] = (),
        newest: Mapping[str, Assessment] | None = None,
    ) -> None:
        self._closed: dict[tuple[str, str], Alert] = {}
        self._alerts: dict[str, Alert] = {}
        self._steps: list[Step] = []
        self._answer_after = answer_after
        self._standing = Standing(
            standing,
            newest=newest or {},
            assets=assets,
            policies=policies,
            suppressed=suppressed or Suppressions(),
            last_closed=lambda asset, mode: self._closed.get((asset, mode)),
        )

    def round(self, now: datetime, assessments: Iterable[Assessment]) -> None:
        """One round of scoring at `now`, after whoever was due to answer has done so."""
        self._answer(now)
        for decision in self._standing.let_time_pass(now):
            self._take(decision.alert, [one.step for one in decision.transitions], now)
        for assessment in assessments:
            for decision in self._standing.consider(assessment, now):
                self._take(decision.alert, [one.step for one in decision.transitions], now)

    @property
    def standing(self) -> list[Alert]:
        """What is pending or open now."""
        return self._standing.alerts

    def take_over(self, alert: Alert) -> None:
        """What somebody did to an alert between two rounds."""
        self._take(alert, [], alert.last_seen)

    def result(self) -> Replayed:
        """Everything so far."""
        raised = [alert for alert in self._alerts.values() if alert.raised_at is not None]
        return Replayed(tuple(raised), tuple(self._steps))

    def _answer(self, now: datetime) -> None:
        if self._answer_after is None:
            return
        for alert in self._standing.alerts:
            if (
                alert.state in OPEN_STATES
                and alert.raised_at is not None
                and now - alert.raised_at >= self._answer_after
            ):
                self._take(step(alert, "close", now=now), ["close"], now)

    def _take(self, alert: Alert | None, steps: list[str], now: datetime) -> None:
        if alert is None:
            return
        self._standing.keep(alert)
        self._alerts[alert.id] = alert
        if alert.closed_at is not None and alert.raised_at is not None:
            self._closed[alert.asset, alert.failure_mode] = alert
        self._steps += [Step(now, alert.id, alert.asset, alert.failure_mode, name) for name in steps]


def replay_policy(
    rounds: Iterable[tuple[datetime, Iterable[Assessment]]],
    policies: Mapping[str, Policy],
    assets: Mapping[str, Asset],
    *,
    suppressed: Suppressions | None = None,
    answer_after: timedelta | None = timedelta(days=14),
) -> Replayed:
    """What these policies would have done over rounds of assessments, in order of time.

    answer_after: so long after it was raised an alert is closed by whoever looked; None: nobody ever answers.
    """
    decider = Decider(policies, assets, suppressed=suppressed, answer_after=answer_after)
    for now, assessments in rounds:
        decider.round(now, assessments)
    return decider.result()
