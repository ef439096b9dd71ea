"""The fleet, worst first, and the inbox of alerts."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse

from pdm.views.alerting import alerting
from pdm.views.fleet import fleet
from pdm.views.inbox import inbox
from serving.context import TheContext, ThePlant

router = APIRouter()


@router.get("/")
def home() -> RedirectResponse:
    """The fleet is what people come for."""
    return RedirectResponse("/fleet", status_code=303)


@router.get("/fleet")
def fleet_page(
    request: Request,
    context: TheContext,
    plant: ThePlant,
    asset_class: str = "",
    criticality: Annotated[str, Query(pattern="^[1-5]?$")] = "",
    condition: Literal["", "act", "watch", "unknown", "normal"] = "",
    changed: str = "",
) -> HTMLResponse:
    """The whole page, or only its table when htmx asks for a refresh."""
    view = fleet(
        plant,
        asset_class=asset_class or None,
        criticality=int(criticality) if criticality else None,
        condition=condition or None,
        changed=bool(changed),
    )
    template = "fleet_table.html" if request.headers.get("hx-request") else "fleet.html"
    chosen = {"asset_class": asset_class, "criticality": criticality, "condition": condition, "changed": changed}
    query = f"?{request.url.query}" if request.url.query else ""
    return context.page(request, template, fleet=view, chosen=chosen, query=query)


@router.get("/alerts")
def alerts_page(request: Request, context: TheContext, plant: ThePlant) -> HTMLResponse:
    """Every open alert, the most urgent first."""
    return context.page(request, "alerts.html", inbox=inbox(plant))


@router.get("/alerting")
def alerting_page(
    request: Request, context: TheContext, plant: ThePlant, weeks: Annotated[int, Query(ge=1, le=104)] = 13
) -> HTMLResponse:
    """Whether alerting itself is well."""
    return context.page(request, "alerting.html", page=alerting(plant, weeks=weeks))
