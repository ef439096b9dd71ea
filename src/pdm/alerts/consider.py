"""What one new assessment does to one suspicion: raise, keep, clear, re-open; a pure function of alert, assessment and policy.

Limits on the probability of failure, on the remaining life and on the deviation from what is expected; n of m, delays and dead
bands against nervous scores. Live scoring, replay and the answer to "why is there no alert?" all call it, and only it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pdm.alerts.alert import Alert, AlertState
from pdm.alerts.lifecycle import Decision, alert_id, expire, take
from pdm.audit.canonical import plain
from pdm.catalogue import Limits, Policy
from pdm.readings.registry import Asset
from pdm.scoring.assessment import Assessment, Deviation, RemainingLife, Risk

LIFE_DEAD_BAND = 1.25
"""A remaining life below the limit raises; it must be a quarter above the limit before the alert clears."""

NOT_RUNNING = frozenset({"standby", "transient", "stopped"})
_STANDING = frozenset({AlertState.UNACKNOWLEDGED, AlertState.ACKNOWLEDGED})


@dataclass(frozen=True)
class Measured:
    """One suspicion held against its limits. over, under: which of them speak for an alert, and whether all are kept."""

    by_risk: bool
    by_life: bool
    by_deviation: bool
    below: bool

    @property
    def above(self) -> bool:
        return self.by_risk or self.by_life or self.by_deviation


def measure(risk: Risk, life: RemainingLife | None, deviation: Deviation | None, limits: Limits) -> Measured:
    """Hold probability, remaining life and deviation against the limits for their mode and the asset's criticality."""
    bounded = life is not None and not life.at_cap and limits.raise_below > 0
    short = bounded and life is not None and life.median < limits.raise_below
    long = not bounded or life is None or life.median > limits.raise_below * LIFE_DEAD_BAND
    watched = deviation is not None and limits.raise_deviation > 0
    far = watched and deviation is not None and deviation.level >= limits.raise_deviation
    calm = not watched or deviation is None or deviation.level < limits.clear_deviation
    below = risk.probability < min(limits.clear_at, limits.raise_at) and long and calm
    return Measured(risk.probability >= limits.raise_at, short, far, below)


def consider(
    alert: Alert | None,
    assessment: Assessment,
    risk: Risk,
    policy: Policy,
    asset: Asset,
    *,
    now: datetime,
    last_closed: Alert | None = None,
    counts_life: bool | None = None,
    deviation: Deviation | None = None,
    suppressed: bool = False,
) -> Decision:
    """Let one assessment of one suspicion take its steps. Pure: nothing is stored.

    alert: the pending or open alert of (asset, mode). last_closed: the newest one that is closed, so that a new one is marked.
    counts_life: whether this suspicion answers for the asset's remaining life (default: when it is the most probable one).
    deviation: what the watch list says about this suspicion.
    suppressed: an exclusion interval holds.

    An assessment on old, missing or bad data, of a machine that does not run, or inside an exclusion neither raises nor clears
    anything. One that is not newer than the last one considered changes nothing.
    """
    decision = expire(alert, now=now) if alert else Decision(None)
    if suppressed or not speaks(assessment) or not is_new(decision.alert, last_closed, assessment):
        return decision
    carries_life = risk == assessment.worst if counts_life is None else counts_life
    limits = policy.limits(risk.mode, asset.criticality)
    found = measure(risk, assessment.remaining_life if carries_life else None, deviation, limits)
    current = decision.alert
    if current is None:
        if not found.above:
            return decision
        current = _first(assessment, risk, last_closed)
    seen = _seen(current, assessment, risk, found, limits)
    moved = _move(seen, assessment, found, limits, now)
    return Decision(moved.alert, decision.transitions + moved.transitions)


