"""Is alerting itself well: its figures over time, by class, mode and model, the worst actors, and everything that is silenced.

All of it is about alerts and machines. People are counted, never listed: figures about persons are personal data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pdm.alerts.alert import OPEN_STATES, QUIET_STATES, Alert, AlertState
from pdm.audit.entry import AuditEntry
from pdm.feedback.outcome import RIGHT, derive
from pdm.feedback.verdict import Outcome, Verdict
from pdm.learning.metrics import binomial_interval
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.failures import once
from pdm.readings.registry import read_assets
from pdm.views import words
from pdm.views.alert import suppressed_by

WEEKS = 13
STALE = timedelta(days=30)
SHIFT = timedelta(hours=8)
BURST = 5
CHATTER = 3
WORST = 10
_WEEK = timedelta(days=7)
_REOPENED = timedelta(days=14)
_MACHINES = frozenset({"scoring", "policy"})


@dataclass(frozen=True)
class Figures:
    """One group of alerts. precision: share of the decided ones that were right, with its 90 % interval; None without any."""

    name: str
    raised: int
    right: int
    unfounded: int
    undecided: int
    precision: float | None
    interval: tuple[float, float]
    false_per_year: float | None


@dataclass(frozen=True)
class Week:
    """One week: alerts raised, and how many of them were found to be right or unfounded since."""

    start: str
    raised: int
    right: int
    unfounded: int


@dataclass(frozen=True)
class Actor:
    """One suspicion that asks for people again and again."""

    asset: str
    mode: str
    raised: int
    unfounded: int


@dataclass(frozen=True)
class Silenced:
    """One open alert that is silent, why, and until when; without an end it waits for somebody."""

    alert: str
    asset: str
    mode: str
    state: str
    why: str
    until: str


@dataclass(frozen=True)
class Alerting:
    """The health of alerting over the last weeks.

    per_engineer: alerts a week for each of those who answered any. reopened: came back within a fortnight.
    chattering: three or more steps in a week. stale: open and unanswered for a month. bursts: shifts with five or more raised.
    sufficient_lead: failures on record that an open alert named in time, of all; missed: those without any alert.
    """

    weeks: tuple[Week, ...]
    whole: Figures
    by_class: tuple[Figures, ...]
    by_mode: tuple[Figures, ...]
    by_model: tuple[Figures, ...]
    per_week: float
    engineers: int
    per_engineer: float | None
    failures: int
    sufficient_lead: int
    missed: int
    reopened: int
    chattering: int
    stale: int
    bursts: int
    escalated: int
    worst: tuple[Actor, ...]
    silenced: tuple[Silenced, ...]


def alerting(plant: Plant, *, weeks: int = WEEKS) -> Alerting:
    """The figures of the last `weeks` weeks."""
    now = plant.clock.now()
    since = now - weeks * _WEEK
    with plant.unit_of_work() as work:
        everything = work.alerts.list()
        verdicts = work.verdicts.list()
        log = [entry for entry in work.audit.list(limit=100_000) if entry.at >= since]
    raised = [one for one in everything if one.raised_at is not None and one.raised_at >= since]
    outcomes = _outcomes(raised, verdicts)
    assets = read_assets(plant.history)
    years = dict.fromkeys(assets, weeks / 52.18)
    of_class = {tag: asset.asset_class for tag, asset in assets.items()}
    found, missed, failures = _failures(plant, everything, since)
    engineers = len({entry.who for entry in log if entry.subject.startswith("alert:")} - _MACHINES)

    def grouped(key: Callable[[Alert], str], exposure: Callable[[str], float]) -> tuple[Figures, ...]:
        names = sorted({key(alert) for alert in raised})
        return tuple(
            _figures(name, [one for one in raised if key(one) == name], outcomes, exposure(name)) for name in names
        )

    def titled(alert: Alert) -> str:
        return words.mode_title(alert.failure_mode, plant.catalogue.models.get(alert.asset_class))

    def exposed(asset_class: str) -> float:
        return sum(span for tag, span in years.items() if of_class[tag] == asset_class)

    whole = sum(years.values())
    return Alerting(
        weeks=_weeks(raised, outcomes, since, weeks, plant.settings.time_zone),
        whole=_figures("all", raised, outcomes, whole),
        by_class=grouped(lambda alert: alert.asset_class, exposed),
        by_mode=grouped(titled, lambda _: whole),
        by_model=grouped(lambda alert: alert.bundle or "no model", lambda _: whole),
        per_week=len(raised) / weeks,
        engineers=engineers,
        per_engineer=len(raised) / weeks / engineers if engineers else None,
        failures=failures,
        sufficient_lead=found,
        missed=missed,
        reopened=_reopened(raised, everything, log),
        chattering=_chattering(log),
        stale=sum(_is_stale(one, now) for one in everything),
        bursts=_bursts(raised, since),
        escalated=sum(entry.verb == "escalate" for entry in log),
        worst=_worst(raised, outcomes, titled),
        silenced=tuple(
            _silenced(one, titled(one), plant.settings.time_zone, log)
            for one in everything
            if one.state in QUIET_STATES
        ),
    )


def _outcomes(alerts: Iterable[Alert], verdicts: Sequence[Verdict]) -> dict[str, Outcome]:
    """Alert id -> what its case's last verdict says about it."""
    last = {verdict.case_id: verdict for verdict in sorted(verdicts, key=lambda one: one.recorded_at)}
    return {one.id: derive(last[one.case_id], [one]) for one in alerts if one.case_id in last}


