"""Let new assessments have their consequences: alerts, cases, drafted requests, messages and audit, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import pandas as pd

from pdm.alerts.alert import Alert, AlertState, Case
from pdm.alerts.cases import gather
from pdm.alerts.lifecycle import Decision, Transition, consider, expire
from pdm.alerts.suspicion import suspicions
from pdm.audit.entry import AuditEntry
from pdm.catalogue import ModelDefinition
from pdm.operations._again import again
from pdm.operations._drafting import draft
from pdm.operations.approve_request import queue
from pdm.ports import Plant, UnitOfWork
from pdm.readings.exclusions import excluded, read_exclusions
from pdm.readings.registry import Asset, read_assets
from pdm.scoring.assessment import Assessment
from pdm.work.draft import external_ref, mode_of

WHO = "scoring"
_NOT_CLOSED = [state for state in AlertState if state is not AlertState.CLOSED]


@dataclass(frozen=True)
class AlertReport:
    """What the assessments led to."""

    raised: int = 0
    reopened: int = 0
    returned: int = 0
    cases_opened: int = 0
    requests_drafted: int = 0


def consider_assessments(plant: Plant, assessments: Sequence[Assessment]) -> AlertReport:
    """Store assessments and decide about alerts, cases and requests in one unit of work.

    An assessment is decided upon once: one that is not newer than the newest on record for its asset is stored and nothing else,
    so the same assessments twice change nothing. Neither is the same reading counted twice: an assessment by the same bundle on
    data that have not moved since the last one adds nothing to the persistence of an alert.

    A raised alert drafts a work request: `suggest` leaves it for a reviewer here, `draft` approves it in the policy's name and
    puts it into the outbox, to be reviewed in the receiver. Shelving that is over ends here, whether or not there is news.
    """
    now = plant.clock.now()
    assets = read_assets(plant.history, known_at=now)
    suppressed = _suppressed(plant, assessments, now)
    ordered = sorted(assessments, key=lambda assessment: (assessment.as_of, assessment.asset))
    return again(lambda: _consider(plant, ordered, assets, suppressed, now))


def _consider(
    plant: Plant,
    assessments: Sequence[Assessment],
    assets: Mapping[str, Asset],
    suppressed: Collection[tuple[str, datetime]],
    now: datetime,
) -> AlertReport:
    with plant.unit_of_work() as work:
        round_ = _Round(plant, work, now)
        round_.end_shelving()
        newest = {assessment.asset: assessment for assessment in work.assessments.latest()}
        for assessment in assessments:
            before = newest.get(assessment.asset)
            if before is not None and assessment.as_of <= before.as_of:
                continue
            newest[assessment.asset] = assessment
            definition = plant.catalogue.models.get(assessment.asset_class)
            if definition is None or _same_data(before, assessment):
                continue
            asset = assets.get(assessment.asset) or Asset(assessment.asset, assessment.asset_class)
            round_.decide(assessment, asset, definition, (assessment.asset, assessment.as_of) in suppressed)
        work.assessments.save(assessments)
        report = round_.write()
        work.commit()
        return report


class _Round:
    """The alerts and cases while the assessments pass by; everything that changed is written once, at the end."""

    def __init__(self, plant: Plant, work: UnitOfWork, now: datetime) -> None:
        self._plant, self._work, self._now = plant, work, now
        alerts = work.alerts.list(states=_NOT_CLOSED)
        self._alerts = {(alert.asset, alert.failure_mode): alert for alert in alerts}
        self._cases = {case.asset: case for case in work.cases.list(state="open")}
        self._joined: dict[str, Case] = {}
        self._changed: dict[str, Alert] = {}
        self._entries: list[AuditEntry] = []
        self._wanted: dict[str, tuple[Asset, ModelDefinition]] = {}
        self._steps: Counter[str] = Counter()

    def end_shelving(self) -> None:
        """Bring back what was shelved until now, scored or not."""
        for alert in list(self._alerts.values()):
            decision = expire(alert, now=self._now)
            if decision.transitions:
                self._keep(decision)

    def decide(self, assessment: Assessment, asset: Asset, definition: ModelDefinition, suppressed: bool) -> None:
        """Let one assessment take its steps in every suspicion it speaks about."""
        open_modes = {mode for tag, mode in self._alerts if tag == asset.asset}
        for suspicion in suspicions(assessment, open_modes):
            before = self._alerts.get((asset.asset, suspicion.risk.mode))
            judge = partial(
                consider,
                before,
                assessment,
                suspicion.risk,
                definition.policy,
                asset,
                now=self._now,
                counts_life=suspicion.counts_life,
                deviation=suspicion.deviation,
                suppressed=suppressed,
            )
            decision = judge()
            if before is None and decision.alert is not None:  # only now is it worth asking for a precedent
                decision = judge(last_closed=self._work.alerts.last_closed(asset.asset, suspicion.risk.mode))
            if decision.alert is not None and decision.alert is not before:
                self._keep(decision, asset, definition)

    def write(self) -> AlertReport:
        """Store what changed: cases, alerts, requests with their messages, audit."""
        for case in self._joined.values():
            # Saved even when it was open before: a verdict given meanwhile is noticed, and no alert joins a closed case.
            self._cases[case.asset] = self._work.cases.save(case)
        for alert in self._changed.values():
            self._work.alerts.save(alert)
        drafted = [self._draft(self._changed[key], *about) for key, about in self._wanted.items()]
        for entry in self._entries:
            self._work.audit.append(entry)
        return AlertReport(
            raised=self._steps["raise"],
            reopened=self._steps["retrip"],
            returned=self._steps["clear"],
            cases_opened=self._steps["open"],
            requests_drafted=sum(drafted),
        )

    def _keep(self, decision: Decision, asset: Asset | None = None, definition: ModelDefinition | None = None) -> None:
        alert = decision.alert
        if alert is None:
            return
        names = {transition.step for transition in decision.transitions}
        if names & {"raise", "retrip"} and asset is not None and definition is not None:
            alert = self._gather(alert, definition)
            self._wanted[alert.id] = (asset, definition)
        for transition in decision.transitions:
            self._note(alert, transition)
        self._changed[alert.id] = alert
        key = alert.asset, alert.failure_mode
        if alert.state is AlertState.CLOSED:
            del self._alerts[key]
        else:
            self._alerts[key] = alert

    def _gather(self, alert: Alert, definition: ModelDefinition) -> Alert:
        known = self._cases.get(alert.asset)
        title = mode_of(definition, alert.failure_mode).title
        case, alert = gather(known, alert, mode_title=title, now=self._now)
        self._joined[case.id] = case
        if known is None:
            self._cases[alert.asset] = case
            self._steps["open"] += 1
            self._entries.append(AuditEntry(self._now, WHO, "open", f"case:{case.id}", case.title, {"alert": alert.id}))
        return alert

    def _note(self, alert: Alert, transition: Transition) -> None:
        self._steps[transition.step] += 1
        if transition.step == "lapse":  # nobody was disturbed: nothing to account for
            return
        details = {
            "asset": alert.asset,
            "failure_mode": alert.failure_mode,
            "from": transition.source.value,
            "to": transition.target.value,
            "probability": alert.probability,
            "bundle": alert.bundle,
        }
        self._entries.append(AuditEntry(self._now, WHO, transition.step, f"alert:{alert.id}", transition.why, details))

    def _draft(self, alert: Alert, asset: Asset, definition: ModelDefinition) -> bool:
        """Draft the request of a raised alert; False when there is one already."""
        case = self._cases[alert.asset]
        if self._work.requests.by_ref(external_ref(case.id, alert.failure_mode)) is not None:
            return False
        latest = next(iter(self._work.assessments.latest(alert.asset)), None)
        request = self._work.requests.save(
            draft(self._plant, case, alert, asset, definition, now=self._now, assessment=latest)
        )
        details = {"external_ref": request.external_ref, "case": case.id, "priority": request.priority}
        self._entries.append(AuditEntry(self._now, WHO, "suggest", f"request:{request.id}", request.title, details))
        if definition.policy.auto_request == "draft":
            self._entries.append(queue(self._work, request, by="policy", why="auto_request = draft", now=self._now))
        return True


def _same_data(before: Assessment | None, assessment: Assessment) -> bool:
    """Whether nothing was measured since the last assessment by the same bundle."""
    if before is None or before.bundle != assessment.bundle:
        return False
    measured = assessment.data_time, assessment.data_usage
    return measured != (None, None) and measured == (before.data_time, before.data_usage)


def _suppressed(plant: Plant, assessments: Sequence[Assessment], now: datetime) -> set[tuple[str, datetime]]:
    """Which assessments (asset, as-of) fall into an interval in which nobody is alerted."""
    marks = read_exclusions(plant.history, known_at=now)
    if marks["alert"].all():
        return set()
    found: set[tuple[str, datetime]] = set()
    for kind in ("time", "usage"):
        rows = [one for one in assessments if _axis_kind(plant, one) == kind]
        positions = pd.Series([one.as_of if kind == "time" else one.data_usage for one in rows])
        if not rows or positions.isna().all():
            continue
        table = pd.DataFrame({"asset": [one.asset for one in rows], "time": positions})
        mask = excluded(table, marks, use="alert")
        found |= {(one.asset, one.as_of) for one, hit in zip(rows, mask, strict=True) if hit}
    return found


def _axis_kind(plant: Plant, assessment: Assessment) -> str:
    known = plant.catalogue.classes.get(assessment.asset_class)
    return known.axis.kind if known else "time"
