"""Four small words on an asset instead of one overloaded one: what it does, how it is, how good the data and the model are.

The rule above all others: never `normal` on old, missing or bad data.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pdm.catalogue import Policy
from pdm.scoring.assessment import Condition, DataState, Deviation, Equipment, ModelState, RemainingLife, Risk

CLOCK_SLACK = timedelta(minutes=5)
"""How far a plant's clock may run ahead of ours before its readings count as coming from the future."""

AT_REST: frozenset[Equipment] = frozenset({"standby", "transient", "stopped"})
"""Words under which a machine cannot show how it runs; that is a state, not a fault."""


def data_word(newest: datetime | None, now: datetime, stale_after: timedelta) -> DataState:
    """How good the data is by its age alone. newest: time of the newest reading used.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> data_word(noon - timedelta(hours=30), noon, timedelta(hours=24))
    'stale'
    >>> data_word(noon + timedelta(hours=1), noon, timedelta(hours=24))
    'bad quality'
    """
    if newest is None:
        return "no data"
    if newest > now + CLOCK_SLACK:
        return "bad quality"
    return "stale" if now - newest > stale_after else "fresh"


def equipment_word(state: Equipment | None, data: DataState) -> Equipment:
    """What the machine does, as far as fresh data can tell."""
    return "unknown" if state is None or data in ("stale", "no data") else state


def condition_word(
    data: DataState,
    model: ModelState,
    risks: Sequence[Risk],
    life: RemainingLife | None,
    policy: Policy,
    criticality: int,
    deviations: Sequence[Deviation] = (),
) -> Condition:
    """How the machine is: `act` from the threshold of its criticality, too short a remaining life or a deviation over its limit;
    `watch` from `clear_at` or `clear_deviation`.

    Without fresh, good data, a working model and an answer of it, nobody knows; nor where the model can say nothing about any mode.
    """
    if data != "fresh" or model != "ok" or (not risks and life is None and not deviations):
        return "unknown"
    asked = [(risk, policy.limits(risk.mode, criticality)) for risk in risks]
    asked = [(risk, limits) for risk, limits in asked if limits.raise_abstained or not risk.abstained]
    whole = policy.limits("", criticality)
    below = max((limits.raise_below for _, limits in asked), default=whole.raise_below)
    believed = life is not None and (whole.raise_abstained or not life.abstained)
    if believed and life is not None and not life.at_cap and life.median < below:
        return "act"
    away = [(one.level, policy.limits(one.mode, criticality)) for one in deviations]
    if not asked and not away and not believed:
        return "unknown"
    far = any(0 < limits.raise_deviation <= level for level, limits in away)
    if far or any(risk.probability >= limits.raise_at for risk, limits in asked):
        return "act"
    moved = any(limits.raise_deviation > 0 and 0 < level >= limits.clear_deviation for level, limits in away)
    return "watch" if moved or any(risk.probability >= limits.clear_at for risk, limits in asked) else "normal"
