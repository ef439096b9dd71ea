"""The job behind one request as a page shows it: its package against today's store, and its date with a chart of what waiting costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pdm.alerts.alert import UNSPECIFIED
from pdm.catalogue.package import JobPackage
from pdm.ports import Plant
from pdm.readings.registry import Asset
from pdm.records.planning import PlanningTables
from pdm.scoring.assessment import Assessment
from pdm.views import words
from pdm.views.series import Chart, Line
from pdm.work import when
from pdm.work.dates import DateAdvice
from pdm.work.draft import mode_of, ready_for
from pdm.work.package import Readiness, sketched
from pdm.work.request import WorkRequest


@dataclass(frozen=True)
class JobView:
    """The job package of a request. ready, parts, permits: dates as words in the plant's zone."""

    package: JobPackage
    readiness: Readiness
    ready: str
    parts: str
    permits: str


@dataclass(frozen=True)
class StopLine:
    """One planned stop into which the job fits."""

    name: str
    day: str
    risk: str
    dearer: str
    cost: str
    safe: bool


@dataclass(frozen=True)
class DatesView:
    """The advice on a date. best, latest: days; week: what a week of waiting costs in risk."""

    advice: DateAdvice
    best: str
    latest: str
    cost: str
    risk: str
    week: str
    stops: tuple[StopLine, ...]
    sentences: tuple[str, ...]
    assumptions: tuple[str, ...]
    chart: Chart


def job_and_dates(
    plant: Plant,
    request: WorkRequest,
    asset: Asset,
    assessment: Assessment | None,
    tables: PlanningTables,
    now: datetime,
) -> tuple[JobPackage, Readiness, DateAdvice | None] | None:
    """The package, when it can begin, and the advice by today's assessment; None when the class or mode is no longer defined."""
    definition = plant.catalogue.models.get(request.asset_class)
    modes = {mode.name for mode in definition.failure_modes} if definition else set()
    if definition is None or request.failure_mode not in {*modes, UNSPECIFIED}:
        return None
    axis = plant.catalogue.asset_class(request.asset_class).axis
    mode = mode_of(definition, request.failure_mode)
    package = plant.catalogue.package(request.asset_class, request.failure_mode)
    job = package or sketched(request.asset_class, mode, axis)
    ready = ready_for(job, mode, axis, now=now, stock=tables.stock or {})
    advice = when.advise(
        assessment,
        job,
        asset,
        definition,
        axis,
        plant.catalogue.planning,
        tables,
        ready=ready.at,
        reserve=axis.calendar(mode.planning_time),
        now=now,
    )
    return job, ready, advice


def job_view(job: JobPackage, ready: Readiness, zone: str) -> JobView:
    """The package in words."""
    return JobView(
        job, ready, words.day(ready.at, zone), words.day(ready.parts_at, zone), words.day(ready.permits_at, zone)
    )


def dates_view(advice: DateAdvice, zone: str) -> DatesView:
    """The advice in words, with its chart."""
    money = advice.prices.currency
    return DatesView(
        advice=advice,
        best=when.day(advice.best.start, zone),
        latest=when.day(advice.latest_safe, zone),
        cost=when.amount(advice.best.cost, money),
        risk=when.percent(advice.best.risk),
        week=when.amount(advice.week, money),
        stops=tuple(
            StopLine(
                option.stop,
                when.day(option.start, zone),
                when.percent(option.risk),
                when.amount(advice.dearer(option), money),
                when.amount(option.cost, money),
                option.safe,
            )
            for option in advice.stops
        ),
        sentences=tuple(when.sentences(advice, zone)),
        assumptions=when.assumptions(advice),
        chart=cost_chart(advice, zone),
    )


def cost_chart(advice: DateAdvice, zone: str) -> Chart:
    """Expected cost by the date of the repair, outside stops as a line and in stops as points."""
    free = {option.start.timestamp(): option for option in advice.curve}
    stops = {option.start.timestamp(): option for option in advice.stops}
    x = tuple(sorted({*free, *stops}))
    lines = [
        Line("Expected cost", tuple(round(free[at].cost) if at in free else None for at in x)),
        Line("of it risk of failure", tuple(round(free[at].risk_cost) if at in free else None for at in x)),
    ]
    if stops:
        lines.append(Line("In a planned stop", tuple(round(stops[at].cost) if at in stops else None for at in x)))
    first, last = advice.curve[0], advice.curve[-1]
    money = advice.prices.currency
    choice = "earliest possible date" if advice.too_late else "cheapest safe date"
    summary = (
        f"From {when.amount(first.cost, money)} on {when.day(first.start, zone)} to {when.amount(last.cost, money)} on "
        f"{when.day(last.start, zone)}; {choice} {when.day(advice.best.start, zone)}."
    )
    return Chart("cost", "expected cost by date", money, x, tuple(lines), summary)
