"""The life of an alert: every legal step as a table, and the steps that people and the clock take.

    (none) --> pending --raise--> unacknowledged --acknowledge--> acknowledged
                  |                  |      ^  ^                     |
                lapse              clear    |  +--unshelve, expire-- shelved  (from any raised state; always ends)
                  v                  v      |
               closed             returned -+retrip        close: from any raised state

The states are ISA-18.2's. Wear does not heal: a score that goes back leaves the alert *returned*, and it waits for an answer.
Acknowledging a returned alert is that answer and ends it, as in the standard; it takes a reason.

Three ways to be silent, none of which deletes anything: *shelved* by a person, with an end; *suppressed* by design while an
interval is marked in which nobody is alerted; *out of service* by a person until somebody returns it. All three end in
*unacknowledged*. What new assessments do stands in `consider`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pdm.alerts.alert import Alert, AlertState
from pdm.catalogue import Policy
from pdm.clock import aware
from pdm.errors import IllegalTransition, InputError

PENDING = AlertState.PENDING
UNACKNOWLEDGED = AlertState.UNACKNOWLEDGED
ACKNOWLEDGED = AlertState.ACKNOWLEDGED
RETURNED = AlertState.RETURNED
SHELVED = AlertState.SHELVED
SUPPRESSED = AlertState.SUPPRESSED
OUT_OF_SERVICE = AlertState.OUT_OF_SERVICE
CLOSED = AlertState.CLOSED

_WAITING = (UNACKNOWLEDGED, ACKNOWLEDGED, RETURNED)
_RAISED = (*_WAITING, SHELVED, SUPPRESSED)

TRANSITIONS: dict[tuple[AlertState, str], AlertState] = {
    # taken by scores and by the clock
    (PENDING, "raise"): UNACKNOWLEDGED,
    (PENDING, "lapse"): CLOSED,
    (UNACKNOWLEDGED, "clear"): RETURNED,
    (ACKNOWLEDGED, "clear"): RETURNED,
    (RETURNED, "retrip"): UNACKNOWLEDGED,
    (SHELVED, "expire"): UNACKNOWLEDGED,
    (UNACKNOWLEDGED, "escalate"): UNACKNOWLEDGED,
    (RETURNED, "escalate"): RETURNED,
    **{(state, "suppress"): SUPPRESSED for state in _WAITING},
    (SUPPRESSED, "resume"): UNACKNOWLEDGED,
    # taken by people
    (UNACKNOWLEDGED, "acknowledge"): ACKNOWLEDGED,
    (RETURNED, "acknowledge"): CLOSED,
    **{(state, verb): state for verb in ("claim", "assign", "release") for state in (*_RAISED, OUT_OF_SERVICE)},
    **{(state, "shelve"): SHELVED for state in _WAITING},
    (SHELVED, "unshelve"): UNACKNOWLEDGED,
    **{(state, "take out of service"): OUT_OF_SERVICE for state in (PENDING, *_RAISED)},
    (OUT_OF_SERVICE, "return to service"): UNACKNOWLEDGED,
    **{(state, "close"): CLOSED for state in (*_RAISED, OUT_OF_SERVICE)},
}

BY_PEOPLE = (
    "acknowledge",
    "claim",
    "assign",
    "release",
    "shelve",
    "unshelve",
    "take out of service",
    "return to service",
    "close",
)

LONGEST_SHELVING = timedelta(days=92)
"""Longer than a quarter is no shelving but a decision: close the alert, or exclude the asset."""


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
    ('claim', 'assign', 'release', 'unshelve', 'take out of service', 'close')
    """
    return tuple(step for step in BY_PEOPLE if (state, step) in TRANSITIONS)


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
    if target is UNACKNOWLEDGED:
        changed = replace(changed, escalated_at=None)
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
    return take(alert, "expire", now, f"shelving ended: {alert.shelved_reason}")


def suppress(alert: Alert, *, now: datetime, why: str) -> Decision:
    """Silence an alert that waits for people, because an interval is marked in which nobody is alerted; others stay."""
    return take(alert, "suppress", now, why) if (alert.state, "suppress") in TRANSITIONS else Decision(alert)


def resume(alert: Alert, *, now: datetime) -> Decision:
    """Bring a suppressed alert back when its interval is over."""
    return take(alert, "resume", now, "the interval is over") if alert.state is SUPPRESSED else Decision(alert)


def escalate(alert: Alert, policy: Policy, criticality: int, *, now: datetime) -> Decision:
    """Pass an alert on, once, when it was not answered in the time that the policy gives assets of its criticality.

    One that has an owner is answered for. A step back to *unacknowledged* starts the time anew.
    """
    hours = policy.escalate_after.get(criticality)
    since = alert.state_since or alert.raised_at
    if not hours or since is None or alert.owner or alert.escalated_at or (alert.state, "escalate") not in TRANSITIONS:
        return Decision(alert)
    if now - since < timedelta(hours=hours):
        return Decision(alert)
    why = f"nobody has answered for {hours:g} h, the limit for criticality {criticality}"
    return take(replace(alert, escalated_at=now), "escalate", now, why)


def out_of_service(alert: Alert | None, asset: str, asset_class: str, mode: str, *, now: datetime, nth: int) -> Alert:
    """The suspicion taken out of service: the open alert of it, or a new one that nobody has been disturbed by.

    nth: how many alerts the asset has had.
    """
    if alert is not None:
        return step(alert, "take out of service", now=now)
    return Alert(
        id=alert_id(asset, mode, now, nth=nth),
        asset=asset,
        asset_class=asset_class,
        failure_mode=mode,
        state=OUT_OF_SERVICE,
        first_seen=now,
        last_seen=now,
        state_since=now,
    )


def return_to_service(alert: Alert, *, now: datetime) -> Alert:
    """Back in service: it waits for people again, or is closed when it never had disturbed anybody.

    Raises:
        IllegalTransition: it is not out of service.
    """
    if alert.state is OUT_OF_SERVICE and alert.raised_at is None:
        return step(alert, "close", now=now)
    return step(alert, "return to service", now=now)


def alert_id(asset: str, mode: str, seen: datetime, *, nth: int | None = None) -> str:
    """From content, so that deciding the same again gives the same alert.

    nth: for what people begin, how many alerts the asset has had: two deeds within one tick of the clock are two alerts.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> alert_id("P-101", "seal_leak", noon) == alert_id("P-101", "seal_leak", noon)
    True
    >>> len({alert_id("P-101", "seal_leak", noon, nth=nth) for nth in (None, 0, 1)})
    3
    """
    content = f"{asset}|{mode}|{seen.isoformat()}" + ("" if nth is None else f"|{nth}")
    return "al-" + hashlib.sha256(content.encode()).hexdigest()[:16]


def take(alert: Alert, name: str, now: datetime, why: str) -> Decision:
    """Take one step, and say why."""
    after = step(alert, name, now=now)
    return Decision(after, (Transition(name, alert.state, after.state, why),))
