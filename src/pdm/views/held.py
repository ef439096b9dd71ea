"""Which messages wait for the site's limits, and why: the same answer for the deliverer and for the pages."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from pdm.clock import in_zone
from pdm.ports import WORK_REQUEST, Plant, UnitOfWork
from pdm.work.limits import held_back
from pdm.work.request import RequestState

_THERE = (RequestState.SENT, RequestState.ACCEPTED)
_ALL = 1_000_000


def held(plant: Plant, work: UnitOfWork, now: datetime) -> dict[str, str]:
    """External reference -> reason. The day is the plant's own."""
    limits = plant.catalogue.planning.limits
    pending = work.outbox.pending(_ALL, WORK_REQUEST)
    if not pending or not (limits.open_per_asset or limits.per_day):
        return {}
    midnight = in_zone(now, plant.settings.time_zone).replace(hour=0, minute=0, second=0, microsecond=0)
    there = Counter(request.asset for request in work.requests.list(states=_THERE))
    # What was withdrawn or refused carries its reason and was never handed over.
    sent = sum(not message.last_error for message in work.outbox.sent(midnight, WORK_REQUEST))
    return held_back(pending, there, sent, limits)
