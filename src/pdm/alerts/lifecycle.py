"""The life of an alert: every legal step as a table, and `consider`, which lets a new assessment take its steps.

    (none) --> pending --raise--> unacknowledged --acknowledge--> acknowledged
                  |                  |      ^  ^                     |
                lapse              clear    |  +--unshelve, expire-- shelved  (from any raised state; always ends)
                  v                  v      |
               closed             returned -+retrip        close: from any raised state

The states are ISA-18.2's. Wear does not heal: a score that goes back leaves the alert *returned*, and it waits for an answer.
Acknowledging a returned alert is that answer and ends it, as in the standard; it takes a reason.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pdm.alerts.alert import Alert, AlertState
from pdm.audit.canonical import plain
from pdm.catalogue import Policy
from pdm.clock import aware
from pdm.errors import IllegalTransition, InputError
from pdm.readings.registry import Asset
from pdm.scoring.assessment import Assessment, Deviation, RemainingLife, Risk

PENDING = AlertState.PENDING
UNACKNOWLEDGED = AlertState.UNACKNOWLEDGED
ACKNOWLEDGED = AlertState.ACKNOWLEDGED
RETURNED = AlertState.RETURNED
SHELVED = AlertState.SHELVED
CLOSED = AlertState.CLOSED

TRANSITIONS: dict[tuple[AlertState, str], AlertState] = {
    # taken by scores and by the clock
    (PENDING, "raise"): UNACKNOWLEDGED,
    (PENDING, "lapse"): CLOSED,
    (UNACKNOWLEDGED, "clear"): RETURNED,
    (ACKNOWLEDGED, "clear"): RETURNED,
    (RETURNED, "retrip"): UNACKNOWLEDGED,
    (SHELVED, "expire"): UNACKNOWLEDGED,
    # taken by people
    (UNACKNOWLEDGED, "acknowledge"): ACKNOWLEDGED,
    (RETURNED, "acknowledge"): CLOSED,
    (UNACKNOWLEDGED, "claim"): UNACKNOWLEDGED,
    (ACKNOWLEDGED, "claim"): ACKNOWLEDGED,
    (RETURNED, "claim"): RETURNED,
    (SHELVED, "claim"): SHELVED,
    (UNACKNOWLEDGED, "release"): UNACKNOWLEDGED,
    (ACKNOWLEDGED, "release"): ACKNOWLEDGED,
    (RETURNED, "release"): RETURNED,
    (SHELVED, "release"): SHELVED,
    (UNACKNOWLEDGED, "shelve"): SHELVED,
    (ACKNOWLEDGED, "shelve"): SHELVED,
    (RETURNED, "shelve"): SHELVED,
    (SHELVED, "unshelve"): UNACKNOWLEDGED,
    (UNACKNOWLEDGED, "close"): CLOSED,
    (ACKNOWLEDGED, "close"): CLOSED,
    (RETURNED, "close"): CLOSED,
    (SHELVED, "close"): CLOSED,
}

LONGEST_SHELVING = timedelta(days=92)
"""Longer than a quarter is no shelving but a decision: close the alert, or exclude the asset."""

LIFE_DEAD_BAND = 1.25
"""A remaining life below the limit raises; it must be a quarter above the limit before the alert clears."""

NOT_RUNNING = frozenset({"standby", "transient", "stopped"})


@dataclass(frozen=True)
class Transition:
    """One step that was taken, in the words of the audit."""

    step: str
    source: AlertState
    target: AlertState
    why: str = ""


@dataclass(frozen=True)
class Decision:
    """What one assessment means for one suspicion: the alert as it is now (None: there is none), and the steps it took."""

    alert: Alert | None
    transitions: tuple[Transition, ...] = ()


def allowed(state: AlertState) -> tuple[str, ...]:
    """The steps that people may take from `state`.

    >>> allowed(AlertState.SHELVED)
    ('claim', 'release', 'unshelve', 'close')
    """
    by_people = ("acknowledge", "claim", "release", "shelve", "unshelve", "close")
    return tuple(step for step in by_people if (state, step) in TRANSITIONS)


def step(alert: Alert, name: str, *, now: datetime) -> Alert:
    """Take one step.

    Raises:
        IllegalTransition: the table has no such step from the alert's state.
    """
    target = TRANSITIONS.get((alert.state, name))
    if target is None:
        steps = ", ".join(allowed(alert.state)) or "none"
        raise IllegalTransition(
            f"alert {alert.id} is {alert.state}: it cannot {name}", hint=f"possible from here: {steps}"
        )
    if target is alert.state:
        return alert
    changed = replace(alert, state=target, state_since=now, closed_at=now if target is CLOSED else None)
    return changed if target is SHELVED else replace(changed, shelved_until=None, shelved_reason="")


def shelve(alert: Alert, *, until: datetime, reason: str, now: datetime) -> Alert:
    """Put an alert aside for a while; it comes back by itself.

    Raises:
        InputError: no reason, or no expiry in the next 92 days.
        IllegalTransition: the alert is pending, shelved or closed.
    """
    if not reason.strip():
        raise InputError(f"alert {alert.id} cannot be shelved without a reason", hint="say why, for whoever comes next")
    if not now < aware(until) <= now + LONGEST_SHELVING:
        raise InputError(
            f"alert {alert.id} cannot be shelved until {until.isoformat()}",
            hint=f"choose a moment in the next {LONGEST_SHELVING.days} days",
        )
    return replace(step(alert, "shelve", now=now), shelved_until=aware(until), shelved_reason=reason.strip())


def expire(alert: Alert, *, now: datetime) -> Decision:
    """Bring a shelved alert back when its time is over: unacknowledged, whatever it was before."""
    if alert.state is not SHELVED or (alert.shelved_until is not None and now < alert.shelved_until):
        return Decision(alert)
    return _take(alert, "expire", now, f"shelving ended: {alert.shelved_reason}")


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
    if suppressed or not _speaks(assessment) or not _is_new(decision.alert, last_closed, assessment):
        return decision
    carries_life = risk == assessment.worst if counts_life is None else counts_life
    life = assessment.remaining_life if carries_life and policy.raise_below > 0 else None
    above = _above(risk, life, deviation, policy, asset)
    current = decision.alert
    if current is None:
        if not above:
            return decision
        current = _first(assessment, risk, last_closed)
    seen = _seen(current, assessment, risk, above, policy)
    moved = _move(seen, assessment, above, _below(risk, life, deviation, policy, asset), policy, now)
    return Decision(moved.alert, decision.transitions + moved.transitions)


def _move(alert: Alert, assessment: Assessment, above: bool, below: bool, policy: Policy, now: datetime) -> Decision:
    """The step that the scores ask for, if any."""
    enough = sum(alert.recent) >= policy.persistence[0]
    if (alert.state is PENDING and enough) or (alert.state is RETURNED and above and enough):
        name = "raise" if alert.state is PENDING else "retrip"
        raised = replace(alert, raised_at=alert.raised_at or now, evidence=evidence(assessment))
        return _take(raised, name, now, _persistence(alert, policy))
    if alert.state is PENDING and not any(alert.recent):
        return _take(alert, "lapse", now, "not seen again")
    if alert.state in (UNACKNOWLEDGED, ACKNOWLEDGED) and below and not enough:
        return _take(alert, "clear", now, "the score went back, and nobody has said why")
    return Decision(alert)


def _speaks(assessment: Assessment) -> bool:
    """Whether an assessment is worth a change: fresh data, a working model, a running machine (or nobody knows)."""
    sound = assessment.data == "fresh" and assessment.model == "ok"
    return sound and assessment.equipment not in NOT_RUNNING


def _is_new(alert: Alert | None, last_closed: Alert | None, assessment: Assessment) -> bool:
    if alert is not None:
        return assessment.as_of > alert.last_seen
    return last_closed is None or last_closed.closed_at is None or assessment.as_of > last_closed.closed_at


def _above(risk: Risk, life: RemainingLife | None, deviation: Deviation | None, policy: Policy, asset: Asset) -> bool:
    """Over a limit, in probability, in remaining life or on the watch list."""
    short = life is not None and not life.at_cap and life.median < policy.raise_below
    far = deviation is not None and 0 < policy.raise_deviation <= deviation.level
    return risk.probability >= policy.threshold(asset.criticality) or short or far


def _below(risk: Risk, life: RemainingLife | None, deviation: Deviation | None, policy: Policy, asset: Asset) -> bool:
    """Under the dead band, in probability, in remaining life and on the watch list."""
    long = life is None or life.at_cap or life.median > policy.raise_below * LIFE_DEAD_BAND
    calm = deviation is None or not policy.raise_deviation or deviation.level < policy.clear_deviation
    return risk.probability < min(policy.clear_at, policy.threshold(asset.criticality)) and long and calm


def _first(assessment: Assessment, risk: Risk, last_closed: Alert | None) -> Alert:
    key = f"{assessment.asset}|{risk.mode}|{assessment.as_of.isoformat()}"
    return Alert(
        # From content, so that deciding the same again gives the same alert.
        id="al-" + hashlib.sha256(key.encode()).hexdigest()[:16],
        asset=assessment.asset,
        asset_class=assessment.asset_class,
        failure_mode=risk.mode,
        state=PENDING,
        first_seen=assessment.as_of,
        last_seen=assessment.as_of,
        repeat_of=last_closed.id if last_closed else "",
    )


def _seen(alert: Alert, assessment: Assessment, risk: Risk, above: bool, policy: Policy) -> Alert:
    return replace(
        alert,
        last_seen=assessment.as_of,
        probability=risk.probability,
        peak_probability=max(alert.peak_probability, risk.probability),
        horizon=risk.horizon,
        horizon_unit=risk.unit,
        remaining=_remaining(assessment.remaining_life),
        recent=(*alert.recent, above)[-policy.persistence[1] :],
        bundle=assessment.bundle,
    )


def _take(alert: Alert, name: str, now: datetime, why: str) -> Decision:
    after = step(alert, name, now=now)
    return Decision(after, (Transition(name, alert.state, after.state, why),))


def _persistence(alert: Alert, policy: Policy) -> str:
    n, m = policy.persistence
    return f"{sum(alert.recent)} of the last {len(alert.recent)} assessments above the threshold ({n} of {m} needed)"


def _remaining(life: RemainingLife | None) -> dict[str, Any]:
    if life is None:
        return {}
    names = ("median", "low", "high", "unit", "at_cap", "median_date", "low_date", "high_date")
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
