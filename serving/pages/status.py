"""Is the platform well."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from pdm.views.health import health
from serving.context import TheContext, ThePlant

router = APIRouter()


@router.get("/health")
def show_health(request: Request, context: TheContext, plant: ThePlant) -> HTMLResponse:
    """Models in charge, age of data, scoring, audit."""
    return context.page(request, "health.html", health=health(plant), loop=request.app.state.loop.state)
