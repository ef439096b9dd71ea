"""Maintenance notifications in SAP S/4HANA by its OData V2 service API_MAINTNOTIFICATION.

The key travels as MaintNotifExtReferenceNumber (20 characters). A priority overwrites the dates that were sent, so one or the
other is sent and what SAP made of it is read back. Dates are `/Date(ms)/` at UTC midnight of the plant's own day and times are
`PT6H30M0S`; both are on the plant's clock, never in UTC. Run against this project's fake server only, never against a system of SAP's.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pdm.adapters.http import Response, Transport
from pdm.adapters.mapping import choice, full_text, key_of, moment, one_line, options, unreviewed, whole
from pdm.errors import ReceiverError
from pdm.ports import Payload, ReceiverStatus
from pdm.work.request import RequestState

SET = "/sap/opu/odata/sap/API_MAINTNOTIFICATION/MaintenanceNotification"
SERVICE = "/sap/opu/odata/sap/API_MAINTNOTIFICATION/"
OPTIONS = {
    "plant": "",
    "notification_type": "M1",
    "object": "equipment",
    "send": "dates",
    "items": "no",
    "automatic_type": "",
}

_OBJECTS = {"equipment": "EAMS_EQUI", "location": "EAMS_FL"}
_PHASES = {
    "1": ("outstanding", RequestState.ACCEPTED),
    "2": ("postponed", RequestState.ACCEPTED),
    "3": ("in process", RequestState.ACCEPTED),
    "4": ("completed", RequestState.DONE),
    "5": ("flagged for deletion", RequestState.CANCELLED),
}
_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d+)?\)/")
_TIME = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


class SapReceiver:
    """A `Receiver`. Token and cookies of the session are kept and fetched anew when SAP asks for it."""

    def __init__(self, transport: Transport, *, user: str, secret: str, zone: str, given: Mapping[str, str]) -> None:
        """Nothing is called before the first request; see `OPTIONS` for what may be given."""
        self._options = options("sap", given, OPTIONS)
        choice("object", self._options["object"], tuple(_OBJECTS))
        choice("send", self._options["send"], ("dates", "priority"))
        choice("items", self._options["items"], ("no", "yes"))
        self._transport, self._zone = transport, zone
        self._login = "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()
        self._session: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return "SAP S/4HANA"

    def find(self, external_ref: str) -> str | None:
        """The notification that carries this key; the oldest when somebody copied one."""
        key = key_of({"external_ref": external_ref}, 20)
        condition = quote(f"MaintNotifExtReferenceNumber eq '{key}'")
        answer = self._read(f"{SET}?$filter={condition}&$select=MaintenanceNotification&$format=json")
        found = answer.get("results")
        if not isinstance(found, list):
            raise ReceiverError(f"{self.name} answers a look-up without results")
        return min((_number(row) for row in found), default=None)

    def submit(self, body: Mapping[str, Any]) -> str:
        """Create a notification; its number."""
        content = json.dumps(self._payload(body)).encode()
        response = self._post(content, self._tokens(fresh=False))
        if response.status == 403 and response.header("x-csrf-token").lower() == "required":
            response = self._post(content, self._tokens(fresh=True))  # the session had expired
        return _number(self._transport.document(response).get("d"))

    def status(self, number: str) -> ReceiverStatus:
        """Phase, dates and, when it was rejected, the reason that the planner chose."""
        path = f"{SET}('{quote(whole(number, 12, 'notification'), safe='')}')?$format=json"
        row = self._read(path)
        phase = str(row.get("NotifProcessingPhase") or "")
        word, state = _PHASES.get(phase, (f"phase {phase}", None))
        reason = str(row.get("MaintNotifRejectionRsnCodeTxt") or row.get("MaintNotifRejectionReasonCode") or "")
        return ReceiverStatus(
            "rejected" if reason else word,
            RequestState.REJECTED if reason else state,
            reason,
            self._moment(row, "RequiredStart"),
            self._moment(row, "RequiredEnd"),
        )

    def dry_run(self, body: Mapping[str, Any]) -> Payload:
        """The POST, with the body as SAP would get it."""
        headers = {**self._headers(), "Authorization": "Basic ***", "x-csrf-token": "***"}
        return Payload("POST", self._transport.base.rstrip("/") + SET, headers, self._payload(body))

    def _payload(self, body: Mapping[str, Any]) -> dict[str, Any]:
        by_location = self._options["object"] == "location"
        kind = (unreviewed(body) and self._options["automatic_type"]) or self._options["notification_type"]
        payload: dict[str, Any] = {
            "NotificationText": one_line(body.get("title"), 40),
            "NotificationType": kind,
            "TechnicalObject": whole(body.get("location" if by_location else "asset"), 40, "technical object"),
            "TechObjIsEquipOrFuncnlLoc": _OBJECTS[self._options["object"]],
            "MaintNotifLongTextForEdit": full_text(body),
            "MaintNotifExtReferenceNumber": key_of(body, 20),
        }
        if self._options["items"] == "yes":
            payload |= _items(body)
        if self._options["plant"]:
            payload["MaintenancePlanningPlant"] = self._options["plant"]
        if self._options["send"] == "priority":
            payload["MaintPriority"] = str(body.get("priority") or "")
        else:
            for name, field in (("required_start", "RequiredStart"), ("required_end", "RequiredEnd")):
                local = moment(body, name, self._zone)
                if local is not None:
                    payload |= {f"{field}Date": sap_date(local.date()), f"{field}Time": sap_time(local)}
        latest = moment(body, "latest_safe", self._zone)
        if latest is not None:
            payload["LatestAcceptableCompletionDate"] = sap_date(latest.date())
        return payload

    def _read(self, path: str) -> dict[str, Any]:
        headers = {"Accept": "application/json", "Authorization": self._login}
        found = self._transport.document(self._transport.send("GET", path, headers)).get("d")
        if not isinstance(found, dict):
            raise ReceiverError(f"{self.name} answers without the envelope 'd'")
        return found

    def _post(self, content: bytes, session: Mapping[str, str]) -> Response:
        headers = {**self._headers(), "Authorization": self._login, **session}
        return self._transport.send("POST", SET, headers, content)

    def _headers(self) -> dict[str, str]:
        return {"Accept": "application/json", "Content-Type": "application/json"}

    def _tokens(self, *, fresh: bool) -> Mapping[str, str]:
        with self._lock:
            if fresh or not self._session:
                headers = {"Accept": "application/json", "Authorization": self._login, "x-csrf-token": "Fetch"}
                answer = self._transport.expect(self._transport.send("GET", SERVICE, headers))
                token = answer.header("x-csrf-token")
                if not token:
                    raise ReceiverError(f"{self.name} gives no CSRF token", failure="setup")
                cookies = answer.cookies()
                self._session = {"x-csrf-token": token, **({"Cookie": cookies} if cookies else {})}
            return dict(self._session)

    def _moment(self, row: Mapping[str, Any], field: str) -> datetime | None:
        day, clock = (
            _DATE.fullmatch(str(row.get(f"{field}Date") or "")),
            _TIME.fullmatch(str(row.get(f"{field}Time") or "PT0S")),
        )
        if day is None or clock is None:
            return None
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        try:
            midnight = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(day[1]))
            local = midnight.replace(hour=hours % 24, minute=minutes, second=seconds, tzinfo=ZoneInfo(self._zone))
            return local.astimezone(UTC)
        except (ValueError, OverflowError):  # no day and no time of day that there is
            return None


def _items(body: Mapping[str, Any]) -> dict[str, Any]:
    """What is suspected as one item with its cause, created with the notification (deep insert); nothing when nothing is suspected.

    Codes are a plant's own catalogues, so texts are sent: 40 characters each. The names of the nested entities could not be checked
    against SAP's metadata, which is why a plant has to ask for them.
    """
    suspected = one_line(str(body.get("failure_mode") or "").replace("_", " "), 40)
    if not suspected:
        return {}
    package = body.get("body", {}).get("job_package", {}) if isinstance(body.get("body"), Mapping) else {}
    cause = one_line(package.get("cause") or package.get("mechanism") or body.get("detection"), 40)
    item: dict[str, Any] = {"NotifItemText": one_line(body.get("maintainable_item"), 40) or suspected}
    item["to_ItemCauses"] = {"results": [{"MaintNotificationCauseText": one_line(f"{suspected}: {cause}", 40)}]}
    return {"to_Item": {"results": [item]}}


def sap_date(day: date) -> str:
    """A day as OData V2 writes it: milliseconds at midnight UTC of that day, in whatever zone the day is meant.

    >>> sap_date(date(2026, 3, 2))
    '/Date(1772409600000)/'
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return f"/Date({int(midnight.timestamp()) * 1000})/"


def sap_time(local: datetime) -> str:
    """A time of day as OData V2 writes it.

    >>> sap_time(datetime(2026, 3, 2, 6, 30))
    'PT6H30M0S'
    """
    return f"PT{local.hour}H{local.minute}M{local.second}S"


def _number(row: Any) -> str:
    number = row.get("MaintenanceNotification") if isinstance(row, dict) else None
    if not number:
        raise ReceiverError("SAP S/4HANA answers without the number of the notification")
    return str(number)
