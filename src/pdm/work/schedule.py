"""Advice to the schedule, which the maintenance system owns: ranked windows for each request, the price of each week, and bundles.

Nothing is optimised and nothing is written anywhere. Requests are looked at in the order of their priority; the first window of each
reserves its crew hours, so that two jobs are not advised into the same hands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pdm.catalogue import Planning
from pdm.catalogue.package import JobPackage
from pdm.clock import in_zone
from pdm.readings.registry import Asset
from pdm.records.planning import Crew, PlannedTask, Stop
from pdm.work.dates import LOOK_AHEAD, DateAdvice, fits, option_at
from pdm.work.request import WorkRequest

BESIDE = timedelta(days=14)
"""Work within this distance of a window is worth a look at doing it together."""
_SHOWN = 6
_WEEKS = 8
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_BEYOND = timedelta(days=21)


@dataclass(frozen=True)
class Window:
    """One time in which the job can be done. stop: the planned stop, else "". obstacles: why it cannot; empty when it can.

    dearer: risk that it carries more than the earliest possible date, in money. cost: expected, all told.
    """

    start: datetime
    end: datetime
    stop: str
    risk: float
    cost: float
    dearer: float
    safe: bool
    obstacles: tuple[str, ...] = ()

    @property
    def feasible(self) -> bool:
        return not self.obstacles


@dataclass(frozen=True)
class Week:
    """What it costs to wait until `start`: P(failure before it), and risk in money beyond the earliest date."""

    start: datetime
    risk: float
    dearer: float


@dataclass(frozen=True)
class Bundle:
    """Work that could be done at the same time. kind: stop, request or plan."""

    kind: str
    name: str
    when: datetime | None
    why: str


@dataclass(frozen=True)
class Job:
    """Everything about one request that the advice needs."""

    request: WorkRequest
    asset: Asset
    package: JobPackage
    advice: DateAdvice


@dataclass(frozen=True)
class RequestAdvice:
    """The advice for one request. windows: best first, at most six. unlisted: crafts whose free hours nobody listed."""

    job: Job
    windows: tuple[Window, ...]
    weeks: tuple[Week, ...]
    bundles: tuple[Bundle, ...]
    unlisted: tuple[str, ...]

    @property
    def first(self) -> Window | None:
        """The best window that is possible."""
        return next((window for window in self.windows if window.feasible), None)


@dataclass
class CrewHours:
    """Free hours by craft and day, and what the advice has reserved of them so far."""

    crews: Sequence[Crew]
    planning: Planning
    zone: str
    _taken: dict[tuple[str, date], float] = field(default_factory=dict)

    def lists(self, craft: str) -> bool:
        """Whether anybody listed hours of this craft."""
        return any(crew.craft == craft for crew in self.crews)

    def free(self, craft: str, day: date, *, stop: bool) -> float:
        """Free hours of a craft on one day; in a stop people also come at weekends."""
        if not stop and day.weekday() not in self.planning.workdays:
            return 0.0
        noon = datetime.combine(day, time(12), ZoneInfo(self.zone))
        listed = sum(
            crew.hours_per_day
            for crew in self.crews
            if crew.craft == craft
            and (crew.start is None or crew.start <= noon)
            and (crew.end is None or noon < crew.end)
        )
        return max(listed - self._taken.get((craft, day), 0.0), 0.0)

    def short(self, needs: Mapping[str, float], days: Sequence[date], *, stop: bool) -> list[str]:
        """Which listed crafts have too few hours on these days, in words."""
        found = []
        for craft, hours in needs.items():
            free = sum(self.free(craft, day, stop=stop) for day in days)
            if self.lists(craft) and free + 1e-9 < hours:
                found.append(f"{craft}: {free:g} h free, {hours:g} h needed")
        return found

    def reserve(self, needs: Mapping[str, float], days: Sequence[date], *, stop: bool) -> None:
        """Take the hours, day by day."""
        for craft, hours in needs.items():
            left = hours
            for day in days:
                part = min(left, self.free(craft, day, stop=stop))
                self._taken[craft, day] = self._taken.get((craft, day), 0.0) + part
                left -= part


def advise_request(
    job: Job, others: Sequence[Job], stops: Sequence[Stop], plans: Sequence[PlannedTask], crews: CrewHours,
    locations: Mapping[str, str],
) -> RequestAdvice:  # fmt: skip
    """Windows, weeks and bundles of one request; its first window's hours are reserved in `crews`. locations: tag -> location."""
    needs = job.package.crafts
    here = [stop for stop in stops if stop.holds(job.asset.asset, job.asset.location)]
    found = [_window(job, start, end, stop, crews) for start, end, stop in _candidates(job, here, crews)]
    ranked = sorted(found, key=lambda window: (not window.feasible, not window.safe, window.cost, window.start))
    chosen = tuple(_spread(ranked))
    first = next((window for window in chosen if window.feasible), None)
    if first is not None:
        stop = next((one for one in here if one.name == first.stop and one.end >= first.end), None)
        crews.reserve(needs, _days(first.start, stop.end if stop else first.end, crews.zone), stop=bool(stop))
    earliest = job.advice.earliest
    weeks = tuple(
        Week(option.start, option.risk, option.risk_cost - earliest.risk_cost)
        for option in (
            option_at(
                job.advice.failure, job.advice.prices, earliest.start + number * _WEEK, None, job.advice.latest_safe
            )
            for number in range(_WEEKS + 1)
        )
    )
    return RequestAdvice(
        job,
        chosen,
        weeks,
        tuple(_bundles(job, first, others, here, plans, locations)),
        tuple(craft for craft in needs if not crews.lists(craft)),
    )


