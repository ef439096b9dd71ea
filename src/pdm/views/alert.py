"""One alert with the eleven things that make it trusted: what, how sure, since when, why, is it the sensor, and what to do by when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pdm.alerts.alert import OPEN_STATES, Alert, AlertState, Case
from pdm.alerts.lifecycle import allowed
from pdm.audit.entry import AuditEntry
from pdm.catalogue import AssetClass, FailureMode, ModelDefinition
from pdm.errors import NotFound
from pdm.feedback.verdict import Verdict
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.registry import Asset, read_assets
from pdm.units import duration
from pdm.views import words
from pdm.views.ahead import Ahead, ahead
from pdm.views.alert_notes import note
from pdm.views.alert_sentences import (
    Facts,
    cost,
    evidence,
    is_it_the_sensor,
    persistence,
    regime,
    reproduce,
    risk,
    suspicions,
    trend,
)
from pdm.views.asset import LifeBand, Reason, life_band, reasons
from pdm.views.effect import effect_sentence
from pdm.views.evidence import evidence_charts
from pdm.views.likely import PastLives, Race, past_lives, race
from pdm.views.rung import Standing, standing_of
from pdm.views.series import Chart, risk_chart
from pdm.views.similar import PastCase, similar_cases
from pdm.views.state import FourWords, four_words
from pdm.views.timeline import event_title, plain_rows
from pdm.views.track_record import track_record_sentences
from pdm.work.draft import mode_of
from pdm.work.request import OPEN_REQUESTS, RequestState, WorkRequest
from pdm.work.window import work_window

_TREND = timedelta(days=14)
_MAINTENANCE_SHOWN = 4


@dataclass(frozen=True)
class AuditLine:
    """One line of the audit trail in words."""

    when: str
    who: str
    what: str
    why: str


@dataclass(frozen=True)
class Link:
    """A page of ours and what to call it."""

    text: str
    href: str


@dataclass(frozen=True)
class AlertPage:
    """The eleven items of an alert, in their order; sentences unless said otherwise.

    item 1 asset .. words; 2 suspicion, runner_up, race; 3 risk, life; 4 first_seen .. repeat; 5 reasons, reasons_of, charts, regime;
    6 quality_flags, sensor; 7 maintenance, open_work, sisters; 8 track_record, similar (alerts), past (cases of the model);
    9 next_step, cost, latest_safe; 10 owner, state, comments, note (work on record since it was raised) .. audit, verdicts,
    effect (of the repair); 11 bundle, rung, standing (of the model in charge), reproduce.
    """

    alert: Alert
    case: Case | None
    asset: Asset
    class_title: str
    words: FourWords
    suspicion: str
    runner_up: str
    risk: str
    life: LifeBand | None
    first_seen: str
    persistence: str
    trend: str
    repeat: str
    repeat_of: str
    reasons: tuple[Reason, ...]
    reasons_of: str
    charts: tuple[Chart, ...]
    regime: str
    quality_flags: tuple[str, ...]
    sensor: str
    maintenance: tuple[str, ...]
    open_work: tuple[Link, ...]
    sisters: tuple[Link, ...]
    track_record: tuple[str, ...]
    similar: tuple[PastCase, ...]
    race: Race | None
    ahead: Ahead | None
    past: PastLives
    next_step: str
    cost: str
    latest_safe: str
    due: str
    owner: str
    state: str
    note: str
    audit: tuple[AuditLine, ...]
    comments: tuple[AuditLine, ...]
    verdicts: tuple[Verdict, ...]
    effect: str
    bundle: str
    rung: str
    standing: Standing
    reproduce: str
    chart: Chart
    modes: Mapping[str, str]
    may: frozenset[str]


def alert_page(plant: Plant, alert_id: str) -> AlertPage:
    """The page of one alert.

    Raises:
        NotFound: no such alert.
    """
    now = plant.clock.now()
    facts = _read(plant, alert_id, now)
    alert = facts.alert
    asset = read_assets(plant.history).get(alert.asset) or Asset(alert.asset, alert.asset_class)
    asset_class = plant.catalogue.asset_class(alert.asset_class)
    model = plant.catalogue.models.get(alert.asset_class)
    mode = _mode(model, alert.failure_mode)
    zone, standing = plant.settings.time_zone, standing_of(plant, alert.asset_class)
    suspicion, runner_up = suspicions(facts, asset_class, model)
    told, reasons_of = evidence(facts, zone)
    latest_safe, due = _dates(facts, model, asset_class, now, zone)
    coming = ahead(facts.latest, asset_class, model, standing)
    open_requests = [request for request in facts.requests if request.state in OPEN_REQUESTS]
    return AlertPage(
        alert=alert,
        case=facts.case,
        asset=asset,
        class_title=asset_class.title,
        words=four_words(facts.latest, now, duration(plant.settings.stale_after)),
        suspicion=suspicion,
        runner_up=runner_up,
        risk=risk(alert, asset_class),
        life=life_band(facts.latest, asset_class, zone, coming),
        first_seen=f"{words.when(alert.first_seen, zone)} ({words.ago(alert.first_seen, now)})",
        persistence=persistence(alert, model),
        trend=trend(facts.history, alert, asset_class.axis),
        repeat="a repeat of an earlier alert" if alert.repeat_of else "new: no earlier alert of this kind here",
        repeat_of=alert.repeat_of,
        reasons=reasons(told),
        reasons_of=reasons_of,
        charts=evidence_charts(
            plant, asset_class, alert.asset, told, facts.latest, since=alert.first_seen - _TREND, until=now
        ),
        regime=regime(facts.latest, asset_class),
        quality_flags=facts.latest.quality_flags if facts.latest else (),
        sensor=is_it_the_sensor(told, facts.latest.quality_flags if facts.latest else (), asset_class),
        maintenance=_maintenance(plant, alert.asset, model),
        open_work=tuple(Link(f"{item.title} ({item.state.value})", f"/requests/{item.id}") for item in open_requests),
        sisters=tuple(
            Link(f"{item.asset}, {words.percent(item.probability)}", f"/alerts/{item.id}") for item in facts.sisters
        ),
        track_record=track_record_sentences(plant, alert.asset_class, alert.failure_mode),
        similar=similar_cases(plant, alert),
        race=race(facts.latest, asset_class, model),
        ahead=coming,
        past=past_lives(plant, facts.latest, asset_class, model),
        next_step=mode.next_step if mode else _first_of(coming, model),
        cost=cost(alert, model, asset_class),
        latest_safe=latest_safe,
        due=due,
        owner=alert.owner,
        state=_state(plant, facts, model),
        note=note(plant, alert),
        audit=tuple(audit_line(entry, zone) for entry in facts.audit),
        comments=_comments(plant, alert),
        verdicts=tuple(facts.verdicts),
        effect=effect_sentence(plant, alert.case_id, facts.verdicts),
        bundle=alert.bundle or (facts.latest.bundle if facts.latest else ""),
        rung=facts.latest.rung if facts.latest else str(alert.evidence.get("rung", "")),
        standing=standing,
        reproduce=reproduce(facts, zone),
        chart=risk_chart(
            facts.history,
            {item.name: item.title for item in model.failure_modes} if model else {},
            model.policy.threshold(asset.criticality) if model else None,
        ),
        modes={item.name: item.title for item in model.failure_modes} if model else {},
        may=_may(facts, open_requests),
    )


def _comments(plant: Plant, alert: Alert) -> tuple[AuditLine, ...]:
    """What was said about the alert and its case, oldest first."""
    zone = plant.settings.time_zone
    with plant.unit_of_work() as work:
        said = work.comments.list(f"alert:{alert.id}")
        said += work.comments.list(f"case:{alert.case_id}") if alert.case_id else []
    return tuple(
        AuditLine(words.when(one.at, zone), one.by, one.text, "") for one in sorted(said, key=lambda item: item.at)
    )


def alert_state(alert: Alert, zone: str) -> str:
    """The state in words, with its expiry when it has one."""
    if alert.state is AlertState.SHELVED:
        return f"shelved until {words.when(alert.shelved_until, zone)}: {alert.shelved_reason}"
    if alert.state is AlertState.RETURNED:
        return "returned: the score went back and nobody has said why; wear does not heal. Say what happened."
    if alert.state is AlertState.SUPPRESSED:
        return "suppressed by design, while an interval is marked in which nobody is alerted"
    if alert.state is AlertState.OUT_OF_SERVICE:
        return f"out of service since {words.when(alert.state_since, zone)}, until somebody returns it"
    if alert.state is AlertState.CLOSED:
        return f"closed {words.when(alert.closed_at, zone)}"
    return alert.state.value


def _state(plant: Plant, facts: Facts, model: ModelDefinition | None) -> str:
    """The state in words; a repair that was written down after the alert probably explains why the score went back."""
    alert = facts.alert
    sentence = alert_state(alert, plant.settings.time_zone)
    if alert.state is AlertState.SUPPRESSED:
        return f"{sentence}: {suppressed_by(facts.audit, alert)}"
    if alert.state is not AlertState.RETURNED:
        return sentence
    repairs = read_events(plant.history, assets=[alert.asset], kinds=["repair"])
    since = plain_rows(repairs[repairs["time"] > (alert.raised_at or alert.first_seen)])
    if not since:
        return sentence
    day = _event_day(since[-1], plant.settings.time_zone)
    done = event_title(since[-1], model)
    return f"returned: the score went back. On record since it was raised: {done}, {day}. Say what was found."


def suppressed_by(log: Iterable[AuditEntry], alert: Alert) -> str:
    """Why an alert is suppressed, as its newest step says."""
    said = [one for one in log if one.subject == f"alert:{alert.id}" and one.verb == "suppress"]
    return max(said, key=lambda one: one.seq).why if said else "an interval is marked"


def audit_line(entry: AuditEntry, zone: str) -> AuditLine:
    """One audit entry for people."""
    return AuditLine(words.when(entry.at, zone), entry.who, entry.verb.replace("_", " "), entry.why)


def _read(plant: Plant, alert_id: str, now: datetime) -> Facts:
    with plant.unit_of_work() as work:
        alert = work.alerts.get(alert_id)
        same = work.alerts.list(asset_class=alert.asset_class, states=sorted(OPEN_STATES))
        case = work.cases.get(alert.case_id) if alert.case_id else None
        trail = work.audit.list(subject=f"alert:{alert.id}")
        if case:
            trail = sorted([*trail, *work.audit.list(subject=f"case:{case.id}")], key=lambda entry: -entry.seq)
        return Facts(
            alert=alert,
            case=case,
            latest=next(iter(work.assessments.latest(alert.asset)), None),
            history=work.assessments.history(alert.asset, alert.first_seen - _TREND, now),
            requests=work.requests.list(asset=alert.asset),
            sisters=[one for one in same if one.failure_mode == alert.failure_mode and one.asset != alert.asset],
            verdicts=work.verdicts.for_case(case.id) if case else [],
            audit=trail,
        )


def _first_of(coming: Ahead | None, model: ModelDefinition | None) -> str:
    """Where to begin when nobody knows which failure it is: with the one that comes first most often."""
    if coming is None or model is None or not coming.incidence.modes:
        return ""
    likeliest = model.mode(next(iter(coming.incidence.modes)))
    return f"Nobody knows which failure it is. Begin with the likeliest, {words.mode_title(likeliest.name, model)}: {likeliest.next_step}"


def _mode(model: ModelDefinition | None, name: str) -> FailureMode | None:
    try:
        return model.mode(name) if model else None
    except NotFound:
        return None


def _maintenance(plant: Plant, tag: str, model: ModelDefinition | None) -> tuple[str, ...]:
    events = read_events(plant.history, assets=[tag], kinds=["repair", "preventive", "failure", "inspection"])
    newest = plain_rows(events.tail(_MAINTENANCE_SHOWN).iloc[::-1])
    zone = plant.settings.time_zone
    return tuple(f"{_event_day(event, zone)}: {event_title(event, model)}" for event in newest)


def _event_day(event: Mapping[str, object], zone: str) -> str:
    moment = event["time"]
    return words.day(moment, zone) if isinstance(moment, datetime) else f"at {event['usage']}"


def _dates(
    facts: Facts, model: ModelDefinition | None, asset_class: AssetClass, now: datetime, zone: str
) -> tuple[str, str]:
    """The latest safe date, and by when somebody must answer so that planning and parts still fit before it."""
    if model is None or facts.alert.state is AlertState.CLOSED:
        return words.NO_VALUE, words.NO_VALUE
    mode = mode_of(model, facts.alert.failure_mode)
    window = work_window(facts.alert, mode, asset_class.axis, now=now)
    stated = [one.latest_safe for one in facts.requests if one.latest_safe is not None and one.state in OPEN_REQUESTS]
    latest = min(stated, default=window.latest_safe)
    needed = max(mode.planning_time, mode.parts_time)
    due = latest - asset_class.axis.calendar(needed)
    because = f"planning and parts take {words.length(needed, asset_class.axis)}" if needed else "the latest safe date"
    answer_by = f"now: {because}" if due <= now else f"{words.day(due, zone)}: {because}"
    return f"{words.day(latest, zone)}{', which has passed' if latest < now else ''}", answer_by


def _may(facts: Facts, requests: Sequence[WorkRequest]) -> frozenset[str]:
    """Which verbs the page offers now."""
    verbs = set(allowed(facts.alert.state)) - ({"claim"} if facts.alert.owner else {"release"})
    if facts.case is not None and facts.case.state == "open":
        verbs.add("verdict")
        if not any(request.case_id == facts.case.id for request in requests):
            verbs.add("request")
        if any(item.state is RequestState.SUGGESTED for item in requests):
            verbs.add("review")
    return frozenset(verbs)
