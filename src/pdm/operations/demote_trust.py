"""Take a rung away: for drift of the model, or on a person's word."""

from __future__ import annotations

from pdm.errors import InputError
from pdm.operations._again import again
from pdm.operations._trust import trust_of, write
from pdm.ports import Plant
from pdm.work.trust import Trust, demoted


def demote_trust(plant: Plant, asset_class: str, failure_mode: str = "", *, by: str, why: str) -> list[Trust]:
    """One rung down for one failure mode, or for all of the class, as drift asks for; the count of closed cases begins anew.

    Raises:
        NotFound: no such class or failure mode. InputError: no name or no reason.
    """
    if not by.strip() or not why.strip():
        raise InputError("taking trust away needs a name and a reason", hint="say who decides, and why")
    model = plant.catalogue.model(asset_class)
    modes = [model.mode(failure_mode).name] if failure_mode else [mode.name for mode in model.failure_modes]
    return again(lambda: _demote(plant, asset_class, modes, by, why))


def _demote(plant: Plant, asset_class: str, modes: list[str], by: str, why: str) -> list[Trust]:
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        changed = []
        for mode in modes:
            before = trust_of(work, plant.catalogue, (asset_class, mode))
            changed.append(write(work, before, demoted(before, why=why, now=now), by=by, now=now))
        work.commit()
        return changed
