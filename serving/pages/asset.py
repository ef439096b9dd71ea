"""One asset."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from pdm.views.asset import asset_page, find_asset, newest_readings
from serving.context import TheContext, ThePlant

router = APIRouter()
DAYS = {"7": 7, "30": 30, "90": 90, "all": 36_500}


@router.get("/assets/{tag}")
def show_asset(
    request: Request,
    context: TheContext,
    plant: ThePlant,
    tag: str,
    days: Literal["7", "30", "90", "all"] = "30",
) -> HTMLResponse:
    """The asset's page; `days` back from its newest reading."""
    asset = find_asset(plant, tag)
    asset_class = plant.catalogue.asset_class(asset.asset_class)
    end = newest_readings(plant, asset_class).get(tag) or plant.clock.now()
    page = asset_page(plant, tag, since=end - timedelta(days=DAYS[days]))
    return context.page(request, "asset.html", page=page, days=days, choices=tuple(DAYS))
