"""What the API answers: the platform's own dataclasses in JSON, each with an example that the tests check against its schema."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from pdm.alerts.alert import AlertState
from pdm.scoring.assessment import Condition, DataState, Equipment, ModelState
from pdm.work.request import RequestState

Item = TypeVar("Item")
MOMENT = "2026-11-21T06:00:00Z"


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(from_attributes=True, json_schema_extra={"examples": [values]})


class Page(BaseModel, Generic[Item]):
    """A part of a list."""

    items: list[Item]
    total: int = Field(description="How many there are without limit and offset.")


_ASSET = {
    "asset": "P-101",
    "asset_class": "pump",
    "description": "Cooling water pump 1",
    "location": "north/utilities/cooling",
    "criticality": 1,
    "parent": "",
    "redundancy": "1 of 2 with P-102",
    "commissioned": "2019-04-01T00:00:00Z",
    "attributes": {"rating_kw": 90},
}
_RISK = {"mode": "bearing_wear", "horizon": 336.0, "unit": "h", "probability": 0.73}
_LIFE = {"median": 480.0, "low": 288.0, "high": 744.0, "unit": "h", "at_cap": False}
_REASON = {
    "feature": "vibration@24h__mean",
    "channel": "vibration",
    "sentence": "Mean of vibration over the last 24 h: 7.3 mm/s, raises the risk",
    "value": 7.3,
    "unit": "mm/s",
    "effect": 1.9,
}


class AssetOut(BaseModel):
    """A functional position; criticality 1 matters most."""

    asset: str
    asset_class: str
    description: str
    location: str
    criticality: int
    parent: str
    redundancy: str
    commissioned: datetime | None
    attributes: Mapping[str, str | float | int]

    model_config = _example(**_ASSET)


_LIKENESS = {
    "asset": "P-017",
    "at": MOMENT,
    "mode": "bearing_wear",
    "lead": 288.0,
    "unit": "h",
    "likeness": 0.84,
}


class RiskOut(BaseModel):
    """P(failure of `mode` within `horizon` native units)."""

    mode: str
    horizon: float
    unit: str
    probability: float
    abstained: bool = Field(False, description="The model does not see this mode coming: no alert rests on it.")

    model_config = _example(**_RISK)


class RemainingLifeOut(BaseModel):
    """Median and 90 % interval in native units and as dates."""

    median: float
    low: float
    high: float
    unit: str
    median_date: datetime | None = None
    low_date: datetime | None = None
    high_date: datetime | None = None
    at_cap: bool
    open_end: bool = Field(False, description="`high` is where the model stops looking: it may last longer.")

    model_config = _example(**_LIFE)


class ContributionOut(BaseModel):
    """One reason for a score; effect in log-odds, above zero is worse."""

    feature: str
    channel: str
    sentence: str
    value: float | None
    unit: str
    effect: float

    model_config = _example(**_REASON)


class DeviationOut(BaseModel):
    """How far from what is expected of a sound machine; level 1 is the alert limit."""

    mode: str
    level: float
    channels: list[str]
    sentence: str


class LikenessOut(BaseModel):
    """A past case of the model that a score resembles; `mode` is empty and `lead` a horizon where nothing failed."""

    asset: str
    at: str | float = Field(description="When, or at which position of its counter.")
    mode: str
    lead: float = Field(description="Native units until that failure.")
    unit: str
    likeness: float = Field(description="1: the same reasons, 0: none in common.")

    model_config = _example(**_LIKENESS)


class AssessmentOut(BaseModel):
    """What the platform thought of one asset at one moment, with nothing known later."""

    asset: str
    asset_class: str
    as_of: datetime
    data_time: datetime | None
    data_usage: float | None
    equipment: Equipment
    condition: Condition
    data: DataState
    model: ModelState
    risks: list[RiskOut]
    remaining_life: RemainingLifeOut | None
    contributions: list[ContributionOut]
    quality_flags: list[str]
    rung: str
    bundle: str
    deviations: list[DeviationOut] = []
    suspect_channels: list[str] = []
    curve: list[tuple[float, float]] = []
    first: list[RiskOut] = Field([], description="P(this mode comes first): competing risks, which add up.")
    similar: list[LikenessOut] = Field([], description="The nearest past cases of the model.")

    model_config = _example(
        asset="P-101",
        asset_class="pump",
        as_of=MOMENT,
        data_time=MOMENT,
        data_usage=None,
        equipment="running",
        condition="act",
        data="fresh",
        model="ok",
        risks=[_RISK],
        remaining_life=_LIFE,
        contributions=[_REASON],
        quality_flags=[],
        rung="fleet model",
        bundle="20261120-1a2b3c4d",
    )


class AlertOut(BaseModel):
    """One suspicion about one asset; at most one is open per asset and failure mode."""

    id: str
    asset: str
    asset_class: str
    failure_mode: str
    state: AlertState
    first_seen: datetime
    last_seen: datetime
    raised_at: datetime | None
    state_since: datetime | None
    probability: float
    peak_probability: float
    horizon: float
    horizon_unit: str
    remaining: dict[str, Any]
    recent: list[bool]
    evidence: dict[str, Any]
    case_id: str
    owner: str
    shelved_until: datetime | None
    shelved_reason: str
    repeat_of: str
    bundle: str
    closed_at: datetime | None
    version: int

    model_config = _example(
        id="a1",
        asset="P-101",
        asset_class="pump",
        failure_mode="bearing_wear",
        state="unacknowledged",
        first_seen=MOMENT,
        last_seen=MOMENT,
        raised_at=MOMENT,
        state_since=MOMENT,
        probability=0.73,
        peak_probability=0.78,
        horizon=336.0,
        horizon_unit="h",
        remaining=_LIFE,
        recent=[False, True, True],
        evidence={},
        case_id="c1",
        owner="",
        shelved_until=None,
        shelved_reason="",
        repeat_of="",
        bundle="20261120-1a2b3c4d",
        closed_at=None,
        version=2,
    )


class CaseOut(BaseModel):
    """The alerts of one asset that belong together."""

    id: str
    asset: str
    asset_class: str
    title: str
    opened_at: datetime
    state: str
    owner: str
    closed_at: datetime | None
    version: int

    model_config = _example(
        id="c1",
        asset="P-101",
        asset_class="pump",
        title="Bearing wear, drive end",
        opened_at=MOMENT,
        state="open",
        owner="",
        closed_at=None,
        version=1,
    )


class RequestOut(BaseModel):
    """A work request in the canonical fields that every CMMS adapter maps."""

    id: str
    external_ref: str
    case_id: str
    asset: str
    asset_class: str
    failure_mode: str
    title: str
    text: str
    state: RequestState
    priority: int
    created_at: datetime
    required_start: datetime | None
    required_end: datetime | None
    latest_safe: datetime | None
    location: str
    maintainable_item: str
    detection: str
    crafts: list[str]
    parts: list[str]
    hours: float
    stop_needed: bool
    receiver_number: str
    reported_by: str
    body: dict[str, Any]
    version: int

    model_config = _example(
        id="r1",
        external_ref="pdm-c1-bearing_wear",
        case_id="c1",
        asset="P-101",
        asset_class="pump",
        failure_mode="bearing_wear",
        title="P-101 bearing wear, drive end",
        text="73 % within 14 d; remaining life 12-31 days.",
        state="suggested",
        priority=1,
        created_at=MOMENT,
        required_start=MOMENT,
        required_end=MOMENT,
        latest_safe=MOMENT,
        location="north/utilities/cooling",
        maintainable_item="bearing",
        detection="condition monitoring",
        crafts=["mechanic"],
        parts=["bearing set, drive end"],
        hours=8.0,
        stop_needed=True,
        receiver_number="",
        reported_by="plantpdm",
        body={},
        version=1,
    )


class VerdictOut(BaseModel):
    """What people found and did about one case."""

    id: str
    case_id: str
    asset: str
    by: str
    at: datetime
    recorded_at: datetime
    inspected: bool
    found: str
    severity: str
    failure_mode: str
    maintainable_item: str
    mechanism: str
    cause: str
    action: str
    restores: bool
    actual_hours: float | None
    comment: str

    model_config = _example(
        id="v1",
        case_id="c1",
        asset="P-101",
        by="Ada",
        at=MOMENT,
        recorded_at=MOMENT,
        inspected=True,
        found="damage",
        severity="degraded",
        failure_mode="bearing_wear",
        maintainable_item="bearing",
        mechanism="wear",
        cause="",
        action="replaced",
        restores=True,
        actual_hours=7.5,
        comment="inner race spalled",
    )
