"""Assets, their readings and what was thought of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import numpy as np
import pandas as pd
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from pdm.errors import InputError
from pdm.operations.confirm_level import confirm_level
from pdm.readings.registry import read_assets
from pdm.readings.store import ReadingStore
from pdm.views.asset import ahead_of, find_asset, newest_readings
from pdm.views.why import why_no_alert
from serving.api.paging import Limit, Moment, Offset, page
from serving.api.schemas import AssessmentOut, AssetOut, Page
from serving.api.schemas_alerting import WhyOut
from serving.api.verbs import Reasoned
from serving.context import ThePlant

router = APIRouter(prefix="/v1", tags=["assets"])
Tag = Annotated[str, Path(description="The asset's tag.", examples=["P-101"])]
_DEFAULT_DAYS = 30
_MOST_ROWS = 20_000


class ReadingsOut(BaseModel):
    """A window of readings by column; null is a missing, bad or voided value. `time` holds counter positions on a usage axis."""

    asset: str
    asset_class: str
    axis: str
    units: dict[str, str]
    time: list[str | float]
    channels: dict[str, list[float | None]]
    rows: int
    truncated: bool

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "asset": "P-101",
                    "asset_class": "pump",
                    "axis": "time",
                    "units": {"vibration": "mm/s"},
                    "time": ["2026-11-21T05:00:00+00:00"],
                    "channels": {"vibration": [7.3]},
                    "rows": 1,
                    "truncated": False,
                }
            ]
        }
    )


class Confirm(Reasoned):
    """Which channel shows a level that is real."""

    channel: str = Field(min_length=1, max_length=120, description="The channel's name.")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"by": "Ada", "channel": "vibration", "why": "sensor with another range"}]}
    )


class LevelOut(BaseModel):
    """What a channel of a machine usually shows, and who said so; `by` is empty where scoring saw it."""

    asset: str
    channel: str
    level: float
    rows: int
    by: str
    reason: str

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "asset": "P-101",
                    "channel": "vibration",
                    "level": 2000.0,
                    "rows": 24,
                    "by": "Ada",
                    "reason": "sensor with another range",
                }
            ]
        },
    )


class AheadOut(BaseModel):
    """The chances of each failure mode coming first, and of no failure, by the newest assessment; they add up to 1 at every horizon."""

    asset: str
    horizons: list[float] = Field(description="Native units from the newest reading on.")
    modes: dict[str, list[float]] = Field(description="By failure mode; empty where nothing tells the modes apart.")
    whole: list[float] = Field(description="P(any failure within each horizon).")
    none: list[float] = Field(description="P(no failure within each horizon).")
    sentences: list[str]
    notes: list[str] = Field(description="What is not told apart, not predicted or not agreed upon, and why.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "asset": "P-101",
                    "horizons": [336.0, 720.0],
                    "modes": {"bearing_wear": [0.12, 0.23], "seal_leak": [0.03, 0.05]},
                    "whole": [0.15, 0.28],
                    "none": [0.85, 0.72],
                    "sentences": [
                        "Within 30 d: bearing wear, drive end 23 %, leaking mechanical seal 5 %, no failure 72 %."
                    ],
                    "notes": [],
                }
            ]
        }
    )


@router.get("/assets")
def list_assets(
    plant: ThePlant,
    asset_class: Annotated[str | None, Query(description="Only this class.")] = None,
    limit: Limit = 200,
    offset: Offset = 0,
) -> Page[AssetOut]:
    """Every asset on record, by tag."""
    assets = read_assets(plant.history, asset_class=asset_class)
    return page(AssetOut, [assets[tag] for tag in sorted(assets)], limit, offset)


@router.get("/assets/{tag}")
def get_asset(plant: ThePlant, tag: Tag) -> AssetOut:
    """One asset."""
    return AssetOut.model_validate(find_asset(plant, tag))


@router.get("/assets/{tag}/readings")
def get_readings(
    plant: ThePlant,
    tag: Tag,
    since: Annotated[Moment | None, Query(description="After this moment; default: 30 days before `until`.")] = None,
    until: Annotated[Moment | None, Query(description="Up to this moment; default: the newest reading.")] = None,
    channels: Annotated[list[str] | None, Query(description="Only these channels.")] = None,
    known_at: Annotated[Moment | None, Query(description="As known at this moment.")] = None,
) -> ReadingsOut:
    """A window of readings, newest kept when there are too many; on a usage axis the whole counter."""
    asset = find_asset(plant, tag)
    asset_class = plant.catalogue.asset_class(asset.asset_class)
    wanted = [asset_class.channel(name).name for name in channels or asset_class.channel_names]
    usage = asset_class.axis.kind == "usage"
    store = ReadingStore(plant.history)
    if usage:
        table = store.scan(asset_class, assets=[tag], channels=wanted, known_at=known_at)
    else:
        end = until or newest_readings(plant, asset_class).get(tag) or plant.clock.now()
        start = since or end - timedelta(days=_DEFAULT_DAYS)
        if start >= end:
            raise InputError("the window ends before it starts", hint="write since before until")
        table = store.scan(asset_class, assets=[tag], channels=wanted, start=start, end=end, known_at=known_at)
    shown = table.tail(_MOST_ROWS)
    return ReadingsOut(
        asset=tag,
        asset_class=asset_class.name,
        axis=asset_class.axis.kind,
        units={name: asset_class.channel(name).unit for name in wanted},
        time=_times(shown, usage),
        channels={name: _values(shown[name]) for name in wanted},
        rows=len(shown),
        truncated=len(table) > len(shown),
    )


@router.get("/assets/{tag}/assessments")
def get_assessments(
    plant: ThePlant,
    tag: Tag,
    since: Annotated[Moment | None, Query(description="Default: 30 days before `until`.")] = None,
    until: Annotated[Moment | None, Query(description="Default: now.")] = None,
    limit: Limit = 1000,
    offset: Offset = 0,
) -> Page[AssessmentOut]:
    """What was thought of one asset, oldest first."""
    find_asset(plant, tag)
    end = until or plant.clock.now()
    start = since or end - timedelta(days=_DEFAULT_DAYS)
    with plant.unit_of_work() as work:
        return page(AssessmentOut, work.assessments.history(tag, start, end), limit, offset)


@router.get("/assets/{tag}/why")
def get_why(
    plant: ThePlant,
    tag: Tag,
    at: Annotated[Moment | None, Query(description="Default: now.")] = None,
) -> WhyOut:
    """Why the asset has, or had, no alert: the way of the decision with its numbers, from the stored assessments."""
    return WhyOut.model_validate(why_no_alert(plant, tag, at=at))


@router.get("/assets/{tag}/ahead")
def get_ahead(plant: ThePlant, tag: Tag) -> AheadOut:
    """What would fail first, and by when; without horizons where the model in charge knows none but one."""
    found = ahead_of(plant, tag)
    if found is None:
        return AheadOut(asset=tag, horizons=[], modes={}, whole=[], none=[], sentences=[], notes=[])
    told = found.incidence
    return AheadOut(
        asset=tag,
        horizons=list(told.horizons),
        modes={mode: list(chances) for mode, chances in told.modes.items()},
        whole=list(told.whole),
        none=[max(0.0, 1.0 - chance) for chance in told.whole],
        sentences=list(found.sentences),
        notes=list(found.notes),
    )


@router.post("/assets/{tag}/levels")
def confirm(plant: ThePlant, tag: Tag, act: Confirm) -> LevelOut:
    """Say that the level which a channel shows now is real, where scoring takes it for a wrong unit."""
    return LevelOut.model_validate(confirm_level(plant, tag, act.channel, by=act.by, why=act.why))


@router.get("/assessments")
def latest_assessments(plant: ThePlant, limit: Limit = 1000, offset: Offset = 0) -> Page[AssessmentOut]:
    """The newest assessment of every asset."""
    with plant.unit_of_work() as work:
        return page(AssessmentOut, work.assessments.latest(), limit, offset)


def _times(table: pd.DataFrame, usage: bool) -> list[Any]:
    if usage:
        return [float(value) for value in table["time"].tolist()]
    return [moment.isoformat() for moment in table["time"].tolist()]


def _values(column: pd.Series) -> list[float | None]:
    values = column.to_numpy(dtype=np.float64)
    return [float(value) if known else None for value, known in zip(values, np.isfinite(values), strict=True)]
