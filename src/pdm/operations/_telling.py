"""Let people hear of it: intents written in the transaction of what they tell about, so that none is lost and none invented."""

from __future__ import annotations

from collections.abc import Iterable

from pdm.audit.entry import AuditEntry
from pdm.ports import Plant, UnitOfWork
from pdm.work.notification import intent


def tell(plant: Plant, work: UnitOfWork, entries: Iterable[AuditEntry]) -> int:
    """Write an intent for every audit entry that concerns people; how many. Nobody to tell: nothing is written."""
    if plant.notifier is None:
        return 0
    intents = [message for entry in entries if (message := intent(entry)) is not None]
    for message in intents:
        work.outbox.add(message)
    return len(intents)
