"""Work requests as a planner reads them: the queue by priority, each with its window against the latest safe date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from pdm.ports import Plant
from pdm.readings.registry import Asset, read_assets
from pdm.records.planning import read_planning
from pdm.views import words
from pdm.views.alert import AuditLine, audit_line
from pdm.views.alert_notes import note
from pdm.views.held import held
from pdm.views.job import DatesView, JobView, dates_view, job_and_dates, job_view
from pdm.work.request import OPEN_REQUESTS, WorkRequest
from pdm.work.steps import allowed

_ROOM = timedelta(days=2)


@dataclass(frozen=True)
class WindowBar:
    """The window of a request on the calendar of the whole queue: places 0..1, None where there is no date."""

    start: float | None
    end: float | None
    latest: float | None
    now: float


@dataclass(frozen=True)
class RequestRow:
    """One request of the queue; dates as words in the plant's zone. held: why it waits for the site's limits."""

    request: WorkRequest
    description: str
    criticality: int
    mode: str
    start: str
    end: str
    latest: str
    overdue: bool
    bar: WindowBar
    age: str
    held: str = ""


@dataclass(frozen=True)
class RequestsPage:
    """The queue: open requests most urgent first, then what was finished lately. first_day, last_day: the calendar of the bars."""

    open: tuple[RequestRow, ...]
    finished: tuple[RequestRow, ...]
    hours: float
    first_day: str
    last_day: str


@dataclass(frozen=True)
class RequestPage:
    """One request with its evidence, the other open work on the asset, and who did what. note: work on record since its alert."""

    row: RequestRow
    asset: Asset
    alert_id: str
    note: str
    duplicates: tuple[WorkRequest, ...]
    audit: tuple[AuditLine, ...]
    may: frozenset[str]
    job: JobView | None = None
    dates: DatesView | None = None


def requests_page(plant: Plant, *, finished: int = 20) -> RequestsPage:
    """The planner's queue; `finished` is how many closed ones follow."""
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        requests = work.requests.list()
        reasons = held(plant, work, now)
    waiting = [request for request in requests if request.state in OPEN_REQUESTS]
    closed = [request for request in requests if request.state not in OPEN_REQUESTS]
    first, last = _calendar(waiting, now)
    assets = read_assets(plant.history)
    newest = sorted(closed, key=lambda request: request.created_at, reverse=True)[:finished]
    zone = plant.settings.time_zone
    return RequestsPage(
        open=tuple(_row(plant, request, assets, first, last, now, reasons) for request in waiting),
        finished=tuple(_row(plant, request, assets, first, last, now) for request in newest),
        hours=sum(request.hours for request in waiting),
        first_day=words.day(first, zone),
        last_day=words.day(last, zone),
    )


def request_page(plant: Plant, request_id: str) -> RequestPage:
    """The page of one work request.

    Raises:
        NotFound: no such request.
    """
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        request = work.requests.get(request_id)
        others = work.requests.list(asset=request.asset, states=sorted(OPEN_REQUESTS))
        alerts = work.alerts.list(case_id=request.case_id)
        trail = work.audit.list(subject=f"request:{request.id}")
        latest = next(iter(work.assessments.latest(request.asset)), None)
        reasons = held(plant, work, now)
    first, last = _calendar([request], now)
    assets = read_assets(plant.history)
    asset = assets.get(request.asset) or Asset(request.asset, request.asset_class)
    job = job_and_dates(plant, request, asset, latest, read_planning(plant.workspace.home), now)
    zone = plant.settings.time_zone
    alert = next((item for item in alerts if item.failure_mode == request.failure_mode), None)
    return RequestPage(
        row=_row(plant, request, assets, first, last, now, reasons),
        asset=asset,
        alert_id=alert.id if alert else "",
        note=note(plant, alert) if alert else "",
        duplicates=tuple(item for item in others if item.id != request.id),
        audit=tuple(audit_line(entry, plant.settings.time_zone) for entry in trail),
        may=frozenset(allowed(request.state)) & {"approve", "cancel"},
        job=job_view(job[0], job[1], zone) if job else None,
        dates=dates_view(job[2], zone) if job and job[2] and request.state in OPEN_REQUESTS else None,
    )


def _row(
    plant: Plant,
    request: WorkRequest,
    assets: dict[str, Asset],
    first: datetime,
    last: datetime,
    now: datetime,
    reasons: Mapping[str, str] = MappingProxyType({}),
) -> RequestRow:
    asset = assets.get(request.asset)
    zone = plant.settings.time_zone
    limit = request.latest_safe or request.required_end
    return RequestRow(
        request=request,
        description=asset.description if asset else "",
        criticality=asset.criticality if asset else 3,
        mode=words.mode_title(request.failure_mode, plant.catalogue.models.get(request.asset_class)),
        start=words.day(request.required_start, zone),
        end=words.day(request.required_end, zone),
        latest=words.day(request.latest_safe, zone),
        overdue=request.state in OPEN_REQUESTS and limit is not None and limit < now,
        bar=WindowBar(
            _place(request.required_start, first, last),
            _place(request.required_end, first, last),
            _place(request.latest_safe, first, last),
            _place(now, first, last) or 0.0,
        ),
        age=words.ago(request.created_at, now),
        held=reasons.get(request.external_ref, ""),
    )


def _calendar(requests: Sequence[WorkRequest], now: datetime) -> tuple[datetime, datetime]:
    """From the first to the last date of all windows, today included."""
    dates = [now]
    for request in requests:
        dates += [
            date for date in (request.required_start, request.required_end, request.latest_safe) if date is not None
        ]
    return min(dates) - _ROOM, max(dates) + _ROOM


def _place(moment: datetime | None, first: datetime, last: datetime) -> float | None:
    if moment is None:
        return None
    return round(min(max((moment - first) / (last - first), 0.0), 1.0), 4)