def _figures(name: str, alerts: Sequence[Alert], outcomes: Mapping[str, Outcome], years: float) -> Figures:
    counts = Counter(_judged(outcomes.get(one.id)) for one in alerts)
    right, unfounded = counts["right"], counts["unfounded"]
    decided = right + unfounded
    return Figures(
        name,
        len(alerts),
        right,
        unfounded,
        counts["undecided"],
        right / decided if decided else None,
        binomial_interval(right, decided, level=0.9),
        unfounded / years if years else None,
    )


def _judged(outcome: Outcome | None) -> str:
    if outcome is None or outcome == "undecided":
        return "undecided"
    return "right" if outcome in RIGHT else "unfounded"


def _weeks(
    raised: Sequence[Alert], outcomes: Mapping[str, Outcome], since: datetime, weeks: int, zone: str
) -> tuple[Week, ...]:
    found: list[list[Alert]] = [[] for _ in range(weeks)]
    for alert in raised:
        if alert.raised_at is not None:
            found[min(int((alert.raised_at - since) / _WEEK), weeks - 1)].append(alert)
    told = []
    for number, some in enumerate(found):
        counts = Counter(_judged(outcomes.get(one.id)) for one in some)
        told.append(Week(words.day(since + number * _WEEK, zone), len(some), counts["right"], counts["unfounded"]))
    return tuple(told)


def _failures(plant: Plant, alerts: Sequence[Alert], since: datetime) -> tuple[int, int, int]:
    """Failures on record since then: found with planning and parts time left, without any alert before them, and all."""
    found = missed = every = 0
    events = read_events(plant.history, kinds=["failure"])
    events = once(events[events["time"].notna()])
    events = events[events["time"] >= since]
    columns = (events["asset"], events["time"], events["failure_mode"])
    of_class = {tag: asset.asset_class for tag, asset in read_assets(plant.history).items()}
    for tag, at, mode in zip(*columns, strict=True):
        model = plant.catalogue.models.get(of_class.get(str(tag), ""))
        known = {one.name: one for one in model.failure_modes} if model else {}
        lead = max(known[mode].planning_time, known[mode].parts_time) if mode in known else 0.0
        open_then = [one for one in alerts if one.asset == tag and _open_at(one, at.to_pydatetime())]
        every += 1
        missed += not open_then
        found += any(one.raised_at and at - one.raised_at >= timedelta(hours=lead) for one in open_then)
    return found, missed, every


def _open_at(alert: Alert, moment: datetime) -> bool:
    started = alert.raised_at is not None and alert.raised_at <= moment
    return started and (alert.closed_at is None or alert.closed_at >= moment - _WEEK)


def _reopened(raised: Sequence[Alert], everything: Sequence[Alert], log: Sequence[AuditEntry]) -> int:
    closed = {one.id: one.closed_at for one in everything}
    again = sum(
        one.raised_at is not None
        and (before := closed.get(one.repeat_of)) is not None
        and one.raised_at - before <= _REOPENED
        for one in raised
    )
    return again + sum(entry.verb == "retrip" for entry in log)


def _chattering(log: Sequence[AuditEntry]) -> int:
    """Alerts with three or more steps of scores within a week."""
    steps: dict[str, list[datetime]] = {}
    for entry in sorted(log, key=lambda one: one.seq):
        if entry.who in _MACHINES and entry.subject.startswith("alert:"):
            steps.setdefault(entry.subject, []).append(entry.at)
    return sum(
        any(later - first <= _WEEK for first, later in zip(times, times[CHATTER - 1 :], strict=False))
        for times in steps.values()
    )


def _is_stale(alert: Alert, now: datetime) -> bool:
    waiting = alert.state in OPEN_STATES - QUIET_STATES and not alert.owner
    return waiting and now - (alert.state_since or alert.first_seen) > STALE


def _bursts(raised: Sequence[Alert], since: datetime) -> int:
    shifts = Counter(int((one.raised_at - since) / SHIFT) for one in raised if one.raised_at is not None)
    return sum(count >= BURST for count in shifts.values())


def _worst(
    raised: Sequence[Alert], outcomes: Mapping[str, Outcome], titled: Callable[[Alert], str]
) -> tuple[Actor, ...]:
    counts = Counter((one.asset, titled(one)) for one in raised)
    unfounded = Counter((one.asset, titled(one)) for one in raised if _judged(outcomes.get(one.id)) == "unfounded")
    ordered = sorted(counts, key=lambda key: (-counts[key], key))
    return tuple(Actor(*key, counts[key], unfounded[key]) for key in ordered[:WORST])


def _silenced(alert: Alert, mode: str, zone: str, log: Sequence[AuditEntry]) -> Silenced:
    until = words.when(alert.shelved_until, zone) if alert.state is AlertState.SHELVED else "further notice"
    why = alert.shelved_reason or (
        suppressed_by(log, alert) if alert.state is AlertState.SUPPRESSED else "see its audit trail"
    )
    return Silenced(alert.id, alert.asset, mode, alert.state.value, why, until)
