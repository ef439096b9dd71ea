"""Advice to the schedule: JSON, and a calendar feed that any calendar program can subscribe to."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from pdm.operations.advise_schedule import advise_schedule
from pdm.ports import Plant
from pdm.views.ical import calendar_feed
from pdm.views.schedule import SchedulePage, schedule_page
from pdm.views.schedule_json import schedule_document
from serving.api.schemas import MOMENT
from serving.context import ThePlant

router = APIRouter(prefix="/v1", tags=["schedule"])


class WindowOut(BaseModel):
    """One time in which the job can be done; `dearer`: risk in money beyond the earliest date."""

    start: datetime
    end: datetime
    stop: str
    feasible: bool
    obstacles: list[str]
    risk: float
    cost: float
    dearer: float
    safe: bool


class WeekOut(BaseModel):
    """What it costs to wait until `start`."""

    start: datetime
    risk: float
    dearer: float


class BundleOut(BaseModel):
    """Work that could be done at the same time."""

    kind: str
    name: str
    when: datetime | None
    why: str


class AdviceOut(BaseModel):
    """The advice for one work request; windows are ranked, the best first."""

    request: str
    asset: str
    title: str
    priority: int
    ready: datetime
    waits_for_crews: list[str] = Field(description="Crafts whose free hours nobody has listed.")
    latest_safe: datetime
    too_late: bool
    week_of_waiting: float
    currency: str
    windows: list[WindowOut]
    weeks: list[WeekOut]
    bundles: list[BundleOut]


class SilentOut(BaseModel):
    """An open request about which nothing can be said, and why."""

    request: str
    asset: str
    title: str
    reason: str


class StopOut(BaseModel):
    """One planned stop; an empty scope is the whole plant."""

    name: str
    start: datetime
    end: datetime
    scope: str


class PlanOut(BaseModel):
    """One preventive plan that is due."""

    plan: str
    asset: str
    text: str
    due: datetime | None


class ScheduleOut(BaseModel):
    """The advice for the whole plant. The maintenance system owns the schedule; nothing here was written there."""

    at: datetime
    crews_listed: bool
    requests: list[AdviceOut]
    silent: list[SilentOut]
    stops: list[StopOut]
    plans: list[PlanOut]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "at": MOMENT,
                    "crews_listed": True,
                    "requests": [],
                    "silent": [],
                    "stops": [{"name": "spring", "start": MOMENT, "end": MOMENT, "scope": "north/line-1"}],
                    "plans": [{"plan": "1200345", "asset": "P-101", "text": "Coupling check", "due": MOMENT}],
                }
            ]
        }
    )


@router.get("/schedule")
def get_schedule(plant: ThePlant) -> ScheduleOut:
    """Ranked windows for every open request beside stops, plans, crews and stock."""
    return ScheduleOut.model_validate(schedule_document(the_page(plant)))


@router.get("/schedule.ics", response_class=Response, responses={200: {"content": {"text/calendar": {}}}})
def get_calendar(plant: ThePlant) -> Response:
    """The same as an iCalendar feed."""
    feed = calendar_feed(the_page(plant), zone=plant.settings.time_zone, plant=plant.settings.plant_name)
    return Response(
        feed,
        media_type="text/calendar; charset=utf-8",
        headers={"content-disposition": 'inline; filename="plantpdm-schedule.ics"'},
    )


def the_page(plant: Plant) -> SchedulePage:
    """The advice as of now, composed for reading."""
    found = advise_schedule(plant)
    return schedule_page(
        found.requests,
        found.silent,
        found.stops,
        found.plans,
        found.assets,
        at=found.at,
        zone=plant.settings.time_zone,
        crews_listed=found.crews_listed,
    )
