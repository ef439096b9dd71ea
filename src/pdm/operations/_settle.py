"""Close a case in which nothing is open any longer, by whatever answer its last open thing got."""

from __future__ import annotations

from datetime import datetime

from pdm.alerts import cases
from pdm.audit.entry import AuditEntry
from pdm.ports import UnitOfWork
from pdm.work.request import OPEN_REQUESTS


def settle(work: UnitOfWork, case_id: str, *, by: str, now: datetime) -> None:
    """Close the case when it has neither an open alert nor open work; one with open work waits for its verdict.

    Call it after the unit of work has written something: from then on nobody else can add to the case.
    """
    case = work.cases.get(case_id)
    still_open = work.requests.list(case_id=case_id, states=sorted(OPEN_REQUESTS))
    if case.state != "open" or still_open or not cases.settled(work.alerts.list(case_id=case_id)):
        return
    work.cases.save(cases.close(case, now=now))
    work.audit.append(AuditEntry(now, by, "close", f"case:{case_id}", "nothing is open in it any longer"))
