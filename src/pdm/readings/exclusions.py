"""Times that say nothing about wear: intervals in which nothing is learnt or nobody is alerted, and new baselines.

A trial run, a sensor being replaced, a flooded cellar: people mark them, and the marks are data with two times like all else.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pdm.clock import aware
from pdm.errors import InputError, NotFound
from pdm.readings.baselines import DECLARED
from pdm.readings.events import append_events
from pdm.readings.sql import arrow, ask, identifiers, newest
from pdm.readings.tables import EXCLUSIONS, HistoryTables


def exclude(
    history: HistoryTables,
    asset: str,
    start: datetime | float,
    end: datetime | float | None,
    *,
    reason: str,
    now: datetime,
    learn: bool = False,
    alert: bool = False,
) -> str:
    """Mark an interval of one asset, both ends included; its id. Marking the same interval again revises it.

    start, end: aware times, or usage for a class that ages by a counter; `end` None: until further notice.
    learn, alert: what may still be done in it.

    Raises:
        InputError: no reason is given, or the interval ends before it starts.
    """
    if not reason.strip():
        raise InputError(f"an exclusion of {asset} needs a reason", hint="say why nothing can be learnt here")
    calendar = isinstance(start, datetime)
    if end is not None and (isinstance(end, datetime) != calendar or end < start):  # type: ignore[operator]  # same kind by then
        raise InputError(f"the exclusion of {asset} ends ({end}) before it starts ({start})")
    key = f"{asset}|{start.isoformat() if isinstance(start, datetime) else start}"
    moments = {"start": _utc(start), "end": _utc(end)} if calendar else {"start_usage": start, "end_usage": end}
    row = {
        "exclusion_id": hashlib.sha256(key.encode()).hexdigest()[:16],
        "asset": asset,
        "reason": reason,
        "learn": learn,
        "alert": alert,
        "void": False,
    } | moments
    return _append(history, row, now)


def take_back_exclusion(history: HistoryTables, exclusion_id: str, *, reason: str, now: datetime) -> str:
    """Void an exclusion; readers as of before `now` still see it.

    Raises:
        NotFound: there is no such exclusion.
    """
    known = read_exclusions(history)
    known = known[known["exclusion_id"] == exclusion_id]
    if known.empty:
        raise NotFound(f"no exclusion {exclusion_id}", hint="it was taken back already, or never made")
    row = arrow(known, EXCLUSIONS).to_pylist()[0]
    return _append(history, row | {"reason": reason, "void": True}, now)


def read_exclusions(history: HistoryTables, *, known_at: datetime | None = None) -> pd.DataFrame:
    """Exclusions in force as known at `known_at`: columns of `EXCLUSIONS`, sorted by asset and start."""
    table = history.dataset("exclusions")
    condition = "recorded_at <= $known_at" if known_at else "true"
    found = ask(
        f"""SELECT {identifiers(EXCLUSIONS.names)} FROM ({newest("exclusions", ("exclusion_id",), condition)})
        WHERE NOT void ORDER BY asset, start, start_usage""",
        {"exclusions": EXCLUSIONS.empty_table() if table is None else table},
        {"known_at": aware(known_at)} if known_at else {},
    ).cast(EXCLUSIONS)
    frame: pd.DataFrame = found.to_pandas()
    return frame.astype({"learn": bool, "alert": bool, "void": bool})


def excluded(rows: pd.DataFrame, exclusions: pd.DataFrame, *, use: Literal["learn", "alert"]) -> npt.NDArray[np.bool_]:
    """Which rows (`asset`, `time`) lie in an interval in which they may not be used to `learn` or to `alert`.

    >>> rows = pd.DataFrame({"asset": ["A", "A"], "time": pd.to_datetime(["2025-01-01", "2025-01-03"], utc=True)})
    >>> marks = rows.head(1).assign(start=rows["time"], end=rows["time"], learn=False, alert=True)
    >>> excluded(rows, marks, use="learn").tolist(), excluded(rows, marks, use="alert").tolist()
    ([True, False], [False, False])
    """
    mask = np.zeros(len(rows), dtype=bool)
    marks = exclusions[~exclusions[use].astype(bool)]
    if marks.empty or rows.empty:
        return mask
    calendar = isinstance(rows["time"].dtype, pd.DatetimeTZDtype)
    start, end = ("start", "end") if calendar else ("start_usage", "end_usage")
    numbered = rows[["asset", "time"]].assign(row=np.arange(len(rows)))
    found = ask(
        f"""SELECT r.row FROM numbered r SEMI JOIN marks m
        ON r.asset = m.asset AND r.time >= m."{start}" AND (m."{end}" IS NULL OR r.time <= m."{end}")""",
        {
            "numbered": arrow(numbered),
            "marks": arrow(marks[["asset", start, end]]),
        },
    )
    mask[found["row"].to_numpy()] = True
    return mask


def rebaseline(
    history: HistoryTables, asset: str, at: datetime, *, reason: str, now: datetime, usage: float | None = None
) -> None:
    """Declare that from `at` on the machine has a new normal (a process change, another product): an event like any other.

    Raises:
        InputError: no reason is given.
    """
    if not reason.strip():
        raise InputError(f"a new baseline of {asset} needs a reason", hint="say what has changed")
    event = {"asset": asset, "time": aware(at), "kind": DECLARED, "text": reason, "usage": usage}
    append_events(history, pd.DataFrame([event]), now=now, source="people")


def _append(history: HistoryTables, row: dict[str, object], now: datetime) -> str:
    """Append one version, later than the one before even when the clock stands still."""
    moment = aware(now)
    table = history.dataset("exclusions")
    if table is not None:
        found = ask(
            "SELECT max(recorded_at) + INTERVAL 1 microsecond AS earliest FROM exclusions WHERE exclusion_id = $id",
            {"exclusions": table},
            {"id": row["exclusion_id"]},
        )
        moment = max(moment, found["earliest"][0].as_py() or moment)
    history.append("exclusions", pa.Table.from_pylist([row | {"recorded_at": moment}], EXCLUSIONS))
    return str(row["exclusion_id"])


def _utc(moment: datetime | float | None) -> datetime | None:
    return aware(moment) if isinstance(moment, datetime) else None
