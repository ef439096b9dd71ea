"""The advice as JSON: the same for the API and the command line."""

from __future__ import annotations

from typing import Any

from pdm.views.schedule import RequestLine, SchedulePage
from pdm.work.schedule import Window


def schedule_document(page: SchedulePage) -> dict[str, Any]:
    """Requests with their windows, weeks and bundles; stops and plans beside them. Moments are ISO text in UTC."""
    return {
        "at": page.at.isoformat(),
        "crews_listed": page.crews_listed,
        "requests": [_request(line) for line in page.requests],
        "silent": [
            {"request": request.id, "asset": request.asset, "title": request.title, "reason": reason}
            for request, reason in page.silent
        ],
        "stops": [
            {"name": stop.name, "start": stop.start.isoformat(), "end": stop.end.isoformat(), "scope": stop.scope}
            for stop in page.stops
        ],
        "plans": [
            {
                "plan": plan.plan,
                "asset": plan.asset,
                "text": plan.text,
                "due": plan.due.isoformat() if plan.due else None,
            }
            for plan in page.plans
        ],
    }


def _request(line: RequestLine) -> dict[str, Any]:
    job = line.advice.job
    return {
        "request": job.request.id,
        "asset": job.request.asset,
        "title": job.request.title,
        "priority": job.request.priority,
        "ready": job.advice.earliest.start.isoformat(),
        "waits_for_crews": list(line.advice.unlisted),
        "latest_safe": job.advice.latest_safe.isoformat(),
        "too_late": job.advice.too_late,
        "week_of_waiting": round(job.advice.week, 2),
        "currency": job.advice.prices.currency,
        "windows": [_window(window) for window in line.advice.windows],
        "weeks": [
            {"start": week.start.isoformat(), "risk": round(week.risk, 5), "dearer": round(week.dearer, 2)}
            for week in line.advice.weeks
        ],
        "bundles": [
            {"kind": one.kind, "name": one.name, "when": one.when.isoformat() if one.when else None, "why": one.why}
            for one in line.advice.bundles
        ],
    }


def _window(window: Window) -> dict[str, Any]:
    return {
        "start": window.start.isoformat(),
        "end": window.end.isoformat(),
        "stop": window.stop,
        "feasible": window.feasible,
        "obstacles": list(window.obstacles),
        "risk": round(window.risk, 5),
        "cost": round(window.cost, 2),
        "dearer": round(window.dearer, 2),
        "safe": window.safe,
    }
