"""Take back a mark that was set by mistake: what happened in that time may be learnt from and alerted about again."""

from __future__ import annotations

from pdm.audit.entry import AuditEntry
from pdm.errors import InputError
from pdm.ports import Plant
from pdm.readings import exclusions


def take_back_exclusion(plant: Plant, exclusion: str, *, by: str, reason: str) -> str:
    """Void an exclusion; the asset that it was of. What was decided while it held stays as it was, and it stays readable as known then.

    Raises:
        InputError: nobody or no reason is named.
        NotFound: no such exclusion is in force.
    """
    if not by.strip() or not reason.strip():
        raise InputError(f"to take back exclusion {exclusion} needs a name and a reason", hint="by=..., reason=...")
    now = plant.clock.now()
    known = exclusions.read_exclusions(plant.history)
    with plant.unit_of_work() as work:
        exclusions.take_back_exclusion(plant.history, exclusion, reason=reason, now=now)
        asset = str(known.loc[known["exclusion_id"] == exclusion, "asset"].iloc[0])
        details = {"exclusion": exclusion}
        work.audit.append(AuditEntry(now, by, "take back exclusion", f"readings:{asset}", reason, details))
        work.commit()
    return asset
