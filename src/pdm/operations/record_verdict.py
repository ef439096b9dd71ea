"""Write down what turned out to be true: the case closes, and the next training sees it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Literal, cast, get_args

from pdm.alerts import cases
from pdm.alerts.alert import OPEN_STATES, UNSPECIFIED, Alert, Case
from pdm.alerts.lifecycle import step as alert_step
from pdm.audit.canonical import canonical
from pdm.audit.entry import AuditEntry
from pdm.catalogue import FailureMode, Severity
from pdm.clock import aware
from pdm.errors import IllegalTransition, InputError
from pdm.feedback.labels import label_events
from pdm.feedback.outcome import derive
from pdm.feedback.verdict import Verdict
from pdm.operations._again import again
from pdm.operations._trust import review
from pdm.ports import WORK_REQUEST, Plant, UnitOfWork
from pdm.readings.events import append_events
from pdm.readings.happenings import VERDICT
from pdm.readings.registry import UNIT
from pdm.work.draft import mode_of
from pdm.work.request import OPEN_REQUESTS
from pdm.work.steps import step as request_step

Found = Literal["damage", "nothing", "sensor fault", "process change"]
Action = Literal["repaired", "replaced", "monitored", "nothing"]


def record_verdict(
    plant: Plant,
    case_id: str,
    *,
    by: str,
    found: str,
    inspected: bool,
    severity: str = "",
    failure_mode: str = "",
    maintainable_item: str = "",
    mechanism: str = "",
    cause: str = "",
    action: str = "nothing",
    restores: bool = False,
    actual_hours: float | None = None,
    comment: str = "",
    at: datetime | None = None,
) -> Verdict:
    """Record one verdict (fields as in `Verdict`; `at` defaults to now) and close the case with its alerts and requests.

    What is not said is filled in from the suspicion: failure mode, maintainable item, mechanism. The outcome is derived and
    stands in the audit.

    The label rows go into the history before the unit of work commits. A crash between the two leaves labels without a verdict;
    recording it again is safe, because a case gives at most one event of each kind and the history keeps each id once. The
    same verdict on a case that it closed already gives the one on record.

    Raises:
        NotFound: no such case.
        IllegalTransition: the case was closed by another verdict, or by hand.
        InputError: a word that is not in the vocabulary, damage without its severity, or a moment in the future.
    """
    now = plant.clock.now()
    _check(by, found, severity, action, restores)
    moment = aware(at) if at is not None else now
    if moment > now:
        raise InputError(f"a verdict cannot be from the future ({moment.isoformat()})", hint="leave `at` out for now")
    said = Verdict(
        id="",
        case_id=case_id,
        asset="",
        by=by.strip(),
        at=moment,
        recorded_at=now,
        inspected=inspected,
        found=cast("Found", found),
        severity=severity,
        failure_mode=failure_mode,
        maintainable_item=maintainable_item,
        mechanism=mechanism,
        cause=cause,
        action=cast("Action", action),
        restores=restores,
        actual_hours=actual_hours,
        comment=comment,
    )
    return again(lambda: _record(plant, said))


def _record(plant: Plant, said: Verdict) -> Verdict:
    with plant.unit_of_work() as work:
        case = work.cases.get(said.case_id)
        alerts = work.alerts.list(case_id=case.id)
        mode = _mode(plant, case, said, alerts)
        verdict = _completed(said, case, mode)
        if case.state != "open":
            return _recorded_already(work, verdict)
        labels = label_events(
            verdict,
            failure_mode=verdict.failure_mode,
            maintainable_item=verdict.maintainable_item,
            mode=mode.mode,
            usage=_usage(plant, work, case, verdict.at),
        )
        append_events(plant.history, labels, now=verdict.recorded_at, source=VERDICT)
        work.verdicts.add(verdict)
        _close(work, case, alerts, verdict)
        keys = {(alert.asset_class, alert.failure_mode) for alert in alerts if alert.raised_at is not None}
        review(work, plant.catalogue, keys, now=verdict.recorded_at)
        work.commit()
        return verdict


def _close(work: UnitOfWork, case: Case, alerts: Sequence[Alert], verdict: Verdict) -> None:
    now, by = verdict.recorded_at, verdict.by
    closing = [alert for alert in alerts if alert.state in OPEN_STATES]
    for alert in closing:
        work.alerts.save(alert_step(alert, "close", now=now))
    requests = work.requests.list(case_id=case.id, states=sorted(OPEN_REQUESTS))
    for request in requests:
        work.requests.save(request_step(request, "finish"))
    for message in [*work.outbox.pending(1_000_000, WORK_REQUEST), *work.outbox.dead(1_000_000, WORK_REQUEST)]:
        if message.key in {request.external_ref for request in requests}:
            work.outbox.save(replace(message, sent_at=now, last_error="withdrawn: a verdict closed the case"))
    work.cases.save(cases.close(case, now=now))
    details = {"outcome": derive(verdict, alerts), "found": verdict.found, "action": verdict.action}
    entries = [AuditEntry(now, by, "verdict", f"case:{case.id}", verdict.comment, details | {"verdict": verdict.id})]
    entries += [AuditEntry(now, by, "close", f"alert:{alert.id}", "verdict", details) for alert in closing]
    entries += [AuditEntry(now, by, "finish", f"request:{request.id}", "verdict") for request in requests]
    for entry in entries:
        work.audit.append(entry)


def _completed(said: Verdict, case: Case, mode: FailureMode) -> Verdict:
    """Fill in what was left out, and give the verdict its id from its content."""
    damage = said.found == "damage"
    named = mode.name if mode.name != UNSPECIFIED else ""
    verdict = replace(
        said,
        asset=case.asset,
        failure_mode=said.failure_mode or (named if damage else ""),
        maintainable_item=said.maintainable_item or mode.maintainable_item,
        mechanism=said.mechanism or (mode.mechanism if damage else ""),
    )
    content = canonical({**asdict(verdict), "id": "", "recorded_at": ""})
    return replace(verdict, id="ve-" + hashlib.sha256(content.encode()).hexdigest()[:16])


def _recorded_already(work: UnitOfWork, verdict: Verdict) -> Verdict:
    for known in work.verdicts.for_case(verdict.case_id):
        if known.id == verdict.id:
            return known
    raise IllegalTransition(
        f"case {verdict.case_id} is closed already",
        hint="correct its labels in the history; a new alert opens a new case",
    )


def _mode(plant: Plant, case: Case, said: Verdict, alerts: Sequence[Alert]) -> FailureMode:
    """The failure mode that was found, else the most probable one that was suspected."""
    definition = plant.catalogue.model(case.asset_class)
    if said.failure_mode:
        return mode_of(definition, said.failure_mode)
    suspected = max(alerts, key=lambda alert: alert.probability, default=None)
    if suspected is None:
        return FailureMode(UNSPECIFIED, "Failure of unknown kind", UNIT)
    return mode_of(definition, suspected.failure_mode)


def _usage(plant: Plant, work: UnitOfWork, case: Case, at: datetime) -> float | None:
    """Where the asset stood on its usage axis when it was found: the newest assessment knows."""
    if plant.catalogue.asset_class(case.asset_class).axis.kind == "time":
        return None
    until_then = [one for one in work.assessments.history(case.asset, case.opened_at, at) if one.data_usage is not None]
    known = until_then[-1:] or work.assessments.latest(case.asset)
    return known[0].data_usage if known else None


def _check(by: str, found: str, severity: str, action: str, restores: bool) -> None:
    if not by.strip():
        raise InputError("a verdict needs a name", hint="say who found it")
    for name, value, words in (
        ("found", found, get_args(Found)),
        ("action", action, get_args(Action)),
        ("severity", severity, ("", *get_args(Severity))),
    ):
        if value not in words:
            raise InputError(f"{name} is {value!r}", hint="one of: " + ", ".join(word for word in words if word))
    if found == "damage" and not severity:
        raise InputError("damage needs its severity as found", hint="critical, degraded or incipient")
    if restores and action not in ("repaired", "replaced"):
        raise InputError("only a repair or a replacement restores", hint="action: repaired or replaced")
