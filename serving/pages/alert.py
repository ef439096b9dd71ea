"""One alert: the eleven items, and the buttons that answer it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse

from pdm.operations.answer_alert import (
    acknowledge_alert,
    claim_alert,
    close_alert,
    release_alert,
    shelve_alert,
    unshelve_alert,
)
from pdm.operations.raise_request import raise_request
from pdm.operations.record_verdict import record_verdict
from pdm.views.alert import alert_page
from serving.api.cases import Action, Found, Severity
from serving.context import TheContext, ThePlant
from serving.pages.forms import By, Text, acting, back, local_path

router = APIRouter()
Verb = Literal["acknowledge", "claim", "release", "shelve", "unshelve", "close"]
_DONE = {
    "acknowledge": "Acknowledged.",
    "claim": "Claimed: it is yours.",
    "release": "Released.",
    "shelve": "Shelved.",
    "unshelve": "Back from the shelf.",
    "close": "Closed.",
}


@router.get("/alerts/{alert_id}")
def show_alert(request: Request, context: TheContext, plant: ThePlant, alert_id: str) -> HTMLResponse:
    """The alert's page."""
    return context.page(request, "alert.html", page=alert_page(plant, alert_id))


@router.post("/alerts/{alert_id}/{verb}")
def answer_alert(
    request: Request,
    plant: ThePlant,
    alert_id: str,
    verb: Verb,
    by: By = "",
    why: Text = "",
    days: Annotated[float, Form(gt=0, le=92)] = 7.0,
) -> RedirectResponse:
    """One of the verbs; `days` is how long to shelve."""
    who = acting(request, by)
    if verb == "shelve":
        until = plant.clock.now() + timedelta(days=days)
        shelve_alert(plant, alert_id, by=who, why=why, until=until)
    else:
        verbs = {
            "acknowledge": acknowledge_alert,
            "claim": claim_alert,
            "release": release_alert,
            "unshelve": unshelve_alert,
            "close": close_alert,
        }
        verbs[verb](plant, alert_id, by=who, why=why)
    return back(request, f"/alerts/{alert_id}", _DONE[verb], who)


@router.post("/cases/{case_id}/requests")
def raise_from_case(request: Request, plant: ThePlant, case_id: str, by: By = "") -> RedirectResponse:
    """Raise the work request, or find the one that exists."""
    who = acting(request, by)
    created = raise_request(plant, case_id, by=who)
    return back(request, f"/requests/{created.id}", "Work request raised.", who)


@router.post("/cases/{case_id}/verdicts")
def give_verdict(
    request: Request,
    plant: ThePlant,
    case_id: str,
    found: Annotated[Found, Form()],
    by: By = "",
    inspected: Annotated[bool, Form()] = False,
    severity: Annotated[Severity, Form()] = "",
    failure_mode: Annotated[str, Form(max_length=120)] = "",
    action: Annotated[Action, Form()] = "nothing",
    restores: Annotated[bool, Form()] = False,
    comment: Text = "",
    after: Annotated[str, Form(max_length=500)] = "/alerts",
) -> RedirectResponse:
    """What was found and done; it closes the case."""
    who = acting(request, by)
    damage = found == "damage"
    record_verdict(
        plant,
        case_id,
        by=who,
        inspected=inspected,
        found=found,
        severity=severity if damage else "",
        failure_mode=failure_mode if damage else "",
        action=action,
        restores=restores,
        comment=comment,
    )
    return back(request, local_path(after, "/alerts"), "Verdict recorded: the case is closed.", who)
