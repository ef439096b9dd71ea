"""One alert: the eleven items, and the buttons that answer it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse

from pdm.operations.add_comment import add_comment
from pdm.operations.answer_alert import (
    acknowledge_alert,
    assign_alert,
    claim_alert,
    close_alert,
    release_alert,
    return_alert_to_service,
    shelve_alert,
    take_out_of_service,
    unshelve_alert,
)
from pdm.operations.raise_request import raise_request
from pdm.operations.record_verdict import record_verdict
from pdm.ports import Plant
from pdm.views.alert import alert_page
from serving.api.cases import Action, Found, Severity
from serving.context import TheContext, ThePlant
from serving.pages.forms import By, Text, acting, back, local_path

router = APIRouter()
Verb = Literal[
    "acknowledge", "claim", "assign", "release", "shelve", "unshelve", "silence", "unsilence", "comment", "close"
]
_DONE = {
    "acknowledge": "Acknowledged.",
    "claim": "Claimed: it is yours.",
    "release": "Released.",
    "shelve": "Shelved.",
    "unshelve": "Back from the shelf.",
    "close": "Closed.",
    "assign": "Assigned.",
    "comment": "Noted.",
    "silence": "Out of service until it is returned.",
    "unsilence": "Back in service.",
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
    to: Annotated[str, Form(max_length=120)] = "",
) -> RedirectResponse:
    """One of the verbs; `days` is how long to shelve, `to` whose it becomes."""
    who = acting(request, by)
    if verb == "shelve":
        until = plant.clock.now() + timedelta(days=days)
        shelve_alert(plant, alert_id, by=who, why=why, until=until)
    elif verb == "assign":
        assign_alert(plant, alert_id, to=to, by=who, why=why)
    elif verb == "comment":
        add_comment(plant, f"alert:{alert_id}", by=who, text=why)
    elif verb == "silence":
        _silence(plant, alert_id, who, why)
    else:
        verbs = {
            "acknowledge": acknowledge_alert,
            "claim": claim_alert,
            "release": release_alert,
            "unshelve": unshelve_alert,
            "unsilence": return_alert_to_service,
            "close": close_alert,
        }
        verbs[verb](plant, alert_id, by=who, why=why)
    return back(request, f"/alerts/{alert_id}", _DONE[verb], who)


def _silence(plant: Plant, alert_id: str, by: str, why: str) -> None:
    with plant.unit_of_work() as work:
        alert = work.alerts.get(alert_id)
    take_out_of_service(plant, alert.asset, alert.failure_mode, by=by, why=why)


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
