"""One assessment of one asset, and every suspicion it speaks about: what live scoring, replay and "why no alert?" share.

Nothing is stored and nothing is looked up: whoever calls hands over the alerts that are not closed, and a way to ask for precedents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pdm.alerts.alert import Alert
from pdm.alerts.consider import consider
from pdm.alerts.lifecycle import Decision
from pdm.alerts.suspicion import Suspicion, suspicions
from pdm.catalogue import Policy
from pdm.readings.registry import Asset
from pdm.scoring.assessment import Assessment

Precedent = Callable[[str], Alert | None]
"""Failure mode -> the newest closed alert of it on this asset that had disturbed somebody."""


@dataclass(frozen=True)
class Decided:
    """What was decided about one suspicion, and from what."""

    suspicion: Suspicion
    before: Alert | None
    decision: Decision


def decide(
    standing: Mapping[str, Alert],
    assessment: Assessment,
    policy: Policy,
    asset: Asset,
    *,
    now: datetime,
    precedent: Precedent,
    suppressed: bool = False,
) -> list[Decided]:
    """Let one assessment take its steps in every suspicion it speaks about. standing: mode -> its pending or open alert."""
    found = []
    for suspicion in suspicions(assessment, standing, policy):
        mode = suspicion.risk.mode
        before = standing.get(mode)
        judge = partial(
            consider,
            before,
            assessment,
            suspicion.risk,
            policy,
            asset,
            now=now,
            counts_life=suspicion.counts_life,
            deviation=suspicion.deviation,
            suppressed=suppressed,
        )
        decision = judge()
        if before is None and decision.alert is not None:  # only now is it worth asking for a precedent
            decision = judge(last_closed=precedent(mode))
        found.append(Decided(suspicion, before, decision))
    return found


def same_data(before: Assessment | None, assessment: Assessment) -> bool:
    """Whether nothing was measured since the last assessment by the same bundle: then it must not count twice."""
    if before is None or before.bundle != assessment.bundle:
        return False
    measured = assessment.data_time, assessment.data_usage
    return measured != (None, None) and measured == (before.data_time, before.data_usage)
