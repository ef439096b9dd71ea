"""Every socket on one page: what the platform needs from the outside world, and `Plant`, which holds one of each.

An operation takes a `Plant`; only `pdm.wiring` builds one from settings. Adapters implement these protocols, fakes for tests ship in
`pdm.testing`, and `pdm.checks` holds the promises that any adapter must keep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from pdm.alerts.alert import Alert, AlertState, Case
from pdm.alerts.comment import Comment
from pdm.alerts.notice import Notice
from pdm.audit.entry import AuditEntry
from pdm.catalogue import Catalogue
from pdm.clock import Clock
from pdm.extraction.executor import Executor
from pdm.feedback.verdict import Verdict
from pdm.readings.tables import HistoryTables
from pdm.scoring.assessment import Assessment
from pdm.settings import Settings
from pdm.work.bridge import WORK_REQUEST, Message, OutboxStore, Payload, Receiver, ReceiverStatus
from pdm.work.ladders import DeferralStore, TrustStore
from pdm.work.notification import Notification
from pdm.work.request import RequestState, WorkRequest
from pdm.workspace import Workspace

__all__ = [
    "WORK_REQUEST",
    "AlertStore",
    "AnswerStore",
    "AssessmentStore",
    "AuditStore",
    "Beat",
    "BeatStore",
    "CaseStore",
    "Clock",
    "CommentStore",
    "DeferralStore",
    "Executor",
    "HistoryTables",
    "KeptAnswer",
    "LeaseStore",
    "LoggedRun",
    "Message",
    "NoticeStore",
    "Notification",
    "Notifier",
    "OutboxStore",
    "Payload",
    "Plant",
    "Progress",
    "Receiver",
    "ReceiverStatus",
    "RequestStore",
    "Run",
    "Tracker",
    "TrustStore",
    "UnitOfWork",
    "VerdictStore",
]


class AlertStore(Protocol):
    """Alerts by id; saving checks `version`, so that two writers never overwrite each other unseen."""

    def get(self, alert_id: str) -> Alert:
        """The alert; `NotFound` when there is none."""
        ...

    def open_for(self, asset: str, failure_mode: str) -> Alert | None:
        """The one pending or open alert of this suspicion."""
        ...

    def last_closed(self, asset: str, failure_mode: str) -> Alert | None:
        """The newest closed alert of this suspicion, so that a new one is marked as a repeat."""
        ...

    def list(
        self,
        *,
        asset: str | None = None,
        asset_class: str | None = None,
        states: Sequence[AlertState] | None = None,
        case_id: str | None = None,
    ) -> list[Alert]:
        """Alerts, newest `last_seen` first."""
        ...

    def save(self, alert: Alert) -> Alert:
        """Insert (version 0) or update; returns it with the new version.

        Raises `Conflict` when someone else saved it first, or when a second open alert for one (asset, mode) would result.
        """
        ...


class CaseStore(Protocol):
    """Cases by id, with the same versioned `save`."""

    def get(self, case_id: str) -> Case: ...

    def open_for(self, asset: str) -> Case | None:
        """The open case of an asset."""
        ...

    def list(self, *, asset: str | None = None, state: str | None = None) -> list[Case]: ...

    def save(self, case: Case) -> Case: ...


class RequestStore(Protocol):
    """Work requests by id and by idempotency key."""

    def get(self, request_id: str) -> WorkRequest: ...

    def by_ref(self, external_ref: str) -> WorkRequest | None:
        """The request with this idempotency key."""
        ...

    def list(
        self,
        *,
        asset: str | None = None,
        case_id: str | None = None,
        states: Sequence[RequestState] | None = None,
    ) -> list[WorkRequest]:
        """Requests, most urgent first (priority, then required_end)."""
        ...

    def save(self, request: WorkRequest) -> WorkRequest:
        """Insert or update; `Conflict` when the idempotency key exists already or the version moved on."""
        ...


class VerdictStore(Protocol):
    """Verdicts, never changed once written."""

    def add(self, verdict: Verdict) -> None: ...

    def for_case(self, case_id: str) -> list[Verdict]: ...

    def list(self, *, asset: str | None = None) -> list[Verdict]: ...


class AssessmentStore(Protocol):
    """What was thought when."""

    def save(self, assessments: Sequence[Assessment]) -> None:
        """One row per (asset, as_of, bundle); a repetition changes nothing."""
        ...

    def latest(self, asset: str | None = None) -> list[Assessment]:
        """The newest assessment of every asset, or of one."""
        ...

    def history(self, asset: str, since: datetime, until: datetime) -> list[Assessment]:
        """All assessments of an asset in the interval, oldest first."""
        ...


class AuditStore(Protocol):
    """The append-only chain."""

    def append(self, entry: AuditEntry) -> AuditEntry:
        """Chain one entry on (sequence number and hashes are filled in)."""
        ...

    def list(self, *, subject: str | None = None, limit: int = 200) -> list[AuditEntry]:
        """Entries, newest first."""
        ...

    def verify(self) -> int:
        """Walk the whole chain; the number of entries. Raises `StoreError` naming the first broken link."""
        ...


class NoticeStore(Protocol):
    """Questions to operations, with the same versioned `save`."""

    def get(self, notice_id: str) -> Notice: ...

    def list(self, *, state: str | None = None) -> list[Notice]:
        """Notices, newest first; `state` is `open` or `answered`."""
        ...

    def save(self, notice: Notice) -> Notice: ...


class CommentStore(Protocol):
    """What people said, append-only."""

    def add(self, comment: Comment) -> None: ...

    def list(self, subject: str) -> list[Comment]:
        """Comments on `alert:<id>`, `case:<id>` or `notice:<id>`, oldest first."""
        ...


class LeaseStore(Protocol):
    """Who does a job that must never be done twice at once."""

    def acquire(self, name: str, holder: str, now: datetime, ttl: timedelta) -> bool:
        """Take or renew the lease `name`; False while another holder's has not expired."""
        ...

    def release(self, name: str, holder: str) -> None: ...

    def holder(self, name: str, now: datetime) -> str | None: ...


