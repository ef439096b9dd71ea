"""Which suspicions one assessment speaks about, and which of them answers for the remaining life.

A model often knows one remaining life for the whole machine but a probability per failure mode. The remaining life must not raise
one alert per mode, nor jump to another mode whenever two probabilities change places: it stays with the suspicion that is open.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pdm.alerts.alert import UNSPECIFIED
from pdm.scoring.assessment import Assessment, Risk


@dataclass(frozen=True)
class Suspicion:
    """One failure mode of one assessment; `counts_life` when a short remaining life is this one's business."""

    risk: Risk
    counts_life: bool = False


def suspicions(assessment: Assessment, open_modes: Collection[str] = ()) -> tuple[Suspicion, ...]:
    """The worst risk of each failure mode; without any, `unspecified` carries the remaining life alone.

    open_modes: failure modes of the asset with a pending or open alert.

    >>> from datetime import UTC, datetime
    >>> risks = (Risk("wear", 24, "h", 0.2), Risk("leak", 24, "h", 0.3))
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> about = Assessment("P-1", "pump", now, now, None, "running", "watch", "fresh", "ok", risks)
    >>> [(one.risk.mode, one.counts_life) for one in suspicions(about, {"wear"})]
    [('wear', True), ('leak', False)]
    """
    worst: dict[str, Risk] = {}
    for risk in assessment.risks:
        if risk.mode not in worst or risk.probability > worst[risk.mode].probability:
            worst[risk.mode] = risk
    if not worst:
        life = assessment.remaining_life
        return (Suspicion(Risk(UNSPECIFIED, 0.0, life.unit, 0.0), counts_life=True),) if life else ()
    candidates = [risk for risk in worst.values() if risk.mode in open_modes] or list(worst.values())
    carrier = max(candidates, key=lambda risk: risk.probability).mode
    return tuple(Suspicion(risk, risk.mode == carrier) for risk in worst.values())
