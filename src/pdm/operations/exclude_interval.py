"""Mark a time of one asset that says nothing about wear: nothing is learnt from it, or nobody is alerted in it."""

from __future__ import annotations

from datetime import datetime

from pdm.audit.entry import AuditEntry
from pdm.errors import InputError, NotFound
from pdm.ports import Plant
from pdm.readings.exclusions import exclude
from pdm.readings.registry import read_assets


def exclude_interval(
    plant: Plant,
    *,
    asset: str,
    start: datetime | float,
    end: datetime | float | None,
    reason: str,
    by: str,
    learn: bool = False,
    alert: bool = False,
) -> str:
    """Exclude an interval, both ends included; the exclusion's id. Marking it again revises it.

    start, end: aware times, or usage; `end` None: until further notice. learn, alert: what may still be done in it.

    Raises:
        NotFound: no such asset.
        InputError: nobody or no reason is named, or the interval ends before it starts.
    """
    if not by.strip():
        raise InputError(f"an exclusion of {asset} needs a name", hint="say who marks it")
    if asset not in read_assets(plant.history):
        raise NotFound(f"no asset {asset!r}", hint="`plantpdm assets` lists them")
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        exclusion = exclude(plant.history, asset, start, end, reason=reason, now=now, learn=learn, alert=alert)
        details = {"exclusion": exclusion, "start": str(start), "end": str(end), "learn": learn, "alert": alert}
        work.audit.append(AuditEntry(now, by, "exclude interval", f"readings:{asset}", reason, details))
        work.commit()
    return exclusion
