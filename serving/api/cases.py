"""Cases: the work request that comes out of one, and the verdict that ends it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from pdm.operations.answer_case import assign_case, claim_case, release_case
from pdm.operations.raise_request import raise_request
from pdm.operations.record_verdict import record_verdict
from pdm.operations.reopen_case import reopen_case
from pdm.views.queue import case_queue, open_cases
from pdm.views.savings import savings
from serving.api.paging import Limit, Moment, Offset, page
from serving.api.schemas import CaseOut, Page, RequestOut, VerdictOut
from serving.api.schemas_alerting import Assign
from serving.api.schemas_cases import LedgerOut, QueuedCaseOut
from serving.api.verbs import Act, Reasoned
from serving.context import ThePlant

router = APIRouter(prefix="/v1", tags=["cases"])
Id = Annotated[str, Path(description="The case's id.")]
Found = Literal["damage", "nothing", "sensor fault", "process change"]
Severity = Literal["", "critical", "degraded", "incipient"]
Action = Literal["repaired", "replaced", "monitored", "nothing"]


class VerdictIn(BaseModel):
    """As found and what was done, kept apart. Whether the alert was right is derived, never typed in."""

    by: str = Field(min_length=1, max_length=120, pattern=r"\S")
    inspected: bool = Field(description="Was the suspected item opened or measured?")
    found: Found
    severity: Severity = Field("", description="As found; needed when damage was found.")
    failure_mode: str = Field("", max_length=120, description="The mode that was found; default: the suspected one.")
    cause: str = Field("", max_length=500)
    action: Action = "nothing"
    restores: bool = Field(False, description="As good as new: a new life begins.")
    actual_hours: float | None = Field(None, ge=0, le=100_000)
    comment: str = Field("", max_length=5000)
    at: Moment | None = Field(None, description="When it was found; default: now.")

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "by": "Ada",
                    "inspected": True,
                    "found": "damage",
                    "severity": "degraded",
                    "action": "replaced",
                    "restores": True,
                    "comment": "inner race spalled",
                }
            ]
        },
    )


@router.get("/cases")
def list_cases(
    plant: ThePlant,
    asset: Annotated[str | None, Query(description="Only this asset.")] = None,
    state: Annotated[Literal["open", "closed"] | None, Query(description="Default: both.")] = None,
    limit: Limit = 200,
    offset: Offset = 0,
) -> Page[CaseOut]:
    """Cases, newest first."""
    with plant.unit_of_work() as work:
        return page(CaseOut, work.cases.list(asset=asset, state=state), limit, offset)


@router.get("/cases/queue")
def list_waiting_cases(
    plant: ThePlant,
    owner: Annotated[str | None, Query(max_length=120, description="Whose; default: those without an owner.")] = None,
    limit: Limit = 200,
    offset: Offset = 0,
) -> Page[QueuedCaseOut]:
    """Open cases that nobody looks after, or somebody's own, the most urgent first."""
    found = case_queue(plant) if owner is None else open_cases(plant, owners=(owner,))
    return page(QueuedCaseOut, found, limit, offset)


@router.get("/cases/{case_id}")
def get_case(plant: ThePlant, case_id: Id) -> CaseOut:
    """One case."""
    with plant.unit_of_work() as work:
        return CaseOut.model_validate(work.cases.get(case_id))


@router.post("/cases/{case_id}/claim")
def claim(plant: ThePlant, case_id: Id, act: Act) -> CaseOut:
    """Take it on, with every alert open in it."""
    return CaseOut.model_validate(claim_case(plant, case_id, by=act.by, why=act.why))


@router.post("/cases/{case_id}/assign")
def assign(plant: ThePlant, case_id: Id, act: Assign) -> CaseOut:
    """Give it to somebody."""
    return CaseOut.model_validate(assign_case(plant, case_id, to=act.to, by=act.by, why=act.why))


@router.post("/cases/{case_id}/release")
def release(plant: ThePlant, case_id: Id, act: Act) -> CaseOut:
    """Put it back into the queue."""
    return CaseOut.model_validate(release_case(plant, case_id, by=act.by, why=act.why))


@router.post("/cases/{case_id}/reopen", status_code=201)
def reopen(plant: ThePlant, case_id: Id, act: Reasoned) -> CaseOut:
    """Open a closed case again because its repair did not help: the answer is the new case that follows it."""
    return CaseOut.model_validate(reopen_case(plant, case_id, by=act.by, why=act.why))


@router.get("/savings")
def list_savings(plant: ThePlant) -> list[LedgerOut]:
    """What closed cases saved or cost, one ledger for each currency, with its assumptions."""
    return [LedgerOut.model_validate(one) for one in savings(plant)]


@router.post("/cases/{case_id}/requests", status_code=201)
def create_request(plant: ThePlant, case_id: Id, act: Act) -> RequestOut:
    """Raise the work request of a case; asking again finds the first one, because case and mode are its key."""
    return RequestOut.model_validate(raise_request(plant, case_id, by=act.by))


@router.get("/cases/{case_id}/verdicts")
def list_verdicts(plant: ThePlant, case_id: Id, limit: Limit = 200, offset: Offset = 0) -> Page[VerdictOut]:
    """What was found about a case."""
    with plant.unit_of_work() as work:
        work.cases.get(case_id)
        return page(VerdictOut, work.verdicts.for_case(case_id), limit, offset)


@router.post("/cases/{case_id}/verdicts", status_code=201)
def create_verdict(plant: ThePlant, case_id: Id, verdict: VerdictIn) -> VerdictOut:
    """Say what was found and done: it closes the case, its alerts and requests, and becomes a label for the next training."""
    values = verdict.model_dump(exclude={"by"}, exclude_none=True)
    return VerdictOut.model_validate(record_verdict(plant, case_id, by=verdict.by, **values))
