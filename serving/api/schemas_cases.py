"""What the API answers about cases that wait and about what closed ones saved."""

from __future__ import annotations

from pydantic import BaseModel

from serving.api.schemas import MOMENT, AlertOut, CaseOut, _example

_CASE = {
    "id": "ca-1",
    "asset": "P-101",
    "asset_class": "pump",
    "title": "P-101: bearing wear",
    "opened_at": MOMENT,
    "state": "open",
    "owner": "",
    "closed_at": None,
    "version": 1,
}
_SAVING = {
    "case_id": "ca-1",
    "asset": "P-101",
    "outcome": "averted",
    "value": 14480.0,
    "low": -3200.0,
    "high": 20800.0,
    "currency": "EUR",
    "by": "Ada",
    "assumptions": ["a failure costs 24000 EUR and the planned repair 3200"],
}


class QueuedCaseOut(BaseModel):
    """An open case and the alerts open in it, the worst first; none when only its work is still open."""

    case: CaseOut
    criticality: int
    escalated: bool
    alerts: list[AlertOut]

    model_config = _example(case=_CASE, criticality=2, escalated=False, alerts=[])


class SavingOut(BaseModel):
    """One closed case: what it saved or cost, the bounds if the machine had lasted or failed, and what that rests on."""

    case_id: str
    asset: str
    outcome: str
    value: float
    low: float
    high: float
    currency: str
    by: str
    assumptions: list[str]

    model_config = _example(**_SAVING)


class LedgerOut(BaseModel):
    """All lines of one currency and their sums; the bounds add up as if all were at their worst or best at once."""

    lines: list[SavingOut]
    value: float
    low: float
    high: float
    currency: str

    model_config = _example(lines=[_SAVING], value=14480.0, low=-3200.0, high=20800.0, currency="EUR")
