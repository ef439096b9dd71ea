"""Begin a machine's normal anew after an overhaul, a move or a lasting change of its process; whoever says so signs for it."""

from __future__ import annotations

from datetime import datetime

from pdm.alerts.alert import OPEN_STATES
from pdm.audit.entry import AuditEntry
from pdm.errors import Conflict, InputError, NotFound
from pdm.ports import Plant
from pdm.readings.exclusions import rebaseline as store
from pdm.readings.registry import read_assets


def rebaseline(
    plant: Plant,
    asset: str,
    *,
    start: datetime,
    by: str,
    reason: str,
    usage: float | None = None,
    although_alert: bool = False,
) -> None:
    """From `start` on what the machine shows first is its normal; what it showed before says nothing about it any more.

    The watch list learns the new level from the first sound rows after it and freezes it then; until that the machine says that it has
    no baseline. Features that compare with the beginning of a life begin anew as well.

    usage: on a class that counts, the counter at that moment.
    although_alert: also while an alert about the machine is open, whose signs would then become its normal.

    Raises:
        NotFound: no such asset.
        Conflict: an alert about it is open: a fault must not be learnt as normal.
        InputError: nobody or no reason is named, the moment lies in the future, or the counter is missing.
    """
    if not by.strip():
        raise InputError(f"a new baseline of {asset} needs a name", hint="say who declares it")
    known = read_assets(plant.history).get(asset)
    if known is None:
        raise NotFound(f"no asset {asset!r}", hint="`plantpdm assets` lists them")
    now = plant.clock.now()
    if start > now:
        raise InputError(
            f"the new baseline of {asset} would begin in the future", hint="declare it when the work is done"
        )
    axis = plant.catalogue.asset_class(known.asset_class).axis
    if axis.kind == "usage" and usage is None:
        raise InputError(
            f"{asset} counts {axis.unit}, and nobody says how many it had",
            hint=f"--usage: the {axis.unit} at that moment",
        )
    with plant.unit_of_work() as work:
        standing = work.alerts.list(asset=asset, states=sorted(OPEN_STATES))
        if standing and not although_alert:
            modes = ", ".join(sorted({alert.failure_mode for alert in standing}))
            raise Conflict(
                f"an alert about {asset} is open ({modes}): what it shows now would become its normal",
                hint="answer the alert first, or say --although-alert when its cause is known to be no fault",
            )
        store(plant.history, asset, start, reason=reason, now=now, usage=usage)
        details = {"start": start.isoformat(), "usage": usage, "open_alerts": [alert.id for alert in standing]}
        work.audit.append(AuditEntry(now, by, "rebaseline", f"readings:{asset}", reason, details))
        work.commit()
