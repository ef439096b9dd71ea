"""Which suspicions one assessment speaks about, and which of them answers for the remaining life.

A model often knows one remaining life for the whole machine but a probability per failure mode. The remaining life must not raise
one alert per mode, nor jump to another mode whenever two probabilities change places: it stays with the suspicion that is open.
A deviation without a name says nothing that an open alert with a name has not said already: it stays with that one too.
What the model knows it cannot see coming is no suspicion, whatever number stands there: a target that rests on such a failure mode
alone is shown and disturbs nobody, unless the policy wants it. Targets about several modes and the watch list go on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from pdm.alerts.alert import UNSPECIFIED
from pdm.catalogue import Policy
from pdm.learning.ladder import AGE_ONLY
from pdm.scoring.assessment import Assessment, Deviation, Risk


@dataclass(frozen=True)
class Suspicion:
    """One failure mode of one assessment; `counts_life` when a short remaining life is this one's business.

    deviation: what the watch list says about this mode; a mode that only the watch list knows has a risk without horizon.
    """

    risk: Risk
    counts_life: bool = False
    deviation: Deviation | None = None


def suspicions(
    assessment: Assessment, open_modes: Collection[str] = (), policy: Policy | None = None
) -> tuple[Suspicion, ...]:
    """The worst risk of each failure mode, and what the watch list says of it; without any, `unspecified` carries the remaining life.

    open_modes: failure modes of the asset with a pending or open alert.
    policy: says whether risks that the model abstains from raise alerts all the same (none: they do not).

    >>> from datetime import UTC, datetime
    >>> risks = (Risk("wear", 24, "h", 0.2), Risk("leak", 24, "h", 0.3))
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> about = Assessment("P-1", "pump", now, now, None, "running", "watch", "fresh", "ok", risks)
    >>> [(one.risk.mode, one.counts_life) for one in suspicions(about, {"wear"})]
    [('wear', True), ('leak', False)]
    """
    if assessment.rung == AGE_ONLY:
        return ()  # age says when to plan, never that something is wrong
    worst: dict[str, Risk] = {}
    for risk in assessment.risks:
        if silenced(risk, policy):
            continue
        if risk.mode not in worst or risk.probability > worst[risk.mode].probability:
            worst[risk.mode] = risk
    return _with_deviations(_of_risks(assessment, worst, open_modes, policy), assessment, open_modes)


def silenced(risk: Risk, policy: Policy | None) -> bool:
    """Whether a risk is shown and disturbs nobody, because the model abstains from it and the policy leaves it at that."""
    return risk.abstained and not (policy is not None and policy.limits(risk.mode, 0).raise_abstained)


def _of_risks(
    assessment: Assessment, worst: dict[str, Risk], open_modes: Collection[str], policy: Policy | None
) -> dict[str, Suspicion]:
    life = assessment.remaining_life
    if life is not None and life.abstained and not (policy is not None and policy.raise_abstained):
        life = None
    if not worst:
        return {UNSPECIFIED: Suspicion(Risk(UNSPECIFIED, 0.0, life.unit, 0.0), counts_life=True)} if life else {}
    candidates = [risk for risk in worst.values() if risk.mode in open_modes] or list(worst.values())
    carrier = max(candidates, key=lambda risk: risk.probability).mode
    counts = assessment.remaining_life is None or life is not None
    return {mode: Suspicion(risk, mode == carrier and counts) for mode, risk in worst.items()}


def _with_deviations(
    found: dict[str, Suspicion], assessment: Assessment, open_modes: Collection[str]
) -> tuple[Suspicion, ...]:
    """Each deviation beside the risk of its mode; one without a name, or with another one, beside the alert that is open."""
    named = [mode for mode in open_modes if mode != UNSPECIFIED]
    for deviation in sorted(assessment.deviations, key=lambda one: one.level):
        mode = deviation.mode
        if mode not in open_modes and len(named) == 1 and mode == UNSPECIFIED:
            mode = named[0]
        before = found.get(mode) or Suspicion(Risk(mode, 0.0, "h", 0.0))
        found[mode] = replace(before, deviation=deviation)
    return tuple(found.values())
