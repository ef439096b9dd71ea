"""The savings ledger of a plant: one line per closed case, with its assumptions."""

from __future__ import annotations

from pdm.feedback.savings import Ledger, ledger, saving
from pdm.ports import Plant


def savings(plant: Plant) -> list[Ledger]:
    """Every case with a verdict whose class still has a model definition; the last verdict of a case counts."""
    with plant.unit_of_work() as work:
        verdicts = {one.case_id: one for one in sorted(work.verdicts.list(), key=lambda one: one.recorded_at)}
        lines = []
        for case_id, verdict in sorted(verdicts.items()):
            definition = plant.catalogue.models.get(work.cases.get(case_id).asset_class)
            if definition is not None:
                lines.append(saving(verdict, work.alerts.list(case_id=case_id), definition.costs))
    return ledger(lines)
