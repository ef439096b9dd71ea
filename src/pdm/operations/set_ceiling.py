"""Let a person decide how far the requests of one (class, failure mode) may go by themselves."""

from __future__ import annotations

from pdm.errors import InputError
from pdm.operations._again import again
from pdm.operations._trust import trust_of, write
from pdm.ports import Plant
from pdm.work.trust import Trust, rung_named, with_ceiling


def set_ceiling(plant: Plant, asset_class: str, failure_mode: str, ceiling: str, *, by: str, why: str) -> Trust:
    """Raise or lower a ceiling. Raising it moves nobody: the rungs below it are still earned; lowering it takes effect at once.

    Raises:
        NotFound: no such class or failure mode. InputError: no such rung, no name or no reason.
    """
    if not by.strip() or not why.strip():
        raise InputError("a ceiling needs a name and a reason", hint="say who decides, and why")
    rung = rung_named(ceiling)
    plant.catalogue.model(asset_class).mode(failure_mode)
    return again(lambda: _set(plant, asset_class, failure_mode, rung, by, why))


def _set(plant: Plant, asset_class: str, failure_mode: str, ceiling: str, by: str, why: str) -> Trust:
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        before = trust_of(work, plant.catalogue, (asset_class, failure_mode))
        after = with_ceiling(before, rung_named(ceiling), by=by, why=why, now=now)
        if after == before:
            return before
        saved = write(work, before, after, by=by, now=now, why=why)
        work.commit()
        return saved
