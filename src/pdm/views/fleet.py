"""The fleet, worst first: what the reliability engineer looks at in the morning, and what changed since yesterday."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pdm.alerts.alert import OPEN_STATES, Alert, AlertState, Case
from pdm.catalogue import Axis
from pdm.errors import NotFound
from pdm.ports import Plant, UnitOfWork
from pdm.readings.registry import Asset, read_assets
from pdm.scoring.assessment import Assessment
from pdm.units import duration
from pdm.views import words
from pdm.views.state import CONDITION_ORDER, FourWords, four_words
from pdm.work.request import OPEN_REQUESTS, RequestState, WorkRequest

DAY = timedelta(days=1)
_RISE = 0.1


@dataclass(frozen=True)
class FleetRow:
    """One asset as the fleet shows it. risk, band, age: sentences; probability: 0 where nothing is predicted.

    rung: of the ladder on which its answer stands; empty where there is no answer.
    """

    asset: str
    description: str
    asset_class: str
    class_title: str
    location: str
    criticality: int
    words: FourWords
    risk: str
    probability: float
    band: str
    rung: str
    age: str
    alert_id: str
    alert: str
    case_id: str
    request_id: str
    request: str
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Fleet:
    """All rows that the filters let through, worst first; `counts` of conditions, alerts and requests cover the whole fleet."""

    rows: tuple[FleetRow, ...]
    total: int
    counts: Mapping[str, int]
    classes: Mapping[str, str]
    scored_at: datetime | None
    scored: str


@dataclass(frozen=True)
class _Open:
    """What is open in the operational store, by asset."""

    alerts: Mapping[str, Alert]
    cases: Mapping[str, Case]
    requests: Mapping[str, WorkRequest]
    changes: Mapping[str, tuple[str, ...]]


def fleet(
    plant: Plant,
    *,
    asset_class: str | None = None,
    criticality: int | None = None,
    condition: str | None = None,
    changed: bool = False,
) -> Fleet:
    """Every asset of the plant, worst first.

    asset_class, criticality, condition: keep only these. changed: keep only what changed within a day.

    Raises:
        NotFound: the catalogue has no such class.
    """
    if asset_class is not None:
        plant.catalogue.asset_class(asset_class)
    now = plant.clock.now()
    assets = read_assets(plant.history)
    with plant.unit_of_work() as work:
        latest = {item.asset: item for item in work.assessments.latest()}
        state = _open(work, latest, plant, now)
    rows = sorted((_row(plant, asset, latest.get(tag), state, now) for tag, asset in assets.items()), key=_worst_first)
    shown = tuple(row for row in rows if _passes(row, asset_class, criticality, condition, changed))
    scored_at = max((item.as_of for item in latest.values()), default=None)
    return Fleet(
        rows=shown,
        total=len(rows),
        counts=_counts(rows),
        classes={row.asset_class: row.class_title for row in sorted(rows, key=lambda row: row.class_title)},
        scored_at=scored_at,
        scored=words.ago(scored_at, now),
    )


def alert_sentence(alert: Alert) -> str:
    """The state of an alert in words."""
    if alert.state is AlertState.RETURNED:
        return "score went back, waits for an answer"
    if alert.state is AlertState.ACKNOWLEDGED and alert.owner:
        return f"with {alert.owner}"
    return alert.state.value


def _row(plant: Plant, asset: Asset, assessment: Assessment | None, state: _Open, now: datetime) -> FleetRow:
    axis, title = _class_of(plant, asset)
    model = plant.catalogue.models.get(asset.asset_class)
    alert = state.alerts.get(asset.asset)
    request = state.requests.get(asset.asset)
    case = state.cases.get(asset.asset)
    worst = assessment.worst if assessment else None
    return FleetRow(
        asset=asset.asset,
        description=asset.description,
        asset_class=asset.asset_class,
        class_title=title,
        location=asset.location,
        criticality=asset.criticality,
        words=four_words(assessment, now, duration(plant.settings.stale_after)),
        risk=words.risk(worst, axis, model),
        probability=worst.probability if worst else 0.0,
        band=words.band(assessment.remaining_life if assessment else None, axis),
        rung=assessment.rung if assessment and assessment.bundle else "",
        age=words.ago(assessment.data_time, now) if assessment and assessment.data_time else words.NO_VALUE,
        alert_id=alert.id if alert else "",
        alert=alert_sentence(alert) if alert else "",
        case_id=case.id if case else "",
        request_id=request.id if request else "",
        request=request.state.value if request else "",
        changed=state.changes.get(asset.asset, ()),
    )


def _class_of(plant: Plant, asset: Asset) -> tuple[Axis, str]:
    """An asset whose class was deleted from the rooms still has to be seen."""
    try:
        found = plant.catalogue.asset_class(asset.asset_class)
    except NotFound:
        return Axis(), asset.asset_class
    return found.axis, found.title


def _worst_first(row: FleetRow) -> tuple[int, float, int, str]:
    return CONDITION_ORDER[row.words.condition], -row.probability, row.criticality, row.asset


def _passes(
    row: FleetRow, asset_class: str | None, criticality: int | None, condition: str | None, changed: bool
) -> bool:
    return (
        (asset_class is None or row.asset_class == asset_class)
        and (criticality is None or row.criticality == criticality)
        and (condition is None or row.words.condition == condition)
        and (not changed or bool(row.changed))
    )


def _counts(rows: Sequence[FleetRow]) -> dict[str, int]:
    conditions = Counter(row.words.condition for row in rows)
    return {
        "act": conditions["act"],
        "watch": conditions["watch"],
        "unknown": conditions["unknown"],
        "normal": conditions["normal"],
        "alerts": sum(bool(row.alert_id) for row in rows),
        "requests": sum(bool(row.request_id) for row in rows),
        "changed": sum(bool(row.changed) for row in rows),
    }


def _open(work: UnitOfWork, latest: Mapping[str, Assessment], plant: Plant, now: datetime) -> _Open:
    alerts = work.alerts.list()
    requests = work.requests.list()
    changes: dict[str, list[str]] = {}
    for alert in alerts:
        if sentence := _alert_change(alert, now):
            changes.setdefault(alert.asset, []).append(sentence)
    for request in requests:
        if now - request.created_at < DAY:
            changes.setdefault(request.asset, []).append("work request raised")
    for asset, sentence in _rises(work, latest, now):
        changes.setdefault(asset, []).append(sentence)
    for asset, assessment in latest.items():
        words_then = assessment.condition
        words_now = four_words(assessment, now, duration(plant.settings.stale_after)).condition
        if words_then != "unknown" and words_now == "unknown":
            changes.setdefault(asset, []).append("its data stopped")
    worst = {
        alert.asset: alert for alert in sorted(alerts, key=lambda item: item.probability) if alert.state in OPEN_STATES
    }
    ranked = sorted(requests, key=_request_rank)
    return _Open(
        alerts=worst,
        cases={case.asset: case for case in work.cases.list(state="open")},
        requests={request.asset: request for request in ranked if request.state in OPEN_REQUESTS},
        changes={asset: tuple(sentences) for asset, sentences in changes.items()},
    )


def _request_rank(request: WorkRequest) -> tuple[bool, int]:
    """Later wins in the dict above: what waits for a reviewer before what is on its way, then the highest priority."""
    return request.state is RequestState.SUGGESTED, -request.priority


def _alert_change(alert: Alert, now: datetime) -> str:
    if alert.state is AlertState.PENDING or alert.state_since is None or now - alert.state_since >= DAY:
        return ""
    if alert.raised_at is not None and now - alert.raised_at < DAY and alert.state is AlertState.UNACKNOWLEDGED:
        return "repeated alert" if alert.repeat_of else "new alert"
    sentences = {
        AlertState.UNACKNOWLEDGED: "alert is back",
        AlertState.ACKNOWLEDGED: "alert acknowledged",
        AlertState.RETURNED: "score went back",
        AlertState.SHELVED: "alert shelved",
        AlertState.CLOSED: "alert closed",
    }
    return sentences[alert.state]


def _rises(work: UnitOfWork, latest: Mapping[str, Assessment], now: datetime) -> list[tuple[str, str]]:
    """Assets whose risk moved since yesterday; only those in watch or act are asked, so that a large healthy fleet stays cheap."""
    found = []
    for asset, assessment in latest.items():
        if assessment.condition not in ("watch", "act") or assessment.worst is None:
            continue
        before = work.assessments.history(asset, now - 2 * DAY, now - DAY)
        old = before[-1].worst if before else None
        if old is None or old.mode != assessment.worst.mode:
            continue
        difference = assessment.worst.probability - old.probability
        if abs(difference) >= _RISE:
            verb = "up" if difference > 0 else "down"
            found.append((asset, f"risk {verb} from {words.percent(old.probability)}"))
    return found
