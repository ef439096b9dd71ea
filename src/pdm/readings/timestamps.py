"""From the cells of a time column to moments: ISO 8601, the usual local spellings, seconds or milliseconds since 1970.

Times that carry an offset or count from 1970 are moments already; the others are what a clock on the wall showed, and `zones`
turns them into moments. `03/05/2026` is the third of May or the fifth of March: the column's other rows decide, else the sender.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pdm.errors import InputError
from pdm.readings.cells import as_text
from pdm.readings.zones import ask_for_zone, localise

_OFFSET = r"(?:Z|\d[+-]\d{2}:?\d{2}|:\d{2}(?:\.\d+)?[+-]\d{2})$"
_EPOCH = r"^\d{9,19}(?:\.\d+)?$"
_SLASHED = r"^\d{1,2}[/-]\d{1,2}[/-]\d{2}(?:\d{2})?\b"
_OLDEST = np.datetime64("1970-01-02", "us").astype(np.int64)
_NOON = np.timedelta64(12, "h")
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "mär": 3, "mrz": 3, "apr": 4, "may": 5, "mai": 5, "jun": 6, "jul": 7, "aug": 8,
    "sep": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12, "dez": 12,
}  # fmt: skip


@dataclass(frozen=True)
class Times:
    """times: [n] UTC timestamps or float64 positions, NaT/NaN where there is none. reasons: row index -> why there is none.

    guessed: [n] rows in the doubled hour of autumn whose order did not tell which one is meant.
    """

    times: pd.Series
    reasons: dict[int, str]
    guessed: npt.NDArray[np.bool_]


def to_times(
    cells: pd.Series,
    *,
    zone: str | None,
    source: str,
    series: npt.NDArray[np.int64],
    day_first: bool | None = None,
) -> Times:
    """The moments of one column.

    cells: text, timestamps or numbers since 1970. zone: of naive times; None asks.
    series: [n] rows that follow one another (see `zones.localise`). day_first: how to read `03/05/2026`; None decides by the rows.

    Raises:
        ZoneQuestion: naive times and no zone.
        InputError: day and month cannot be told apart.
    """
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        stamps = pd.DatetimeIndex(cells)
        if stamps.tz is not None:
            return _finish(cells, stamps.tz_convert("UTC").as_unit("us"), {}, np.zeros(len(cells), dtype=bool))
        walls = stamps.as_unit("us")
        moments = pd.DatetimeIndex(np.full(len(cells), np.datetime64("NaT"), "datetime64[us]")).tz_localize("UTC")
    else:
        text = pd.Series(as_text(cells).to_numpy(zero_copy_only=False), dtype="str").str.strip()
        codes, distinct = pd.factorize(text)
        walls_of, moments_of = _parse(pd.Series(distinct, dtype="str"), day_first)
        walls, moments = walls_of[codes], moments_of[codes]
    return _combine(cells, walls, moments, zone, source, series)


def _combine(
    cells: pd.Series,
    walls: pd.DatetimeIndex,
    moments: pd.DatetimeIndex,
    zone: str | None,
    source: str,
    series: npt.NDArray[np.int64],
) -> Times:
    naive: npt.NDArray[np.bool_] = np.asarray(walls.notna(), dtype=bool)
    reasons: dict[int, str] = {}
    guessed = np.zeros(len(cells), dtype=bool)
    if naive.any():
        if zone is None:
            raise ask_for_zone(source, str(cells.iloc[int(np.flatnonzero(naive)[0])]))
        local = localise(walls, zone, series)
        moments = pd.DatetimeIndex(np.where(naive, local.times.asi8, moments.asi8).view("datetime64[us]"))
        moments = moments.tz_localize("UTC")
        guessed = local.guessed
        for n in np.flatnonzero(local.missing_hour).tolist():
            reasons[n] = f"{cells.iloc[n]} does not exist in {zone}: the clocks go forward over it"
    return _finish(cells, moments, reasons, guessed)


def _finish(
    cells: pd.Series, moments: pd.DatetimeIndex, reasons: dict[int, str], guessed: npt.NDArray[np.bool_]
) -> Times:
    values = moments.asi8.copy()
    absent: npt.NDArray[np.bool_] = np.asarray(moments.isna(), dtype=bool)
    old = ~absent & (values < _OLDEST)
    for n in np.flatnonzero(absent).tolist():
        shown = "" if cells.iloc[n] is pd.NaT or pd.isna(cells.iloc[n]) else str(cells.iloc[n]).strip()
        reasons.setdefault(n, f"{shown!r} is no time" if shown else "the time is missing")
    for n in np.flatnonzero(old).tolist():
        reasons[n] = f"{cells.iloc[n]} lies before 1970"
    values[old] = np.iinfo(np.int64).min
    times = pd.Series(pd.DatetimeIndex(values.view("datetime64[us]")).tz_localize("UTC"))
    return Times(times, dict(sorted(reasons.items())), guessed)


def _parse(text: pd.Series, day_first: bool | None) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    """Distinct spellings as (wall times, moments); each spelling fills at most one of the two."""
    clean = _rewrite(
        as_text(text),
        (r"\s*(?:UTC|GMT)$", "Z"),
        (r"(:\d{2}),(\d+)", r"\1.\2"),
        (r"\s+([+-]\d{2}:?\d{2})$", r"\1"),
    )
    walls = np.full(len(text), np.datetime64("NaT"), dtype="datetime64[us]")
    moments = walls.copy()
    epoch = _matches(clean, _EPOCH)
    if epoch.any():
        moments[epoch] = _since_1970(np.asarray(pc.cast(clean.filter(pa.array(epoch)), pa.float64())))
    offset = ~epoch & _matches(clean, _OFFSET)
    stamps = _iso(pc.if_else(pa.array(epoch), "", clean))
    moments[offset] = stamps[offset]
    walls[~offset & ~epoch] = stamps[~offset & ~epoch]
    left = np.isnat(walls) & np.isnat(moments) & np.asarray(pc.not_equal(clean, ""))
    if left.any():
        walls[left] = _local(clean.filter(pa.array(left)), day_first)
    return pd.DatetimeIndex(walls), pd.DatetimeIndex(moments).tz_localize("UTC")


def _since_1970(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.datetime64]:
    """Seconds, milli-, micro- or nanoseconds, told apart by their size (seconds reach to the year 5138)."""
    scale = np.select([numbers < 1e11, numbers < 1e14, numbers < 1e17], [1e6, 1e3, 1.0], 1e-3)
    moments: npt.NDArray[np.datetime64] = np.round(numbers * scale).astype(np.int64).view("datetime64[us]")
    return moments


def _local(text: pa.Array, day_first: bool | None) -> npt.NDArray[np.datetime64]:
    """Local spellings, rewritten to ISO 8601 one pattern at a time: a format string per row would take minutes."""
    order = r"\2-\1" if _days_come_first(text, day_first) else r"\1-\2"
    afternoon, morning = _matches(text, r"(?i)\d\s*pm$"), _matches(text, r"(?i)\d\s*am$")
    plain = _rewrite(text, (r"(?i)\s*[ap]m$", ""), (r"\b(\d)\b", r"0\1"))
    if _matches(plain, r"[^\W\d_]{3}").any():
        names = [
            (rf"(?i)^(\d{{2}})[-. /]+{name}[^\W\d_]*[-. /]+(\d{{2,4}})\b", rf"\1.{n:02d}.\2")
            for name, n in _MONTHS.items()
        ]
        plain = _rewrite(plain, *names)
    plain = _rewrite(
        plain,
        (r"^(\d{4})/(\d{2})/(\d{2})", r"\1-\2-\3"),
        (r"^(\d{2})\.(\d{2})\.(\d{4})", r"\3-\2-\1"),
        (r"^(\d{2})\.(\d{2})\.(\d{2})\b", r"20\3-\2-\1"),
        (r"^(\d{2})[/-](\d{2})[/-](\d{4})", rf"\3-{order}"),
        (r"^(\d{2})[/-](\d{2})[/-](\d{2})\b", rf"20\3-{order}"),
        (r"^(\d{4}-\d{2}-\d{2}),?\s+", r"\1T"),
    )
    stamps = _iso(plain)
    past_noon = stamps - stamps.astype("datetime64[D]") >= _NOON
    return np.where(afternoon & ~past_noon, stamps + _NOON, np.where(morning & past_noon, stamps - _NOON, stamps))


def _days_come_first(text: pa.Array, day_first: bool | None) -> bool:
    """Whether `03/05/2026` is in May: as told, else as rows such as `13/05/2026` show."""
    slashed = text.filter(pa.array(_matches(text, _SLASHED)))
    if day_first is not None or len(slashed) == 0:
        return day_first is not False
    parts = (
        pd.Series(slashed.to_numpy(zero_copy_only=False), dtype="str").str.extract(r"^(\d+)[/-](\d+)").astype("int64")
    )
    first, second = bool((parts[0] > 12).any()), bool((parts[1] > 12).any())
    if first != second:
        return first
    raise InputError(
        f"{slashed[0].as_py()!r}: which number is the day? The rows do not tell",
        hint="pass day_first=True or day_first=False",
    )


def _rewrite(text: pa.Array, *rules: tuple[str, str]) -> pa.Array:
    for pattern, by in rules:
        text = pc.replace_substring_regex(text, pattern=pattern, replacement=by)
    return text


def _matches(text: pa.Array, pattern: str) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.match_substring_regex(text, pattern=pattern), dtype=bool)


def _iso(text: pa.Array) -> npt.NDArray[np.datetime64]:
    series = pd.Series(text.to_numpy(zero_copy_only=False), dtype="object")
    parsed = pd.to_datetime(series, format="ISO8601", utc=True, errors="coerce")
    return pd.DatetimeIndex(parsed).as_unit("us").tz_localize(None).to_numpy()
