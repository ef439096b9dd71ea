"""Events on their way in: failures, repairs, preventive tasks, inspections, error codes."""

from __future__ import annotations

import pandas as pd
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from pdm.operations.ingest_events import ingest_events
from serving.api.uploads import MOST_ROWS, IngestOut, Name, Row, answer
from serving.context import ThePlant

router = APIRouter(prefix="/v1", tags=["events"])


class EventsIn(BaseModel):
    """Event rows: asset, time, kind, and what is known of code, item, mode, severity and text."""

    source: Name = "api"
    time_zone: str | None = Field(None, max_length=64, description="IANA zone of times that carry none.")
    rows: list[Row] = Field(min_length=1, max_length=MOST_ROWS)

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "source": "cmms",
                    "rows": [
                        {
                            "asset": "P-101",
                            "time": "2026-11-20T14:00:00Z",
                            "kind": "repair",
                            "maintainable_item": "bearing",
                            "restores": True,
                            "text": "bearing replaced",
                        }
                    ],
                }
            ]
        },
    )


@router.post("/events")
def send_events(plant: ThePlant, body: EventsIn) -> IngestOut:
    """Store events. The same event sent twice is stored once."""
    return answer(ingest_events(plant, pd.DataFrame(body.rows), source=body.source, time_zone=body.time_zone))
