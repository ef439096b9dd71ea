"""The dates of a list as moments: a date and a clock time in two columns, the dates that mean nothing, and bare days.

All dates of a file are read together, so that one `13/05/2026` anywhere tells how `03/05/2026` is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from pdm.readings.intake import future
from pdm.readings.timestamps import to_times
from pdm.readings.troubles import Troubles
from pdm.records.sheet import Sheet

AT_DAYS_END = frozenset({"created", "changed", "noted", "ended", "finished", "closed", "removed", "due_end"})
"""A bare day of these counts as over: what was entered on a day was not known in its morning, and work ends after it began."""

_NOTHING = r"^(?:0{1,2}[./-]0{1,2}[./-]0{4}|0{4}-?0{2}-?0{2}|31[./-]12[./-]9999|12/31/9999|9999-12-31.*|0+|-+)$"
_MIDNIGHT = r"[T ]00:00:00(?:\.0+)?$"


def read_times(
    sheet: Sheet,
    fields: Sequence[str],
    *,
    zone: str | None,
    source: str,
    now: datetime,
    troubles: Troubles,
    day_first: bool | None = None,
    plans: frozenset[str] = frozenset(),
) -> pd.DataFrame:
    """One column of UTC moments per field, NaT where the list says nothing.

    plans: fields that may lie ahead. A cell that is no date, or lies in the future without being a plan, turns its row away.

    Raises:
        ZoneQuestion: no zone is known for the clock of this source.
        InputError: `03/05/2026`, and no row tells which number is the day.
    """
    size = len(sheet.raw.frame)
    spelt = {field: _spell(sheet, field) for field in fields}
    words = {field: text for field, (text, _) in spelt.items()}
    stacked = pd.concat([words[field] for field in fields], ignore_index=True)
    # Most date cells of most lists are empty: only those that say something are worth the reading.
    said = np.flatnonzero(stacked.ne("").to_numpy())
    series = np.repeat(np.arange(len(fields), dtype=np.int64), size)
    found = to_times(
        stacked.iloc[said].reset_index(drop=True), zone=zone, source=source, series=series[said], day_first=day_first
    )
    every = pd.Series(pd.NaT, index=range(len(stacked)), dtype="datetime64[us, UTC]")
    every.iloc[said] = found.times.array
    reasons = {int(said[n]): reason for n, reason in found.reasons.items()}
    moments: dict[str, pd.Series] = {}
    for number, field in enumerate(fields):
        first = number * size
        part = every.iloc[first : first + size].reset_index(drop=True)
        wrong = {n - first: reason for n, reason in reasons.items() if first <= n < first + size}
        title = f"{sheet.columns.get(field, field)}: "
        troubles.add(wrong, title)
        # The end of today has not come yet: what bears today's date is known now.
        today = spelt[field][1] & (part > now) & (part - timedelta(days=1) <= now)
        part = part.where(~today, pd.Timestamp(now))
        if field not in plans:
            troubles.add(future(part, now), title)
        moments[field] = part
    return pd.DataFrame(moments)


def _spell(sheet: Sheet, field: str) -> tuple[pd.Series, pd.Series]:
    """Date and clock time of a field as one text, and where the end of a bare day was meant."""
    day = sheet.cells(field).reset_index(drop=True)
    day = day.mask(day.str.match(_NOTHING), "").astype("str")
    if f"{field}_time" in sheet.columns or sheet.kind.system == "sap":
        day = day.str.replace(_MIDNIGHT, "", regex=True)  # how a spreadsheet writes a bare date
    clock = sheet.cells(f"{field}_time").reset_index(drop=True)
    clock = clock.str.replace(r"^(\d{2})(\d{2})(\d{2})$", r"\1:\2:\3", regex=True)
    clock = clock.str.replace(r"^24:00(?::00)?$", "23:59:59", regex=True)  # SAP's own midnight at the end of a day
    bare = day.ne("") & ~day.str.contains(r":|^\d{9,}")
    end = bare & clock.eq("") & (field in AT_DAYS_END)
    clock = clock.mask(end, "23:59:59")
    return day.where(~bare | clock.eq(""), day + " " + clock).astype("str"), end
