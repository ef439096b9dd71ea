"""IBM Maximo as its JSON API behaves for a caller.

Quirks: without `lean=1` keys without a prefix are dropped in silence and answers bear prefixes; the body of an answer to a creation
holds only the properties that were asked for, and without any it is empty; nothing keeps two records with one external key apart.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from pdm.testing.servers.base import Answer, Call, FakeServer

LENGTHS = {
    "description": 100,
    "description_longdescription": 100_000,
    "siteid": 8,
    "orgid": 8,
    "assetnum": 25,
    "assetsiteid": 8,
    "location": 25,
    "worktype": 5,
    "externalrecid": 20,
    "externalrefid": 20,
}
OBJECTS = {"mxapisr": ("ticketid", "NEW"), "mxapiwodetail": ("wonum", "WAPPR")}
STATUSES = {"mxapisr": ("NEW", "QUEUED", "INPROG"), "mxapiwodetail": ("WAPPR", "APPR", "WSCH", "WMATL", "INPRG")}
DATES = ("targetstart", "targetfinish", "targstartdate", "targcompdate")

_PATH = "/maximo/api/os/"
_CLAUSE = re.compile(r'(\w+)="([^"]*)"')


class FakeMaximo(FakeServer):
    """assets: the assets it knows; None: it knows them all."""

    def __init__(self, secret: str, assets: set[str] | None = None) -> None:
        super().__init__()
        self.assets = assets
        self.records: dict[str, list[dict[str, Any]]] = {name: [] for name in OBJECTS}
        self._secret = secret

    def orders(self, key: str) -> int:
        """Records with this external key."""
        rows = [row for rows in self.records.values() for row in rows]
        return sum(key in (row.get("externalrecid"), row.get("externalrefid")) for row in rows)

    def decide(self, number: str, status: str, memo: str = "") -> None:
        """A planner changes the status of a record."""
        for rows in self.records.values():
            for row in rows:
                if number in (row.get("ticketid"), row.get("wonum")):
                    row |= {"status": status, "statusmemo": memo}

    def answer(self, call: Call) -> Answer:
        """Look up, or create."""
        if call.headers.get("apikey") != self._secret:
            return _error(401, "BMXAA0021E", "User name and password combination are not valid")
        name = call.path.removeprefix(_PATH)
        if name not in OBJECTS:
            return _error(404, "BMXAA8727E", f"The OSLC resource {name} was not found")
        lean = call.query.get("lean") == "1"
        return self._create(name, call, lean) if call.method == "POST" else self._find(name, call, lean)

    def _find(self, name: str, call: Call, lean: bool) -> Answer:
        clauses = [_CLAUSE.fullmatch(part.strip()) for part in call.query.get("oslc.where", "").split(" and ")]
        wanted = [(clause[1], clause[2]) for clause in clauses if clause]
        if not wanted or len(wanted) != len(clauses):
            return _error(400, "BMXAA8742E", "The where clause is not valid")
        select = [field.strip() for field in call.query.get("oslc.select", "").split(",")]
        rows = [
            _prefixed({field: row[field] for field in select if field in row}, lean)
            for row in self.records[name]
            if all(str(row.get(field, "")) == value for field, value in wanted)
        ]
        return Answer(200, {"member" if lean else "rdfs:member": rows})

    def _create(self, name: str, call: Call, lean: bool) -> Answer:
        sent = call.json()
        if not isinstance(sent, dict):
            return _error(400, "BMXAA1234E", "The JSON is not valid")
        # The quirk that costs integrators an afternoon: no error, the keys are simply not there.
        kept = sent if lean else {key[4:]: value for key, value in sent.items() if key.startswith("spi:")}
        problem = self._problem(name, kept)
        if problem:
            return problem
        number, status = OBJECTS[name]
        rows = self.records[name]
        row = {"status": status, **kept, number: str(1001 + len(rows))}
        rows.append(row)
        wanted = [field.strip() for field in call.headers.get("properties", "").split(",") if field.strip()]
        body = _prefixed({field: row[field] for field in wanted if field in row}, lean) if wanted else b""
        return Answer(201, body, (("Location", f"{self.url}{_PATH}{name}/_U1I{row[number]}"),))

    def _problem(self, name: str, kept: dict[str, Any]) -> Answer | None:
        for field, value in kept.items():
            if len(str(value)) > LENGTHS.get(field, 100):
                return _error(400, "BMXAA4049E", f"The value specified for {field} exceeds the maximum field length")
            if field in DATES:
                try:
                    datetime.fromisoformat(str(value))
                except ValueError:
                    return _error(400, "BMXAA4154E", f"{value} is not a valid date")
        if "status" in kept and kept["status"] not in STATUSES[name]:
            return _error(400, "BMXAA4590E", f"{kept['status']} is not a valid status")
        if self.assets is not None and kept.get("assetnum") not in self.assets:
            return _error(400, "BMXAA4153E", f"{kept.get('assetnum')} is not a valid asset")
        return None


def _prefixed(row: dict[str, Any], lean: bool) -> dict[str, Any]:
    return row if lean else {f"spi:{field}": value for field, value in row.items()}


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"Error": {"statusCode": str(status), "reasonCode": code, "message": f"{code} - {message}"}})
