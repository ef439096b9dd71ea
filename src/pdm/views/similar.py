"""Similar past cases: the same suspicion in the same class, answered by people, those with the most channels in common first."""

from __future__ import annotations

from dataclasses import dataclass

from pdm.alerts.alert import Alert, AlertState
from pdm.feedback.outcome import derive
from pdm.ports import Plant
from pdm.views import words

SHOWN = 5


@dataclass(frozen=True)
class PastCase:
    """One answered alert of the same kind. sentence: what came of it, how long before, and what it shares with this one."""

    alert: str
    asset: str
    sentence: str


def similar_cases(plant: Plant, alert: Alert) -> tuple[PastCase, ...]:
    """Answered alerts of the same class and failure mode, the most similar and newest first."""
    zone = plant.settings.time_zone
    with plant.unit_of_work() as work:
        closed = work.alerts.list(asset_class=alert.asset_class, states=[AlertState.CLOSED])
        verdicts = {one.case_id: one for one in work.verdicts.list()}
    mine = channels_of(alert)
    found = []
    for one in closed:
        verdict = verdicts.get(one.case_id)
        if one.id == alert.id or one.failure_mode != alert.failure_mode or verdict is None or one.raised_at is None:
            continue
        shared = [name for name in mine if name in channels_of(one)]
        days = (verdict.at - one.raised_at).total_seconds() / 86400
        told = (
            f"{words.day(one.raised_at, zone)}: {derive(verdict, [one])}, looked at after {words.plural(days, 'day')}"
        )
        told += f"; the same channels spoke: {', '.join(name.replace('_', ' ') for name in shared)}" if shared else ""
        found.append((-len(shared), -one.raised_at.timestamp(), PastCase(one.id, one.asset, told)))
    return tuple(case for _, _, case in sorted(found, key=lambda item: item[:2])[:SHOWN])


def channels_of(alert: Alert) -> tuple[str, ...]:
    """Channels that spoke for an alert when it was raised, the strongest first."""
    reasons = sorted(alert.evidence.get("contributions") or [], key=lambda one: -one.get("effect", 0.0))
    told = [one["channel"] for one in reasons if one.get("effect", 0.0) > 0 and one.get("channel")]
    told += [name for one in alert.evidence.get("deviations") or [] for name in one.get("channels", ())]
    return tuple(dict.fromkeys(told))