def _move(alert: Alert, assessment: Assessment, found: Measured, limits: Limits, now: datetime) -> Decision:
    """The step that the scores ask for, if any."""
    enough = sum(alert.recent) >= limits.persistence[0]
    long_enough = assessment.as_of - alert.first_seen >= timedelta(hours=limits.on_delay)
    if alert.state is AlertState.PENDING and enough and found.above and long_enough:
        raised = replace(alert, raised_at=alert.raised_at or now, evidence=evidence(assessment))
        return take(raised, "raise", now, persistence_words(alert, limits))
    if alert.state is AlertState.RETURNED and enough and found.above:
        return take(replace(alert, evidence=evidence(assessment)), "retrip", now, persistence_words(alert, limits))
    if alert.state is AlertState.PENDING and not any(alert.recent):
        return take(alert, "lapse", now, "not seen again")
    calm_since = alert.below_since or assessment.as_of
    calm = found.below and assessment.as_of - calm_since >= timedelta(hours=limits.off_delay)
    if alert.state in _STANDING and calm and not enough:
        return take(alert, "clear", now, "the score went back, and nobody has said why")
    return Decision(alert)


def speaks(assessment: Assessment) -> bool:
    """Whether an assessment is worth a change: fresh data, a working model, a running machine (or nobody knows)."""
    sound = assessment.data == "fresh" and assessment.model == "ok"
    return sound and assessment.equipment not in NOT_RUNNING


def is_new(alert: Alert | None, last_closed: Alert | None, assessment: Assessment) -> bool:
    if alert is not None:
        return assessment.as_of > alert.last_seen
    return last_closed is None or last_closed.closed_at is None or assessment.as_of > last_closed.closed_at


def _first(assessment: Assessment, risk: Risk, last_closed: Alert | None) -> Alert:
    return Alert(
        id=alert_id(assessment.asset, risk.mode, assessment.as_of),
        asset=assessment.asset,
        asset_class=assessment.asset_class,
        failure_mode=risk.mode,
        state=AlertState.PENDING,
        first_seen=assessment.as_of,
        last_seen=assessment.as_of,
        repeat_of=last_closed.id if last_closed else "",
    )


def _seen(alert: Alert, assessment: Assessment, risk: Risk, found: Measured, limits: Limits) -> Alert:
    return replace(
        alert,
        last_seen=assessment.as_of,
        probability=risk.probability,
        peak_probability=max(alert.peak_probability, risk.probability),
        horizon=risk.horizon,
        horizon_unit=risk.unit,
        remaining=_remaining(assessment.remaining_life),
        recent=(*alert.recent, found.above)[-limits.persistence[1] :],
        below_since=(alert.below_since or assessment.as_of) if found.below else None,
        bundle=assessment.bundle,
    )


def persistence_words(alert: Alert, limits: Limits) -> str:
    """How often it was seen, against how often it must be."""
    n, m = limits.persistence
    return f"{sum(alert.recent)} of the last {len(alert.recent)} assessments above the threshold ({n} of {m} needed)"


def _remaining(life: RemainingLife | None) -> dict[str, Any]:
    if life is None:
        return {}
    names = ("median", "low", "high", "unit", "at_cap", "open_end", "median_date", "low_date", "high_date")
    return {name: plain(getattr(life, name)) for name in names}


def evidence(assessment: Assessment) -> dict[str, Any]:
    """What an assessment said, as JSON that an alert keeps: risks, remaining life, reasons, flags, and how to reproduce it."""
    risks = sorted(assessment.risks, key=lambda risk: -risk.probability)
    reasons = ("feature", "channel", "sentence", "value", "unit", "effect")
    return {
        "as_of": assessment.as_of.isoformat(),
        "data_time": plain(assessment.data_time),
        "data_usage": plain(assessment.data_usage),
        "equipment": assessment.equipment,
        "risks": [
            {"mode": risk.mode, "horizon": risk.horizon, "unit": risk.unit, "probability": risk.probability}
            for risk in risks
        ],
        "remaining_life": _remaining(assessment.remaining_life),
        "contributions": [
            {name: plain(getattr(reason, name)) for name in reasons} for reason in assessment.contributions
        ],
        "quality_flags": list(assessment.quality_flags),
        "deviations": [
            {"mode": one.mode, "level": one.level, "channels": list(one.channels), "sentence": one.sentence}
            for one in sorted(assessment.deviations, key=lambda one: -one.level)
        ],
        "suspect_channels": list(assessment.suspect_channels),
        "rung": assessment.rung,
        "bundle": assessment.bundle,
    }
