"""The planner's calendar: proposed windows as bars beside planned stops and preventive plans, one row per machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pdm.clock import in_zone
from pdm.readings.registry import Asset
from pdm.records.planning import PlannedTask, Stop
from pdm.views import words
from pdm.work.request import WorkRequest
from pdm.work.schedule import RequestAdvice, Window
from pdm.work.when import amount, percent

_SHORTEST = timedelta(days=28)
_LONGEST = timedelta(days=75)
_TICKS = 8


@dataclass(frozen=True)
class Bar:
    """A stretch of the calendar, places 0..1. kind: best, other, stop, latest or plan."""

    kind: str
    start: float
    end: float
    title: str


@dataclass(frozen=True)
class WindowLine:
    """One window as a row of a table."""

    window: Window
    when: str
    risk: str
    cost: str
    dearer: str


@dataclass(frozen=True)
class RequestLine:
    """One request with its windows, the price of each week, and what could be done with it."""

    advice: RequestAdvice
    windows: tuple[WindowLine, ...]
    weeks: tuple[tuple[str, str, str], ...]
    bundles: tuple[tuple[str, str], ...]
    latest: str
    ready: str
    week: str
    unlisted: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class SchedulePage:
    """The whole page. days: ticks of the calendar as (place, words)."""

    at: datetime
    first: datetime
    last: datetime
    days: tuple[tuple[float, str], ...]
    now: float
    requests: tuple[RequestLine, ...]
    silent: tuple[tuple[WorkRequest, str], ...]
    stops: tuple[Stop, ...]
    stop_lines: tuple[tuple[str, str, str], ...]
    plans: tuple[PlannedTask, ...]
    plan_lines: tuple[tuple[str, str, str], ...]
    crews_listed: bool


def schedule_page(
    requests: Sequence[RequestAdvice],
    silent: Sequence[tuple[WorkRequest, str]],
    stops: Sequence[Stop],
    plans: Sequence[PlannedTask],
    assets: Mapping[str, Asset],
    *,
    at: datetime,
    zone: str,
    crews_listed: bool,
) -> SchedulePage:
    """The advice in words and bars."""
    first, last = _span(requests, stops, at)
    shown = tuple(stop for stop in stops if stop.start < last)
    near = tuple(plan for plan in plans if plan.due is not None and first <= plan.due <= last)
    ticks = [first + (last - first) * number / _TICKS for number in range(_TICKS + 1)]
    return SchedulePage(
        at=at,
        first=first,
        last=last,
        days=tuple((round(number / _TICKS, 4), _short(tick, zone)) for number, tick in enumerate(ticks)),
        now=_place(at, first, last),
        requests=tuple(_line(advice, shown, near, first, last, zone) for advice in requests),
        silent=tuple(silent),
        stops=shown,
        stop_lines=tuple(
            (
                stop.name,
                _stretch(stop.start, stop.end, zone),
                stop.scope or "the whole plant",
            )
            for stop in shown
        ),
        plans=near,
        plan_lines=tuple(
            (
                plan.asset + (f" {assets[plan.asset].description}" if plan.asset in assets else ""),
                f"{plan.plan} {plan.text}".strip(),
                words.day(plan.due, zone),
            )
            for plan in near
        ),
        crews_listed=crews_listed,
    )


def _line(
    advice: RequestAdvice,
    stops: Sequence[Stop],
    plans: Sequence[PlannedTask],
    first: datetime,
    last: datetime,
    zone: str,
) -> RequestLine:
    job = advice.job
    money = job.advice.prices.currency
    return RequestLine(
        advice=advice,
        windows=tuple(
            WindowLine(
                window,
                _stretch(window.start, window.end, zone),
                percent(window.risk),
                amount(window.cost, money),
                amount(window.dearer, money),
            )
            for window in advice.windows
        ),
        weeks=tuple(
            (words.day(week.start, zone), percent(week.risk), amount(week.dearer, money)) for week in advice.weeks
        ),
        bundles=tuple(
            (f"{bundle.name}, {words.day(bundle.when, zone)}" if bundle.when else bundle.name, bundle.why)
            for bundle in advice.bundles
        ),
        latest=words.day(job.advice.latest_safe, zone),
        ready=words.day(job.advice.earliest.start, zone),
        week=amount(job.advice.week, money),
        unlisted=", ".join(advice.unlisted),
        bars=tuple(_bars(advice, stops, plans, first, last, zone)),
    )


def _bars(
    advice: RequestAdvice,
    stops: Sequence[Stop],
    plans: Sequence[PlannedTask],
    first: datetime,
    last: datetime,
    zone: str,
) -> list[Bar]:
    job = advice.job
    tag, place = job.asset.asset, job.asset.location
    bars = [
        Bar("stop", _place(stop.start, first, last), _place(stop.end, first, last), f"stop {stop.name}")
        for stop in stops
        if stop.holds(tag, place)
    ]
    chosen = advice.first
    bars += [
        Bar(
            "best" if window == chosen else "other",
            _place(window.start, first, last),
            _place(window.end, first, last),
            f"window {words.day(window.start, zone)}",
        )
        for window in advice.windows
        if window.feasible and window.start <= last
    ]
    bars += [
        Bar("plan", _place(plan.due, first, last), _place(plan.due, first, last), f"plan {plan.plan}")
        for plan in plans
        if plan.asset == tag and plan.due is not None
    ]
    latest = _place(job.advice.latest_safe, first, last)
    return [*bars, Bar("latest", latest, latest, f"latest safe date {words.day(job.advice.latest_safe, zone)}")]


def _span(requests: Sequence[RequestAdvice], stops: Sequence[Stop], at: datetime) -> tuple[datetime, datetime]:
    dates = [at + _SHORTEST]
    for advice in requests:
        dates += [window.end for window in advice.windows[:3]]
        dates.append(advice.job.advice.latest_safe)
    dates += [stop.end for stop in stops]
    first = at - timedelta(days=1)
    return first, min(max(dates) + timedelta(days=2), first + _LONGEST)


def _place(moment: datetime, first: datetime, last: datetime) -> float:
    return round(min(max((moment - first) / (last - first), 0.0), 1.0), 4)


def _stretch(start: datetime, end: datetime, zone: str) -> str:
    """`Mon 9 Mar 07:00 to Tue 10 Mar 08:30`; the same day is not said twice."""
    first, last = in_zone(start, zone), in_zone(end, zone)
    begin = f"{first:%a} {first.day} {first:%b} {first:%H:%M}"
    same = first.date() == last.date()
    return f"{begin} to {last:%H:%M}" if same else f"{begin} to {last:%a} {last.day} {last:%b} {last:%H:%M}"


def _short(moment: datetime, zone: str) -> str:
    return words.day(moment, zone).rsplit(" ", 1)[0]
