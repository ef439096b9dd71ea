"""Scoring on demand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from pdm.operations.score_fleet import score_fleet
from serving.context import ThePlant

router = APIRouter(prefix="/v1", tags=["scoring"])


class ScoringOut(BaseModel):
    """What one round of scoring did."""

    assessed: int
    without_model: int
    raised: int
    reopened: int
    returned: int
    cases_opened: int
    requests_drafted: int

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "assessed": 60,
                    "without_model": 0,
                    "raised": 2,
                    "reopened": 0,
                    "returned": 1,
                    "cases_opened": 1,
                    "requests_drafted": 1,
                }
            ]
        }
    )


@router.post("/score")
def score(
    plant: ThePlant, asset_class: Annotated[str | None, Query(description="Only this class.", max_length=120)] = None
) -> ScoringOut:
    """Score the fleet as known now. 409 while somebody else is scoring."""
    report = score_fleet(plant, asset_class=asset_class, holder="service")
    alerts = report.alerts
    return ScoringOut(
        assessed=report.assessed,
        without_model=report.without_model,
        raised=_count(alerts.raised),
        reopened=_count(alerts.reopened),
        returned=_count(alerts.returned),
        cases_opened=_count(alerts.cases_opened),
        requests_drafted=_count(alerts.requests_drafted),
    )


def _count(found: object) -> int:
    return found if isinstance(found, int) else len(found)  # type: ignore[arg-type]
