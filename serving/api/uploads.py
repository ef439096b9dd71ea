"""Files and rows on their way in: names made harmless, bodies put where the operations read files from."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Annotated, Any

from fastapi import UploadFile
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST_ROWS = 50_000
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"\S")]
Row = Annotated[dict[str, float | bool | str | None], Field(min_length=2, max_length=500)]


class IngestOut(BaseModel):
    """What was done with what came in; `quarantine` names the file in the plant's quarantine folder."""

    rows_read: int
    rows_stored: int
    cells_new: int
    cells_duplicate: int
    cells_conflicting: int
    rows_quarantined: int
    quarantine: str
    findings: list[str]
    seconds: float
    version: int

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "rows_read": 24,
                    "rows_stored": 24,
                    "cells_new": 168,
                    "cells_duplicate": 0,
                    "cells_conflicting": 0,
                    "rows_quarantined": 0,
                    "quarantine": "",
                    "findings": ["P-101 vibration: out of range at 2026-11-21 05:00"],
                    "seconds": 0.12,
                    "version": 7,
                }
            ]
        }
    )


def answer(report: Any) -> IngestOut:
    """An `IngestReport` without this machine's folders in it."""
    return IngestOut(
        rows_read=report.rows_read,
        rows_stored=report.rows_stored,
        cells_new=report.cells_new,
        cells_duplicate=report.cells_duplicate,
        cells_conflicting=report.cells_conflicting,
        rows_quarantined=report.rows_quarantined,
        quarantine=Path(report.quarantine_file).name if report.quarantine_file else "",
        findings=[getattr(finding, "sentence", str(finding)) for finding in report.findings],
        seconds=round(report.seconds, 3),
        version=report.version,
    )


def harmless_name(name: str | None) -> str:
    """The last part of a file name, letters and digits only: it becomes a file in a folder of ours.

    >>> harmless_name("../../etc/pass wd.csv"), harmless_name(""), harmless_name("..")
    ('pass_wd.csv', 'upload', 'upload')
    """
    last = re.split(r"[/\\]", name or "")[-1]
    return re.sub(r"[^\w.-]+", "_", last)[-100:].lstrip(".") or "upload"


def keep(upload: UploadFile, folder: Path) -> Path:
    """The uploaded file under a harmless name in `folder`."""
    path = folder / harmless_name(upload.filename)
    with path.open("wb") as target:
        shutil.copyfileobj(upload.file, target, 1 << 20)
    return path
