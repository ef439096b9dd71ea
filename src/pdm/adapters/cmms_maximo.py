"""Service requests or work orders in IBM Maximo by its JSON API (mxapisr, mxapiwodetail).

Every call carries `lean=1`: without it Maximo drops keys that bear no prefix, silently, the idempotency key among them. So the key
is asked back with the number, and an answer without it stops everything: sending again could order twice. A service request keeps
20 characters of key in `externalrecid`, a work order in `externalrefid`. Run against this project's fake server only, never
against a system of IBM's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from pdm.adapters.http import Transport
from pdm.adapters.mapping import choice, full_text, key_of, moment, one_line, options, unreviewed, whole
from pdm.clock import aware
from pdm.errors import InputError, ReceiverError, SettingsError
from pdm.ports import Payload, ReceiverStatus
from pdm.work.request import RequestState

OPTIONS = {"site": "", "org": "", "record": "request", "work_type": "CM", "automatic_status": ""}

STATES = {
    **dict.fromkeys(
        ("NEW", "QUEUED", "PENDING", "INPROG", "WAPPR", "APPR", "WPCOND", "WSCH", "WMATL", "INPRG"),
        RequestState.ACCEPTED,
    ),
    **dict.fromkeys(("RESOLVED", "CLOSED", "COMP", "CLOSE"), RequestState.DONE),
    **dict.fromkeys(("CAN", "CANCELLED"), RequestState.CANCELLED),
    "REJECTED": RequestState.REJECTED,
}
"""What Maximo's own status values mean; a site's synonyms are not known here."""


@dataclass(frozen=True)
class Record:
    """How one kind of record names its fields."""

    path: str
    number: str
    key: str
    priority: str
    start: str
    end: str


RECORDS = {
    "request": Record(
        "/maximo/api/os/mxapisr", "ticketid", "externalrecid", "reportedpriority", "targetstart", "targetfinish"
    ),
    "order": Record(
        "/maximo/api/os/mxapiwodetail", "wonum", "externalrefid", "wopriority", "targstartdate", "targcompdate"
    ),
}


class MaximoReceiver:
    """A `Receiver`."""

    def __init__(self, transport: Transport, *, secret: str, zone: str, given: Mapping[str, str]) -> None:
        """Nothing is called before the first request; see `OPTIONS` for what may be given."""
        self._options = options("maximo", given, OPTIONS)
        if not self._options["site"]:
            raise SettingsError("the receiver maximo needs a site", hint='receiver_options = { site = "BEDFORD" }')
        self._record = RECORDS[choice("record", self._options["record"], tuple(RECORDS))]
        self._transport, self._secret, self._zone = transport, secret, zone

    @property
    def name(self) -> str:
        return "Maximo"

    def find(self, external_ref: str) -> str | None:
        """The record that carries this key."""
        rows = self._rows(self._record.key, key_of({"external_ref": external_ref}, 20))
        return min((self._number(row) for row in rows), default=None)

    def submit(self, body: Mapping[str, Any]) -> str:
        """Create a record; its number.

        Raises:
            ReceiverError: among others `unsafe`, when Maximo created the record without our key.
        """
        payload = self._payload(body)
        path = f"{self._record.path}?lean=1"
        response = self._transport.send("POST", path, self._headers(), json.dumps(payload).encode())
        row = self._transport.document(response)
        if row.get(self._record.key) != payload[self._record.key]:
            raise ReceiverError(
                f"Maximo created {row.get(self._record.number) or 'a record'} without the key {payload[self._record.key]}",
                failure="unsafe",
                hint="see whether something between here and Maximo removes lean=1, write the key there, then replay it",
            )
        return self._number(row)

    def status(self, number: str) -> ReceiverStatus:
        """Status and target dates; nothing when the record is not there any more."""
        rows = self._rows(self._record.number, whole(number, 25, "record"))
        if not rows:
            return ReceiverStatus(reason="not found there any more")
        word = str(rows[0].get("status") or "")
        start, end = (_moment(rows[0].get(field)) for field in (self._record.start, self._record.end))
        return ReceiverStatus(word, STATES.get(word.upper()), str(rows[0].get("statusmemo") or ""), start, end)

    def dry_run(self, body: Mapping[str, Any]) -> Payload:
        """The POST, with the body as Maximo would get it."""
        target = f"{self._transport.base.rstrip('/')}{self._record.path}?lean=1"
        return Payload("POST", target, {**self._headers(), "apikey": "***"}, self._payload(body))

    def _payload(self, body: Mapping[str, Any]) -> dict[str, Any]:
        payload: dict[str, Any] = {
            "description": one_line(body.get("title"), 100),
            "description_longdescription": full_text(body),
            "siteid": self._options["site"],
            "assetnum": whole(body.get("asset"), 25, "asset"),
            self._record.priority: int(body.get("priority") or 4),
            self._record.key: key_of(body, 20),
        }
        if self._options["org"]:
            payload["orgid"] = self._options["org"]
        if self._options["record"] == "order":
            payload["worktype"] = self._options["work_type"]
        else:
            payload["assetsiteid"] = self._options["site"]
        if self._options["automatic_status"] and unreviewed(body):
            payload["status"] = self._options["automatic_status"]
        for name, field in (("required_start", self._record.start), ("required_end", self._record.end)):
            local = moment(body, name, self._zone)
            if local is not None:
                payload[field] = local.isoformat(timespec="seconds")
        return payload

    def _rows(self, field: str, value: str) -> list[dict[str, Any]]:
        if '"' in value:
            raise InputError(f"{value!r} cannot be looked up in Maximo")
        record = self._record
        wanted = ",".join((record.number, record.key, "status", "statusmemo", record.start, record.end))
        condition = quote(f'{field}="{value}" and siteid="{self._options["site"]}"')
        path = f"{record.path}?lean=1&oslc.select={quote(wanted)}&oslc.where={condition}"
        found = self._transport.document(self._transport.send("GET", path, self._headers())).get("member")
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise ReceiverError("Maximo answers a look-up without members")
        return found

    def _headers(self) -> dict[str, str]:
        return {
            "apikey": self._secret,
            "Accept": "application/json",
            "Content-Type": "application/json",
            "properties": f"{self._record.number},{self._record.key}",
        }

    def _number(self, row: Mapping[str, Any]) -> str:
        number = row.get(self._record.number)
        if not number:
            raise ReceiverError(f"Maximo answers without {self._record.number}")
        return str(number)


def _moment(value: Any) -> datetime | None:
    try:
        return aware(datetime.fromisoformat(str(value))) if value else None
    except (ValueError, OverflowError):  # a date without a zone, or no date at all, says no moment
        return None