@dataclass(frozen=True)
class Beat:
    """How far one heartbeat has come: `stage` passed the beat `number` on `at`. said: why it could not, empty when it could."""

    stage: str
    number: int
    at: datetime
    said: str = ""


class BeatStore(Protocol):
    """The newest beat of every stage."""

    def save(self, beat: Beat) -> None: ...

    def list(self) -> list[Beat]: ...


@dataclass(frozen=True)
class KeptAnswer:
    """What was answered under one idempotency key. fingerprint: of the call. status: None while nothing was answered."""

    key: str
    fingerprint: str
    at: datetime
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


class AnswerStore(Protocol):
    """Idempotency keys and what was answered under them, so that a restart does not forget them."""

    def begin(self, answer: KeptAnswer) -> KeptAnswer:
        """Take a key; what stands under it when somebody took it before."""
        ...

    def finish(self, answer: KeptAnswer) -> None:
        """Write down what was answered."""
        ...

    def forget(self, before: datetime) -> int:
        """Drop what is older; how many."""
        ...


class UnitOfWork(Protocol):
    """One transaction over everything operational: leaving the block without `commit()` undoes it all.

    with plant.unit_of_work() as work:
        work.alerts.save(alert)
        work.audit.append(entry)
        work.commit()
    """

    @property
    def alerts(self) -> AlertStore: ...
    @property
    def cases(self) -> CaseStore: ...
    @property
    def requests(self) -> RequestStore: ...
    @property
    def outbox(self) -> OutboxStore: ...
    @property
    def verdicts(self) -> VerdictStore: ...
    @property
    def assessments(self) -> AssessmentStore: ...
    @property
    def audit(self) -> AuditStore: ...
    @property
    def leases(self) -> LeaseStore: ...
    @property
    def beats(self) -> BeatStore: ...
    @property
    def answers(self) -> AnswerStore: ...
    @property
    def notices(self) -> NoticeStore: ...
    @property
    def comments(self) -> CommentStore: ...
    @property
    def trust(self) -> TrustStore: ...
    @property
    def deferrals(self) -> DeferralStore: ...

    def commit(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Run(Protocol):
    """One tracked training run."""

    @property
    def id(self) -> str: ...

    def params(self, values: Mapping[str, Any]) -> None: ...

    def metrics(self, values: Mapping[str, float]) -> None: ...

    def tags(self, values: Mapping[str, str]) -> None: ...

    def artifact(self, file: Path, folder: str = "") -> None: ...


@dataclass(frozen=True)
class LoggedRun:
    """What a run said when it was made."""

    id: str
    experiment: str
    metrics: Mapping[str, float]
    tags: Mapping[str, str]


class Tracker(Protocol):
    """Where runs and registered models are kept for data scientists. The service never needs it."""

    def logged(self, run_id: str) -> LoggedRun:
        """A run by its id, or by the version of the bundle that it made; `NotFound` when there is none."""
        ...

    def run(self, experiment: str, name: str) -> AbstractContextManager[Run]:
        """Open a run; an exception inside marks it as failed."""
        ...

    def register(self, model: str, run_id: str, bundle: Path, version: str) -> None:
        """Make a bundle a registered model version, tagged with the bundle's own version id."""
        ...

    def set_alias(self, model: str, alias: str, version: str) -> None:
        """Point `champion` or `challenger` at the bundle version."""
        ...

    def alias(self, model: str, alias: str) -> str | None:
        """The bundle that an alias points at; None while it points nowhere. `StoreError` when the tracker is away."""
        ...


class Notifier(Protocol):
    """Tells people something, by mail, chat or webhook: one target at a time, so that one that fails does not concern the others."""

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of who is told; they give away no secret and stay the same while the target does."""
        ...

    def notify(self, target: str, what: Notification) -> None:
        """Tell one target; `ReceiverError` when it did not take it."""
        ...


class Progress(Protocol):
    """Shows how far long work has come."""

    def stage(self, title: str, total: int | None = None) -> AbstractContextManager[Callable[[int], None]]:
        """`with progress.stage("reading", 12) as advance: advance(1)`."""
        ...


@dataclass(frozen=True)
class Plant:
    """One plant with everything that an operation may need."""

    settings: Settings
    workspace: Workspace
    catalogue: Catalogue
    clock: Clock
    history: HistoryTables
    unit_of_work: Callable[[], UnitOfWork]
    tracker: Callable[[], Tracker]
    executor: Executor
    progress: Progress
    receiver: Receiver
    notifier: Notifier | None = None  # None: nobody wants to be told
