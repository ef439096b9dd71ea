"""What operations answers to a notice: it is the process, or it is each machine for itself."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import cast, get_args

import pandas as pd

from pdm.alerts.alert import OPEN_STATES, Alert
from pdm.alerts.lifecycle import step
from pdm.alerts.notice import Answer, Notice, answered
from pdm.audit.entry import AuditEntry
from pdm.errors import InputError
from pdm.operations._again import again
from pdm.operations._settle import settle
from pdm.ports import Plant, UnitOfWork
from pdm.readings.events import append_events
from pdm.work.request import RequestState
from pdm.work.steps import step as request_step

SOURCE = "operations"


def answer_notice(plant: Plant, notice_id: str, *, answer: str, by: str, why: str) -> Notice:
    """Answer a question to operations.

    `process`: the alerts it is about are closed, requests that nobody approved yet are cancelled, and a process change is
    written into the history of each asset, so that learning and re-baselining know of it. `machine`: the cases go on by
    themselves, and work can be requested from them.

    Raises:
        NotFound: no such notice.
        IllegalTransition: it was answered before.
        InputError: no name, no reason, or an answer that is neither of the two.
    """
    if not by.strip() or not why.strip():
        raise InputError(
            f"an answer to notice {notice_id} needs a name and a reason", hint="say who, and what happened"
        )
    if answer not in get_args(Answer):
        raise InputError(f"the answer is {answer!r}", hint=" or ".join(get_args(Answer)))
    said = cast("Answer", answer)
    return again(lambda: _answer(plant, notice_id, said, by.strip(), why.strip()))


def _answer(plant: Plant, notice_id: str, answer: Answer, by: str, why: str) -> Notice:
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        notice = answered(work.notices.get(notice_id), answer, by=by, why=why, now=now)
        if answer == "process":
            alerts = [
                one for case in notice.cases for one in work.alerts.list(case_id=case, states=sorted(OPEN_STATES))
            ]
            _close(work, notice, [one for one in alerts if _is_about(one, notice)], by=by, now=now)
            # Before the commit, as with verdicts: the ids come from the notice, so that a second attempt adds nothing.
            append_events(plant.history, _process_changes(notice, now), now=now, source=SOURCE)
        saved = work.notices.save(notice)
        work.audit.append(AuditEntry(now, by, "answer", f"notice:{notice.id}", why, {"answer": answer}))
        work.commit()
        return saved


def _is_about(alert: Alert, notice: Notice) -> bool:
    """A notice about a mode says nothing about the other modes of a case; one about a channel says it of unnamed alerts."""
    return alert.failure_mode in (notice.suspicion, "unspecified")


def _close(work: UnitOfWork, notice: Notice, alerts: list[Alert], *, by: str, now: datetime) -> None:
    for alert in alerts:
        work.alerts.save(step(alert, "close", now=now))
        why = f"a process condition: notice {notice.id}"
        work.audit.append(AuditEntry(now, by, "close", f"alert:{alert.id}", why, {"notice": notice.id}))
    for case in notice.cases:
        modes = {alert.failure_mode for alert in alerts}
        for request in work.requests.list(case_id=case, states=[RequestState.SUGGESTED]):
            if request.failure_mode in modes:
                work.requests.save(request_step(request, "cancel"))
                work.audit.append(AuditEntry(now, by, "cancel", f"request:{request.id}", "a process condition"))
        settle(work, case, by=by, now=now)


def _process_changes(notice: Notice, now: datetime) -> pd.DataFrame:
    ids = [hashlib.sha256(f"{notice.id}|{asset}".encode()).hexdigest() for asset in notice.assets]
    rows = {"event_id": ids, "asset": list(notice.assets), "kind": "process_change", "text": notice.title}
    return pd.DataFrame(rows).assign(time=pd.Timestamp(notice.opened_at), recorded_at=pd.Timestamp(now))
