"""The planner's queue, and one work request."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse

from pdm.operations.approve_request import approve_request
from pdm.operations.cancel_request import cancel_request
from pdm.operations.replay_message import replay_message
from pdm.views.requests import request_page, requests_page
from serving.context import TheContext, ThePlant
from serving.pages.forms import By, Text, acting, back

router = APIRouter()


@router.get("/requests")
def show_requests(request: Request, context: TheContext, plant: ThePlant) -> HTMLResponse:
    """The queue by priority."""
    return context.page(request, "requests.html", page=requests_page(plant))


@router.get("/requests/{request_id}")
def show_request(request: Request, context: TheContext, plant: ThePlant, request_id: str) -> HTMLResponse:
    """One request."""
    return context.page(request, "request.html", page=request_page(plant, request_id))


@router.post("/requests/{request_id}/approve")
def approve(request: Request, plant: ThePlant, request_id: str, by: By = "") -> RedirectResponse:
    """Approve it."""
    who = acting(request, by)
    approve_request(plant, request_id, by=who)
    return back(request, f"/requests/{request_id}", "Approved: it goes to the CMMS.", who)


@router.post("/requests/{request_id}/cancel")
def cancel(request: Request, plant: ThePlant, request_id: str, by: By = "", why: Text = "") -> RedirectResponse:
    """Cancel it, with a reason."""
    who = acting(request, by)
    cancel_request(plant, request_id, by=who, why=why)
    return back(request, f"/requests/{request_id}", "Cancelled.", who)


@router.post("/requests/{request_id}/replay")
def replay(request: Request, plant: ThePlant, request_id: str, by: By = "") -> RedirectResponse:
    """Try again what was given up."""
    who = acting(request, by)
    replay_message(plant, request_id, by=who)
    return back(request, "/health", "It is tried again with the next delivery.", who)
