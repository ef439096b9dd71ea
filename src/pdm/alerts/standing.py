"""All alerts that are not closed, while time and assessments pass by: the one place where live scoring and replay decide.

It stores nothing: whoever uses it hands over what stands, takes each decision, and says with `keep` what it made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from pdm.alerts.alert import UNSPECIFIED, Alert, AlertState
from pdm.alerts.decide import decide, same_data
from pdm.alerts.lifecycle import Decision, escalate, expire, resume, suppress
from pdm.alerts.suppression import Suppressions
from pdm.catalogue import Limits, Policy
from pdm.readings.registry import Asset
from pdm.scoring.assessment import Assessment

LastClosed = Callable[[str, str], Alert | None]
"""Asset and failure mode -> the newest closed alert of it that had disturbed somebody."""


class Standing:
    """Alerts that are pending or open, with everything that decides about them.

    newest: the newest assessment of each asset so far. last_closed: asks for a precedent, which only a new alert needs.
    policies: by asset class; a class without one disturbs nobody.
    """

    def __init__(
        self,
        alerts: Iterable[Alert],
        *,
        newest: Mapping[str, Assessment],
        assets: Mapping[str, Asset],
        policies: Mapping[str, Policy],
        suppressed: Suppressions,
        last_closed: LastClosed,
    ) -> None:
        self._alerts: dict[str, dict[str, Alert]] = {}
        for alert in alerts:
            self._alerts.setdefault(alert.asset, {})[alert.failure_mode] = alert
        self._newest = dict(newest)
        self._assets, self._policies = assets, policies
        self._suppressed, self._last_closed = suppressed, last_closed
        self._known_limits: dict[tuple[int, str, int], Limits] = {}

    @property
    def alerts(self) -> list[Alert]:
        """What is pending or open now."""
        return [alert for by_mode in self._alerts.values() for alert in by_mode.values()]

    def asset(self, tag: str, asset_class: str) -> Asset:
        """The record of an asset, or a bare one."""
        return self._assets.get(tag) or Asset(tag, asset_class)

    def keep(self, alert: Alert) -> None:
        """Remember what became of an alert; a closed one does not stand any longer."""
        by_mode = self._alerts.setdefault(alert.asset, {})
        if alert.state is AlertState.CLOSED:
            by_mode.pop(alert.failure_mode, None)
        else:
            by_mode[alert.failure_mode] = alert

    def let_time_pass(self, now: datetime) -> Iterator[Decision]:
        """What no score decides: ends of shelving, intervals in which nobody is alerted, and who waited too long."""
        for alert in self.alerts:
            for judge in (self._expire, self._by_design, self._escalate):
                current = self._alerts.get(alert.asset, {}).get(alert.failure_mode)
                decision = judge(current, now) if current is not None else Decision(None)
                if decision.transitions:
                    yield decision

    def consider(self, assessment: Assessment, now: datetime) -> Iterator[Decision]:
        """The decisions that one assessment leads to; one that is not newer, or rests on the same data, leads to none."""
        before = self._newest.get(assessment.asset)
        if before is not None and assessment.as_of <= before.as_of:
            return
        self._newest[assessment.asset] = assessment
        policy = self._policies.get(assessment.asset_class)
        if policy is None or same_data(before, assessment):
            return
        asset = self.asset(assessment.asset, assessment.asset_class)
        if not self._alerts.get(asset.asset) and not self._could_raise(assessment, policy, asset.criticality):
            return
        interval = self._suppressed.at(asset.asset, assessment.as_of, assessment.data_usage, now)
        found = decide(
            self._alerts.get(asset.asset, {}),
            assessment,
            policy,
            asset,
            now=now,
            precedent=lambda mode: self._last_closed(asset.asset, mode),
            suppressed=interval is not None,
        )
        for one in found:
            if one.decision.alert is not None and one.decision.alert is not one.before:
                yield one.decision

    def _could_raise(self, assessment: Assessment, policy: Policy, criticality: int) -> bool:
        """Whether anything of an assessment reaches a limit: most do not, and a replay asks a hundred thousand times."""
        for risk in assessment.risks:
            if risk.probability >= self._limits(policy, risk.mode, criticality).raise_at:
                return True
        for one in assessment.deviations:
            limit = self._limits(policy, one.mode, criticality).raise_deviation
            if 0 < limit <= one.level:
                return True
        life = assessment.remaining_life
        if life is None or life.at_cap:
            return False
        modes = [risk.mode for risk in assessment.risks] or [UNSPECIFIED]
        return any(life.median < self._limits(policy, mode, criticality).raise_below for mode in modes)

    def _limits(self, policy: Policy, mode: str, criticality: int) -> Limits:
        key = id(policy), mode, criticality
        if key not in self._known_limits:
            self._known_limits[key] = policy.limits(mode, criticality)
        return self._known_limits[key]

    def _expire(self, alert: Alert, now: datetime) -> Decision:
        return expire(alert, now=now)

    def _by_design(self, alert: Alert, now: datetime) -> Decision:
        newest = self._newest.get(alert.asset)
        interval = self._suppressed.at(alert.asset, now, newest.data_usage if newest else None, now)
        if interval is not None and interval.hold:
            return suppress(alert, now=now, why=interval.reason)
        return resume(alert, now=now)

    def _escalate(self, alert: Alert, now: datetime) -> Decision:
        policy = self._policies.get(alert.asset_class)
        if policy is None or not policy.escalate_after:
            return Decision(alert)
        return escalate(alert, policy, self.asset(alert.asset, alert.asset_class).criticality, now=now)
