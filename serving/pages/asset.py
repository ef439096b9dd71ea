"""One asset."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse

from pdm.operations.confirm_level import confirm_level
from pdm.views.asset import asset_page, find_asset, newest_readings
from pdm.views.why import why_no_alert
from serving.context import TheContext, ThePlant
from serving.pages.forms import By, Text, acting, back

router = APIRouter()
DAYS = {"7": 7, "30": 30, "90": 90, "all": 36_500}


@router.get("/assets/{tag}")
def show_asset(
    request: Request,
    context: TheContext,
    plant: ThePlant,
    tag: str,
    days: Literal["7", "30", "90", "all"] = "30",
    at: Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})?$")] = "",
) -> HTMLResponse:
    """The asset's page; `days` back from its newest reading. at: the moment asked about, on the plant's clock (default: now)."""
    asset = find_asset(plant, tag)
    asset_class = plant.catalogue.asset_class(asset.asset_class)
    end = newest_readings(plant, asset_class).get(tag) or plant.clock.now()
    page = asset_page(plant, tag, since=end - timedelta(days=DAYS[days]))
    asked = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(plant.settings.time_zone)) if at else None
    why = why_no_alert(plant, tag, at=asked)
    return context.page(request, "asset.html", page=page, days=days, choices=tuple(DAYS), why=why, at=at)


@router.post("/assets/{tag}/levels")
def confirm(
    request: Request, plant: ThePlant, tag: str, channel: Text = "", why: Text = "", by: By = ""
) -> RedirectResponse:
    """Say that a doubted level is real."""
    who = acting(request, by)
    level = confirm_level(plant, tag, channel, by=who, why=why)
    done = f"{level.level:g} is its own level: the next scoring no longer doubts it."
    return back(request, f"/assets/{quote(tag, safe='')}", done, who)
