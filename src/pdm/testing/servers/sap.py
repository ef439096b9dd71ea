"""SAP S/4HANA as its API_MAINTNOTIFICATION (OData V2) behaves for a caller.

Quirks: a CSRF token and the session's cookies belong together; unknown properties and texts that are too long are refused; a
priority overwrites the dates that were sent; the external reference is not unique, so the same key twice makes two notifications.
"""

from __future__ import annotations

import base64
import re
from datetime import date, timedelta
from typing import Any

from pdm.testing.servers.base import Answer, Call, FakeServer

SERVICE = "/sap/opu/odata/sap/API_MAINTNOTIFICATION"
SET = f"{SERVICE}/MaintenanceNotification"
LENGTHS = {
    "NotificationText": 40,
    "NotificationType": 2,
    "TechnicalObject": 40,
    "TechObjIsEquipOrFuncnlLoc": 10,
    "MaintPriority": 1,
    "MaintenancePlanningPlant": 4,
    "MaintNotifExtReferenceNumber": 20,
    "MaintNotifLongTextForEdit": 100_000,
}
DATES = ("RequiredStartDate", "RequiredEndDate", "LatestAcceptableCompletionDate")
TIMES = ("RequiredStartTime", "RequiredEndTime")
DAYS_BY_PRIORITY = {"1": 1, "2": 7, "3": 30, "4": 60}
TODAY = date(2026, 3, 2)

_DATE = re.compile(r"/Date\(-?\d+\)/")
_TIME = re.compile(r"PT(\d+H)?(\d+M)?(\d+S)?")
_FILTER = re.compile(r"MaintNotifExtReferenceNumber eq '([^']*)'")
_ONE = re.compile(re.escape(SET) + r"\('(\d+)'\)")


class FakeSap(FakeServer):
    """assets: technical objects it knows; None: it knows them all."""

    def __init__(self, user: str, secret: str, assets: set[str] | None = None) -> None:
        super().__init__()
        self.assets = assets
        self.notifications: dict[str, dict[str, Any]] = {}
        self._login = "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()
        self._sessions: dict[str, str] = {}
        self._opened = 0

    def orders(self, key: str) -> int:
        """Notifications with this external reference."""
        return sum(row.get("MaintNotifExtReferenceNumber") == key for row in self.notifications.values())

    def expire_sessions(self) -> None:
        """As after half an hour without a call."""
        self._sessions.clear()

    def decide(self, number: str, phase: str, reason: str = "") -> None:
        """A planner moves a notification on, or rejects it with a reason."""
        self.notifications[number] |= {"NotifProcessingPhase": phase, "MaintNotifRejectionRsnCodeTxt": reason}

    def answer(self, call: Call) -> Answer:
        """Log in, hand out tokens, look up, create."""
        if call.headers.get("authorization") != self._login:
            return _error(401, "No authorization")
        if call.method == "POST":
            return self._create(call) if self._in_session(call) else _no_token()
        if call.path.rstrip("/") == SERVICE:
            return self._open(call)
        one = _ONE.fullmatch(call.path)
        if one:
            row = self.notifications.get(one[1])
            return Answer(200, {"d": row}) if row else _error(404, f"Notification {one[1]} does not exist")
        wanted = _FILTER.fullmatch(call.query.get("$filter", ""))
        if call.path != SET or wanted is None:
            return _error(400, "Invalid system query option")
        found = [row for row in self.notifications.values() if row.get("MaintNotifExtReferenceNumber") == wanted[1]]
        return Answer(200, {"d": {"results": found}})

    def _open(self, call: Call) -> Answer:
        if call.headers.get("x-csrf-token", "").lower() != "fetch":
            return Answer(200, {"d": {"EntitySets": ["MaintenanceNotification"]}})
        self._opened += 1
        cookie, token = f"SAP_SESSIONID_S4H_100=session{self._opened}", f"token{self._opened}=="
        self._sessions[cookie] = token
        headers = (
            ("x-csrf-token", token),
            ("Set-Cookie", f"{cookie}; path=/; HttpOnly"),
            ("Set-Cookie", "sap-usercontext=sap-client=100; path=/"),
        )
        return Answer(200, {"d": {"EntitySets": ["MaintenanceNotification"]}}, headers)

    def _in_session(self, call: Call) -> bool:
        cookies = [part.strip() for part in call.headers.get("cookie", "").split(";")]
        token = call.headers.get("x-csrf-token")
        return token is not None and any(self._sessions.get(cookie) == token for cookie in cookies)

    def _create(self, call: Call) -> Answer:
        sent = call.json()
        problem = "Malformed body" if not isinstance(sent, dict) else self._problem(sent)
        if problem:
            return _error(400, problem)
        number = str(10_000_000 + len(self.notifications) + 1)
        row = {**sent, "MaintenanceNotification": number, "NotifProcessingPhase": "1"}
        if sent.get("MaintPriority"):
            row |= _dates_by_priority(sent["MaintPriority"])
        self.notifications[number] = row
        return Answer(201, {"d": row}, (("Location", f"{self.url}{SET}('{number}')"),))

    def _problem(self, sent: dict[str, Any]) -> str:
        for name, value in sent.items():
            if name == "to_Item":
                if problem := _item_problem(value):
                    return problem
                continue
            if name not in LENGTHS and name not in DATES and name not in TIMES:
                return f"Property {name} is invalid"
            if len(str(value)) > LENGTHS.get(name, 100):
                return f"Property {name} has an invalid length"
            pattern = _DATE if name in DATES else _TIME if name in TIMES else None
            if pattern is not None and not pattern.fullmatch(str(value)):
                return f"Property {name} has an invalid value {value}"
        if not sent.get("NotificationText"):
            return "Enter a notification text"
        if self.assets is not None and sent.get("TechnicalObject") not in self.assets:
            return f"Equipment {sent.get('TechnicalObject')} does not exist"
        return ""


def _dates_by_priority(priority: str) -> dict[str, str]:
    days = {"RequiredStartDate": TODAY, "RequiredEndDate": TODAY + timedelta(days=DAYS_BY_PRIORITY[priority])}
    epoch = date(1970, 1, 1)
    dates = {name: f"/Date({(day - epoch).days * 86_400_000})/" for name, day in days.items()}
    return {**dates, "RequiredStartTime": "PT8H0M0S", "RequiredEndTime": "PT8H0M0S"}


def _item_problem(given: Any) -> str:
    """A deep insert: `results` of items, each with `results` of causes; texts of forty characters and nothing unknown."""
    try:
        for item in given["results"]:
            causes = item.get("to_ItemCauses", {"results": []})["results"]
            for row, texts in (
                (item, {"NotifItemText"}),
                *((cause, {"MaintNotificationCauseText"}) for cause in causes),
            ):
                for name, value in row.items():
                    if name != "to_ItemCauses" and name not in texts:
                        return f"Property {name} is invalid"
                    if name in texts and len(str(value)) > 40:
                        return f"Property {name} has an invalid length"
    except (KeyError, TypeError, AttributeError):
        return "Malformed deep insert"
    return ""


def _no_token() -> Answer:
    return Answer(403, b"CSRF token validation failed", (("x-csrf-token", "Required"), ("Content-Type", "text/plain")))


def _error(status: int, message: str) -> Answer:
    return Answer(status, {"error": {"code": "IM/001", "message": {"lang": "en", "value": message}}})
