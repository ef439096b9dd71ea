"""Who may do what, one line per route. A route that is missing here is refused, and a test notices it the day it is born.

Until there are accounts, whoever passes the door (`serving.doors.Access`) holds every role; the roles are written down already,
so that accounts change this file's reader and not its table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fastapi import Request
from starlette.exceptions import HTTPException

Role = Literal["anybody", "viewer", "engineer", "planner", "machine"]


@dataclass(frozen=True)
class Policy:
    """role: the least role that may use the route. changes: it changes something, so its origin is checked."""

    role: Role
    changes: bool = False


_READ = Policy("viewer")
_ANSWER = Policy("engineer", changes=True)
_PLAN = Policy("planner", changes=True)
_SEND = Policy("machine", changes=True)
_OPEN = Policy("anybody")
_OPEN_FORM = Policy("anybody", changes=True)

POLICIES: dict[str, Policy] = {
    "GET /v1/assets": _READ,
    "GET /v1/assets/{tag}": _READ,
    "GET /v1/assets/{tag}/readings": _READ,
    "GET /v1/assets/{tag}/assessments": _READ,
    "GET /v1/assets/{tag}/why": _READ,
    "GET /v1/assets/{tag}/ahead": _READ,
    "POST /v1/assets/{tag}/levels": _ANSWER,
    "GET /v1/assessments": _READ,
    "GET /v1/alerting": _READ,
    "GET /v1/savings": _READ,
    "GET /v1/notices": _READ,
    "POST /v1/notices/{notice_id}/answer": _ANSWER,
    "GET /v1/alerts": _READ,
    "GET /v1/alerts/{alert_id}": _READ,
    "POST /v1/alerts/{alert_id}/acknowledge": _ANSWER,
    "POST /v1/alerts/{alert_id}/claim": _ANSWER,
    "POST /v1/alerts/{alert_id}/assign": _ANSWER,
    "GET /v1/alerts/{alert_id}/comments": _READ,
    "POST /v1/alerts/{alert_id}/comments": _ANSWER,
    "POST /v1/alerts/{alert_id}/release": _ANSWER,
    "POST /v1/alerts/{alert_id}/shelve": _ANSWER,
    "POST /v1/alerts/{alert_id}/unshelve": _ANSWER,
    "POST /v1/alerts/{alert_id}/close": _ANSWER,
    "GET /v1/cases": _READ,
    "GET /v1/cases/queue": _READ,
    "GET /v1/cases/{case_id}": _READ,
    "POST /v1/cases/{case_id}/claim": _ANSWER,
    "POST /v1/cases/{case_id}/assign": _ANSWER,
    "POST /v1/cases/{case_id}/release": _ANSWER,
    "POST /v1/cases/{case_id}/reopen": _ANSWER,
    "GET /v1/cases/{case_id}/verdicts": _READ,
    "POST /v1/cases/{case_id}/requests": _ANSWER,
    "POST /v1/cases/{case_id}/verdicts": _ANSWER,
    "GET /v1/requests": _READ,
    "GET /v1/requests/{request_id}": _READ,
    "POST /v1/requests/{request_id}/approve": _PLAN,
    "POST /v1/requests/{request_id}/cancel": _PLAN,
    "GET /v1/schedule": _READ,
    "GET /v1/schedule.ics": _READ,
    "GET /v1/trust": _READ,
    "POST /v1/trust/{asset_class}/{failure_mode}/ceiling": _PLAN,
    "GET /v1/deferrals": _READ,
    "POST /v1/deferrals": _PLAN,
    "POST /v1/deferrals/{deferral_id}/decide": _PLAN,
    "POST /v1/requests/{request_id}/replay": _PLAN,
    "POST /v1/readings": _SEND,
    "POST /v1/readings/files": _SEND,
    "POST /v1/events": _SEND,
    "POST /v1/failures": _ANSWER,
    "POST /v1/score": _SEND,
    "GET /v1/health": _READ,
    "GET /v1/health/live": _OPEN,
    "GET /v1/metrics": _READ,
    "GET /v1/openapi.json": _READ,
    "GET /": _READ,
    "GET /fleet": _READ,
    "GET /assets/{tag}": _READ,
    "POST /assets/{tag}/levels": _ANSWER,
    "GET /alerts": _READ,
    "GET /alerting": _READ,
    "GET /alerts/{alert_id}": _READ,
    "POST /alerts/{alert_id}/{verb}": _ANSWER,
    "GET /cases": _READ,
    "POST /cases/{case_id}/requests": _ANSWER,
    "POST /cases/{case_id}/verdicts": _ANSWER,
    "POST /cases/{case_id}/{verb}": _ANSWER,
    "GET /notices": _READ,
    "POST /notices/{notice_id}/answer": _ANSWER,
    "GET /savings": _READ,
    "GET /requests": _READ,
    "GET /requests/{request_id}": _READ,
    "POST /requests/{request_id}/approve": _PLAN,
    "POST /requests/{request_id}/cancel": _PLAN,
    "GET /schedule": _READ,
    "GET /trust": _READ,
    "POST /trust/{asset_class}/{failure_mode}/ceiling": _PLAN,
    "GET /deferrals": _READ,
    "POST /deferrals": _PLAN,
    "POST /deferrals/{deferral_id}/decide": _PLAN,
    "POST /requests/{request_id}/replay": _PLAN,
    "GET /health": _READ,
    "GET /models/{asset_class}": _READ,
    "GET /models/{asset_class}/{version}/report": _READ,
    "POST /who": Policy("viewer", changes=True),
    "GET /sign-in": _OPEN,
    "POST /sign-in": _OPEN_FORM,
    "POST /sign-out": _OPEN_FORM,
    "GET /static": _OPEN,
}


async def enforce(request: Request) -> None:
    """Refuse a route that has no policy."""
    route = request.scope.get("route")
    key = f"{request.method} {getattr(route, 'path', '?')}"
    if key not in POLICIES:
        raise HTTPException(403, f"{key} has no policy, so nobody may use it")
