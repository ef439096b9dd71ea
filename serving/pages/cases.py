"""The cases that wait, the questions to operations, and what closed cases saved."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse

from pdm.operations.answer_case import assign_case, claim_case, release_case
from pdm.operations.answer_notice import answer_notice
from pdm.operations.reopen_case import reopen_case
from pdm.views.cases import Whose, case_board
from pdm.views.notices import notices
from pdm.views.savings import savings_pages
from serving.context import TheContext, ThePlant, who_of
from serving.pages.forms import By, Text, acting, back, local_path

router = APIRouter()
Verb = Literal["claim", "assign", "release", "reopen"]


@router.get("/cases")
def show_cases(request: Request, context: TheContext, plant: ThePlant, whose: Whose = "all") -> HTMLResponse:
    """Every open case, the most urgent first."""
    return context.page(request, "cases.html", board=case_board(plant, whose=whose, who=who_of(request)), whose=whose)


@router.post("/cases/{case_id}/{verb}")
def answer_case(
    request: Request,
    plant: ThePlant,
    case_id: str,
    verb: Verb,
    by: By = "",
    why: Text = "",
    to: Annotated[str, Form(max_length=120)] = "",
    after: Annotated[str, Form(max_length=500)] = "/cases",
) -> RedirectResponse:
    """One of the verbs; `to`: whose it becomes."""
    who = acting(request, by)
    if verb == "assign":
        done = f"{assign_case(plant, case_id, to=to, by=who, why=why).asset} is {to.strip()}'s."
    elif verb == "claim":
        done = f"{claim_case(plant, case_id, by=who, why=why).asset} is yours."
    elif verb == "reopen":
        done = f"{reopen_case(plant, case_id, by=who, why=why).asset} is open again, as a new case."
    else:
        done = f"{release_case(plant, case_id, by=who, why=why).asset} is back in the queue."
    return back(request, local_path(after, "/cases"), done, who)


@router.get("/notices")
def show_notices(request: Request, context: TheContext, plant: ThePlant) -> HTMLResponse:
    """What operations is asked."""
    return context.page(request, "notices.html", page=notices(plant))


@router.post("/notices/{notice_id}/answer")
def answer_question(
    request: Request, plant: ThePlant, notice_id: str, answer: Text = "", why: Text = "", by: By = ""
) -> RedirectResponse:
    """Say what it is, with a reason."""
    who = acting(request, by)
    done = answer_notice(plant, notice_id, answer=answer, by=who, why=why)
    said = {
        "process": "Answered: it is the process. The alerts it explains are closed.",
        "machine": "Answered: each machine is looked at for itself.",
    }
    return back(request, "/notices", said[done.answer], who)


@router.get("/savings")
def show_savings(request: Request, context: TheContext, plant: ThePlant) -> HTMLResponse:
    """What closed cases saved or cost."""
    return context.page(request, "savings.html", pages=savings_pages(plant))
