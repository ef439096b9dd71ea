"""Who may do what by itself, and what can wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse

from pdm.operations.decide_deferral import decide_deferral
from pdm.operations.find_deferrals import find_deferrals
from pdm.operations.propose_deferral import propose_deferral
from pdm.operations.read_trust import read_trust
from pdm.operations.set_ceiling import set_ceiling
from pdm.ports import Plant
from pdm.views import words
from pdm.work.trust import RUNGS
from pdm.work.when import percent
from serving.context import TheContext, ThePlant
from serving.pages.forms import By, Text, acting, back

router = APIRouter()


@router.get("/trust")
def show_trust(request: Request, context: TheContext, plant: ThePlant) -> HTMLResponse:
    """The ladder."""
    return context.page(request, "trust.html", lines=read_trust(plant), rungs=RUNGS, day=_day(plant))


@router.post("/trust/{asset_class}/{failure_mode}/ceiling")
def ceiling(
    request: Request,
    plant: ThePlant,
    asset_class: str,
    failure_mode: str,
    ceiling: Text = "",
    why: Text = "",
    by: By = "",
) -> RedirectResponse:
    """Set a ceiling, with a reason."""
    who = acting(request, by)
    done = set_ceiling(plant, asset_class, failure_mode, ceiling, by=who, why=why)
    return back(request, "/trust", f"The ceiling is {done.ceiling}; it stands at {done.rung}.", who)


@router.get("/deferrals")
def show_deferrals(request: Request, context: TheContext, plant: ThePlant) -> HTMLResponse:
    """What can wait."""
    return context.page(request, "deferrals.html", found=find_deferrals(plant), day=_day(plant), percent=percent)


@router.post("/deferrals")
def propose(
    request: Request, plant: ThePlant, plan: Text = "", asset: Text = "", approver: Text = "", by: By = ""
) -> RedirectResponse:
    """Propose it."""
    who = acting(request, by)
    done = propose_deferral(plant, plan, asset, approver=approver, by=who)
    return back(request, "/deferrals", f"Proposed: {done.approver} decides.", who)


@router.post("/deferrals/{deferral_id}/decide")
def decide(
    request: Request, plant: ThePlant, deferral_id: str, answer: Text = "", why: Text = "", by: By = ""
) -> RedirectResponse:
    """Decide."""
    who = acting(request, by)
    done = decide_deferral(plant, deferral_id, approve=answer == "approve", by=who, why=why)
    return back(request, "/deferrals", f"It is {done.state}. A planner moves the date in the maintenance system.", who)


def _day(plant: Plant) -> Callable[[datetime | None], str]:
    """How the templates write a day."""
    return lambda moment: words.day(moment, plant.settings.time_zone)
