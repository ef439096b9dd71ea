"""Readings on their way in: rows as JSON, or a CSV or Parquet file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import pandas as pd
from fastapi import APIRouter, Form, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from pdm.operations.ingest_readings import ingest_readings
from serving.api.uploads import MOST_ROWS, IngestOut, Name, Row, answer, keep
from serving.context import ThePlant

router = APIRouter(prefix="/v1", tags=["readings"])


class ReadingsIn(BaseModel):
    """Rows, wide (asset, time, one value per channel) or narrow (asset, time, channel, value)."""

    asset_class: Name
    source: Name = "api"
    time_zone: str | None = Field(None, max_length=64, description="IANA zone of times that carry none.")
    rows: list[Row] = Field(min_length=1, max_length=MOST_ROWS)

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "asset_class": "pump",
                    "source": "historian",
                    "rows": [{"asset": "P-101", "time": "2026-11-21T06:00:00Z", "vibration": 7.3, "speed": 1480.0}],
                },
                {
                    "asset_class": "pump",
                    "rows": [{"asset": "P-101", "time": "2026-11-21T06:00:00Z", "channel": "vibration", "value": 7.3}],
                },
            ]
        },
    )


@router.post("/readings")
def send_readings(plant: ThePlant, body: ReadingsIn) -> IngestOut:
    """Store rows. Sending them twice changes nothing; rows that cannot be used go to quarantine with their reason."""
    report = ingest_readings(
        plant,
        pd.DataFrame(body.rows),
        asset_class=body.asset_class,
        source=body.source,
        time_zone=body.time_zone,
    )
    return answer(report)


@router.post("/readings/files")
def send_file(
    plant: ThePlant,
    file: UploadFile,
    asset_class: Annotated[Name, Form()],
    source: Annotated[Name, Form()] = "files",
    time_zone: Annotated[str | None, Form(max_length=64)] = None,
) -> IngestOut:
    """Store a CSV or Parquet file, wide or narrow."""
    with tempfile.TemporaryDirectory(prefix="plantpdm-upload-") as folder:
        path = keep(file, Path(folder))
        return answer(
            ingest_readings(plant, [path], asset_class=asset_class, source=source, time_zone=time_zone or None)
        )
