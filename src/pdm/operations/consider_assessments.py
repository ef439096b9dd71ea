"""Let new assessments have their consequences: alerts, cases, drafted requests, messages and audit, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pdm.alerts.alert import Alert, AlertState, Case
from pdm.alerts.cases import gather
from pdm.alerts.lifecycle import Decision, Transition
from pdm.alerts.notice import Notice, joined, process_notice, sisters_together
from pdm.alerts.read_suppressions import read_suppressions
from pdm.alerts.standing import Standing
from pdm.alerts.suppression import Suppressions
from pdm.audit.entry import AuditEntry
from pdm.catalogue import ModelDefinition
from pdm.operations._again import again
from pdm.operations._drafting import draft
from pdm.operations._telling import tell
from pdm.operations._trust import trust_of
from pdm.operations.approve_request import queue
from pdm.ports import Plant, UnitOfWork
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
    escalated: int = 0
    notices: int = 0


def consider_assessments(plant: Plant, assessments: Sequence[Assessment]) -> AlertReport:
    """Store assessments and decide about alerts, cases and requests in one unit of work.

    An assessment is decided upon once: one that is not newer than the newest on record for its asset is stored and nothing else,
    so the same assessments twice change nothing. Neither is the same reading counted twice: an assessment by the same bundle on
    data that have not moved since the last one adds nothing to the persistence of an alert.

    A raised alert drafts a work request: `suggest` leaves it for a reviewer here, `draft` approves it in the policy's name and
    puts it into the outbox, to be reviewed in the receiver. Where operations is asked first (a process condition, or sisters that
    move together), a notice takes the request's place until it is answered.

    What time alone decides happens here, too, whether or not there is news: shelving that is over ends, an interval in which
    nobody is alerted begins or ends, and what nobody answered in time is escalated.
    """
    now = plant.clock.now()
    assets = read_assets(plant.history, known_at=now)
    suppressed = read_suppressions(plant.history, plant.catalogue.models, assets)
    ordered = sorted(assessments, key=lambda assessment: (assessment.as_of, assessment.asset))
    return again(lambda: _consider(plant, ordered, assets, suppressed, now))


def _consider(
    plant: Plant,
    assessments: Sequence[Assessment],
    assets: Mapping[str, Asset],
    suppressed: Suppressions,
    now: datetime,
) -> AlertReport:
    with plant.unit_of_work() as work:
        standing = Standing(
            work.alerts.list(states=_NOT_CLOSED),
            newest={assessment.asset: assessment for assessment in work.assessments.latest()},
            assets=assets,
            policies={name: model.policy for name, model in plant.catalogue.models.items()},
            suppressed=suppressed,
            last_closed=work.alerts.last_closed,
        )
        round_ = _Round(plant, work, now, assets, standing)
        for decision in standing.let_time_pass(now):
            round_.keep(decision)
        for assessment in assessments:
            for decision in standing.consider(assessment, now):
                round_.keep(decision)
        work.assessments.save(assessments)
        report = round_.write()
        work.commit()
        return report


class _Round:
    """The alerts and cases while the assessments pass by; everything that changed is written once, at the end."""

    def __init__(
        self, plant: Plant, work: UnitOfWork, now: datetime, assets: Mapping[str, Asset], standing: Standing
    ) -> None:
        self._plant, self._work, self._now = plant, work, now
        self._assets, self._standing = assets, standing
        self._cases = {case.asset: case for case in work.cases.list(state="open")}
        self._joined: dict[str, Case] = {}
        self._changed: dict[str, Alert] = {}
        self._entries: list[AuditEntry] = []
        self._wanted: dict[str, tuple[Asset, ModelDefinition]] = {}
        self._steps: Counter[str] = Counter()

    def write(self) -> AlertReport:
        """Store what changed: cases, alerts, requests with their messages, audit."""
        for case in self._joined.values():
            # Saved even when it was open before: a verdict given meanwhile is noticed, and no alert joins a closed case.
            self._cases[case.asset] = self._work.cases.save(case)
        for alert in self._changed.values():
            self._work.alerts.save(alert)
        notices = self._ask_operations()
        asked = {case for notice in self._work.notices.list(state="open") for case in notice.cases}
        drafted = [
            self._draft(self._changed[key], *about)
            for key, about in self._wanted.items()
            if self._changed[key].case_id not in asked
        ]
        for entry in self._entries:
            self._work.audit.append(entry)
        tell(self._plant, self._work, self._entries)
        return AlertReport(
            raised=self._steps["raise"],
            reopened=self._steps["retrip"],
            returned=self._steps["clear"],
            cases_opened=self._steps["open"],
            requests_drafted=sum(drafted),
            escalated=self._steps["escalate"],
            notices=notices,
        )

    def _ask_operations(self) -> int:
        """Write the questions that raised alerts lead to, or let them join one that is open; how many are new."""
        raised = {self._changed[key].asset_class: definition for key, (_, definition) in self._wanted.items()}
        found = [
            process_notice(self._changed[key], mode.title, self._now)
            for key, (_, definition) in self._wanted.items()
            if (mode := mode_of(definition, self._changed[key].failure_mode)).process
        ]
        everyone = self._standing.alerts
        for name, definition in raised.items():
            policy = definition.policy
            found += sisters_together(
                [alert for alert in everyone if alert.asset_class == name],
                self._assets,
                now=self._now,
                window=timedelta(hours=policy.sisters_within),
                attributes=policy.common_causes,
                title=self._plant.catalogue.asset_class(name).title.lower() + "s",
            )
        if not found:
            return 0
        waiting = {(one.kind, one.suspicion, one.cause): one for one in self._work.notices.list(state="open")}
        return sum(self._ask(notice, waiting.get((notice.kind, notice.suspicion, notice.cause))) for notice in found)

    def _ask(self, notice: Notice, waiting: Notice | None) -> bool:
        merged = joined(waiting, notice) if waiting else notice
        if merged == waiting:
            return False
        self._work.notices.save(merged)
        verb, details = "extend" if waiting else "ask", {"assets": list(merged.assets), "cause": merged.cause}
        self._entries.append(AuditEntry(self._now, WHO, verb, f"notice:{merged.id}", merged.title, details))
        return waiting is None

    def keep(self, decision: Decision) -> None:
        """Take one decision; a raised alert joins its case."""
        alert = decision.alert
        if alert is None:
            return
        names = {transition.step for transition in decision.transitions}
        if names & {"raise", "retrip"}:
            definition = self._plant.catalogue.model(alert.asset_class)
            alert = self._gather(alert, definition)
            self._wanted[alert.id] = (self._standing.asset(alert.asset, alert.asset_class), definition)
        for transition in decision.transitions:
            self._note(alert, transition)
        self._changed[alert.id] = alert
        self._standing.keep(alert)

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
        trust = trust_of(self._work, self._plant.catalogue, (alert.asset_class, alert.failure_mode))
        if trust.rung == "show":
            return False
        latest = next(iter(self._work.assessments.latest(alert.asset)), None)
        request = self._work.requests.save(
            draft(self._plant, case, alert, asset, definition, now=self._now, assessment=latest)
        )
        details = {"external_ref": request.external_ref, "case": case.id, "priority": request.priority}
        self._entries.append(AuditEntry(self._now, WHO, "suggest", f"request:{request.id}", request.title, details))
        if trust.rung in ("draft", "automatic"):
            why = trust.why if trust.version else f"auto_request = {definition.policy.auto_request}"
            self._entries.append(queue(self._work, request, by="policy", why=why, now=self._now, review=trust.rung))
        return True
