"""The advice as an iCalendar feed: proposals are tentative and block nobody's day; stops and due plans stand beside them."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pdm.clock import in_zone
from pdm.work.when import amount, percent

if TYPE_CHECKING:
    from icalendar import Calendar

    from pdm.views.schedule import SchedulePage


def calendar_feed(page: SchedulePage, *, zone: str, plant: str) -> bytes:
    """RFC 5545: one event per best window and latest safe date, per planned stop and per due plan. Ids stay the same from feed to feed."""
    from icalendar import Calendar

    feed = Calendar()
    for name, value in (
        ("prodid", "-//plantpdm//schedule advice//EN"),
        ("version", "2.0"),
        ("method", "PUBLISH"),
        ("x-wr-calname", f"{plant}: advice"),
        ("x-wr-timezone", zone),
        ("refresh-interval", timedelta(hours=1)),
    ):
        feed.add(name, value)
    for line in page.requests:
        request, first = line.advice.job.request, line.advice.first
        money = line.advice.job.advice.prices.currency
        if first is not None:
            words = [
                f"Proposed window of {request.external_ref}, priority {request.priority}.",
                f"Risk of failure before it {percent(first.risk)}, expected cost {amount(first.cost, money)}.",
                f"In the stop {first.stop}." if first.stop else "",
                "The maintenance system owns the schedule: this is advice.",
            ]
            _add(feed, page.at, f"{request.external_ref}-window", f"Proposed: {request.title}", first.start, first.end,
                 "\n".join(word for word in words if word), tentative=True)  # fmt: skip
        latest = in_zone(line.advice.job.advice.latest_safe, zone).date()
        _add(feed, page.at, f"{request.external_ref}-latest", f"Latest safe date: {request.title}", latest,
             latest + timedelta(days=1), f"Work request {request.external_ref}.", tentative=True)  # fmt: skip
    for stop in page.stops:
        _add(feed, page.at, f"stop-{stop.name}-{stop.start.isoformat()}-{stop.scope}", f"Planned stop: {stop.name}",
             stop.start, stop.end, stop.scope or "the whole plant")  # fmt: skip
    for plan in page.plans:
        if plan.due is not None:
            due = in_zone(plan.due, zone).date()
            _add(feed, page.at, f"plan-{plan.source}-{plan.plan}-{plan.asset}-{due}", f"{plan.asset}: {plan.text or plan.plan}",
                 due, due + timedelta(days=1), f"Preventive plan {plan.plan}.")  # fmt: skip
    found: bytes = feed.to_ical()
    return found


def _add(
    feed: Calendar,
    at: datetime,
    key: str,
    title: str,
    start: datetime | date,
    end: datetime | date,
    text: str,
    *,
    tentative: bool = False,
) -> None:
    from icalendar import Event

    event = Event()
    values: dict[str, Any] = {
        "uid": hashlib.sha256(key.encode()).hexdigest()[:24] + "@plantpdm",
        "dtstamp": at,
        "summary": title,
        "dtstart": start,
        "dtend": end,
        "description": text,
        "status": "TENTATIVE" if tentative else "CONFIRMED",
        "transp": "TRANSPARENT",
    }
    for name, value in values.items():
        event.add(name, value)
    feed.add_component(event)
