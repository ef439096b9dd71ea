"""Failures that people report, whether anybody predicted them or not."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from pdm.operations.report_failure import report_failure
from serving.api.paging import Moment
from serving.api.schemas import MOMENT, _example
from serving.context import ThePlant

router = APIRouter(prefix="/v1", tags=["events"])


class FailureIn(BaseModel):
    """One failure as a person saw it."""

    asset: str = Field(min_length=1, max_length=200, description="The asset's tag.")
    by: str = Field(min_length=1, max_length=120, pattern=r"\S", description="Who reports it.")
    at: Moment = Field(description="When it failed.")
    failure_mode: str = Field("unspecified", max_length=120, description="As the catalogue names it.")
    severity: Literal["critical", "degraded", "incipient"] = Field("critical", description="As found.")
    text: str = Field("", max_length=4000)

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "asset": "P-101",
                    "by": "Ben",
                    "at": "2026-11-20T03:10:00Z",
                    "failure_mode": "seal_leak",
                    "text": "tripped at night, seal gone",
                }
            ]
        },
    )


class FailureOut(BaseModel):
    """What is on record; `new` is false where it had been reported before, `case_id` empty where no case was open."""

    event_id: str
    asset: str
    failure_mode: str
    severity: str
    at: datetime
    by: str
    case_id: str
    new: bool

    model_config = _example(
        event_id="5e0c",
        asset="P-101",
        failure_mode="seal_leak",
        severity="critical",
        at=MOMENT,
        by="Ben",
        case_id="",
        new=True,
    )


@router.post("/failures", status_code=201)
def report(plant: ThePlant, body: FailureIn, response: Response) -> FailureOut:
    """Report a failure, above all one that nobody predicted: it counts as missed, and the next training learns from it."""
    done = report_failure(plant, **body.model_dump())
    if not done.new:
        response.status_code = 200
    return FailureOut.model_validate(done, from_attributes=True)
