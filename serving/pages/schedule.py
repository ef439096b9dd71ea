"""The planner's calendar."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from serving.api.schedule import the_page
from serving.context import TheContext, ThePlant

router = APIRouter()


@router.get("/schedule")
def show_schedule(request: Request, context: TheContext, plant: ThePlant) -> HTMLResponse:
    """Proposed windows beside stops and plans."""
    return context.page(request, "schedule.html", page=the_page(plant))
