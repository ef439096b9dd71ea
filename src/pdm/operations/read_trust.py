"""Read the trust ladder: who may do what by itself, on which figures, and what the next rung asks for."""

from __future__ import annotations

from dataclasses import dataclass

from pdm.operations._trust import answers_of, trust_of
from pdm.ports import Plant
from pdm.work.trust import RUNGS, Standing, Trust, standing


@dataclass(frozen=True)
class TrustLine:
    """One (class, failure mode). title: of the failure mode. asks: what the next step up needs, in words."""

    trust: Trust
    title: str
    figures: Standing
    asks: str


def read_trust(plant: Plant) -> list[TrustLine]:
    """One line for every failure mode that is defined."""
    terms = plant.catalogue.planning.trust
    with plant.unit_of_work() as work:
        verdicts = work.verdicts.list()
        lines = []
        for name, model in plant.catalogue.models.items():
            alerts = work.alerts.list(asset_class=name)
            for mode in model.failure_modes:
                trust = trust_of(work, plant.catalogue, (name, mode.name))
                mine = [alert for alert in alerts if alert.failure_mode == mode.name]
                figures = standing(answers_of(mine, verdicts, trust.since), terms)
                lines.append(TrustLine(trust, mode.title, figures, _asks(plant, trust)))
    return lines


def _asks(plant: Plant, trust: Trust) -> str:
    terms = plant.catalogue.planning.trust
    if trust.rung == trust.ceiling:
        return "nothing: it stands at its ceiling" if trust.rung != RUNGS[-1] else "nothing: there is no rung above"
    following = RUNGS[RUNGS.index(trust.rung) + 1]
    return (
        f"{following}: at least {terms.least_cases} closed cases, and {terms.target[following]:.0%} right with "
        f"{terms.confidence:.0%} confidence"
    )
