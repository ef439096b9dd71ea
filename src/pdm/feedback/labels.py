"""Verdicts as event rows: what learning reads, in the same table as the maintenance history."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pandas as pd

from pdm.feedback.verdict import Verdict
from pdm.readings.happenings import VERDICT
from pdm.readings.tables import EVENTS

_AFTER = timedelta(seconds=1)
"""The repair follows the damage it repairs; a life ends before the next one begins."""


def label_events(
    verdict: Verdict, *, failure_mode: str, maintainable_item: str, mode: str = "", usage: float | None = None
) -> pd.DataFrame:
    """The events that follow from one verdict, with the columns of `EVENTS`.

    Damage becomes a `failure` with the severity as found (which severities count is the failure mode's business), a repair or
    replacement that restores becomes a `repair` one second later, nothing found an `inspection`, a process change a
    `process_change`. A sensor fault is an `inspection` too: the machine was looked at and was sound.

    failure_mode, maintainable_item: as found, else as suspected. mode: the ISO 14224 mode of that failure mode.
    usage: position on a usage axis when it was found; None on the calendar.

    A case gives at most one event of each kind, and its id says so: writing a verdict again adds nothing.
    """
    rows: list[dict[str, Any]] = []
    common: dict[str, Any] = {
        "asset": verdict.asset,
        "usage": usage,
        "recorded_at": verdict.recorded_at,
        "maintainable_item": maintainable_item,
        "failure_mode": failure_mode,
        "mechanism": verdict.mechanism,
        "cause": verdict.cause,
        "text": verdict.comment,
        "source": VERDICT,
        "mode": mode,
    }
    if verdict.found == "damage":
        rows.append(common | {"kind": "failure", "time": verdict.at, "severity": verdict.severity})
    elif verdict.found == "process change":
        rows.append(common | {"kind": "process_change", "time": verdict.at, "failure_mode": "", "mode": ""})
    else:
        rows.append(common | {"kind": "inspection", "time": verdict.at, "failure_mode": "", "mode": ""})
    if verdict.action in ("repaired", "replaced"):
        rows.append(common | {"kind": "repair", "time": verdict.at + _AFTER, "restores": verdict.restores})
    return _frame([row | {"event_id": _event_id(verdict.case_id, row["kind"])} for row in rows])


def _event_id(case_id: str, kind: str) -> str:
    return hashlib.sha256(f"{VERDICT}|{case_id}|{kind}".encode()).hexdigest()


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    defaults: dict[str, Any] = dict.fromkeys(EVENTS.names, "") | {
        "usage": None,
        "restores": False,
        "source_row": None,
        "void": False,
    }
    frame = pd.DataFrame([defaults | row for row in rows], columns=EVENTS.names)
    return frame.astype(
        {
            "time": "datetime64[us, UTC]",
            "recorded_at": "datetime64[us, UTC]",
            "usage": "float64",
            "restores": "bool",
            "void": "bool",
            "source_row": "Int64",
        }
    )