def same_line(one: str, other: str) -> bool:
    """Whether two locations are one line: the same place, or two places directly under the same one.

    >>> same_line("north/line-1/pump", "north/line-1/fan"), same_line("north/line-1", "north/line-2"), same_line("", "")
    (True, False, False)
    """
    first, second = one.strip("/"), other.strip("/")
    if not first or not second:
        return False
    parents = [place.rsplit("/", 1)[0] if place.count("/") > 1 else place for place in (first, second)]
    return first == second or parents[0] == parents[1]


def _candidates(job: Job, stops: Sequence[Stop], crews: CrewHours) -> Iterator[tuple[datetime, datetime, Stop | None]]:
    ready = job.advice.earliest.start
    duration = timedelta(hours=max(job.package.duration, 0.5))
    for stop in stops:
        begin = fits(stop, ready, duration)
        if begin is not None:
            yield begin, begin + duration, stop
    last = max(min(job.advice.latest_safe, ready + LOOK_AHEAD), ready) + _BEYOND
    day = in_zone(ready, crews.zone).date()
    while datetime.combine(day, time(0), ZoneInfo(crews.zone)) <= last:
        begin = _shift(day, crews)
        if begin >= ready and day.weekday() in crews.planning.workdays:
            yield begin, _end_of_work(begin, duration, crews), None
        day += _DAY


def _window(job: Job, start: datetime, end: datetime, stop: Stop | None, crews: CrewHours) -> Window:
    option = option_at(job.advice.failure, job.advice.prices, start, stop, job.advice.latest_safe)
    # In a stop the work may be spread over what is left of it.
    days = _days(start, stop.end if stop else end, crews.zone)
    short = crews.short(job.package.crafts, days, stop=stop is not None)
    return Window(
        start, end, option.stop, option.risk, option.cost, job.advice.dearer(option), option.safe, tuple(short)
    )


def _spread(ranked: Sequence[Window]) -> Iterator[Window]:
    """The best few: all stops, and no two working days of one week after the first."""
    weeks: set[tuple[int, int, bool]] = set()
    count = 0
    for window in ranked:
        year, week, _ = window.start.isocalendar()
        key = (year, week, window.feasible)
        if not window.stop and key in weeks:
            continue
        weeks.add(key)
        yield window
        count += 1
        if count == _SHOWN:
            return


def _bundles(
    job: Job,
    first: Window | None,
    others: Sequence[Job],
    stops: Sequence[Stop],
    plans: Sequence[PlannedTask],
    locations: Mapping[str, str],
) -> Iterator[Bundle]:
    tag, place = job.asset.asset, job.asset.location
    ahead = [stop for stop in stops if stop.end > job.advice.earliest.start]
    for stop in sorted(ahead, key=lambda one: one.start)[:1]:
        if first is None or first.stop != stop.name:
            yield Bundle("stop", stop.name, stop.start, "the next stop of this machine")
    for other in others:
        if other.request.id == job.request.id:
            continue
        if other.asset.asset == tag:
            yield Bundle("request", other.request.title, None, "the same machine: one isolation, one permit")
        elif same_line(place, other.asset.location):
            yield Bundle("request", other.request.title, None, "the same line: one stop")
    around = first.start if first else job.advice.best.start
    for plan in plans:
        if plan.due is None or abs(plan.due - around) > BESIDE:
            continue
        if plan.asset == tag:
            yield Bundle("plan", f"{plan.plan} {plan.text}".strip(), plan.due, "due on the same machine")
        elif same_line(place, locations.get(plan.asset, "")):
            yield Bundle("plan", f"{plan.plan} {plan.text}".strip(), plan.due, f"due on {plan.asset}, the same line")


def _shift(day: date, crews: CrewHours) -> datetime:
    midnight = datetime.combine(day, time(0), ZoneInfo(crews.zone))
    return (midnight + timedelta(hours=crews.planning.shift_start)).astimezone(ZoneInfo("UTC"))


def _end_of_work(begin: datetime, duration: timedelta, crews: CrewHours) -> datetime:
    """When the job is done if people work through their shifts only."""
    left, shift = duration, timedelta(hours=crews.planning.shift_hours)
    day = in_zone(begin, crews.zone).date()
    while left > shift:
        left -= shift
        day += _DAY
        while day.weekday() not in crews.planning.workdays:
            day += _DAY
    return _shift(day, crews) + left


def _days(start: datetime, end: datetime, zone: str) -> list[date]:
    first, last = in_zone(start, zone).date(), in_zone(end, zone).date()
    return [first + number * _DAY for number in range((last - first).days + 1)]
