"""From the clock on a control room's wall to UTC, with the rules of daylight saving and without a guess.

A naive export is the norm, so a source declares its zone once. Twice a year that is not enough: in spring an hour does not exist (a
row that claims it goes to quarantine), in autumn an hour comes twice (the order of an asset's rows tells which one is meant;
where they do not tell, the first is taken).
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.errors import InputError, ZoneQuestion


@dataclass(frozen=True)
class Localised:
    """times: [n] UTC timestamps, NaT where the hour does not exist. missing_hour: [n] these. guessed: [n] ambiguous, first taken."""

    times: pd.DatetimeIndex
    missing_hour: npt.NDArray[np.bool_]
    guessed: npt.NDArray[np.bool_]


def check_zone(name: str) -> str:
    """`name`, when it is an IANA zone.

    Raises:
        InputError: no such zone, with the nearest name.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = difflib.get_close_matches(name, sorted(available_timezones()), n=1)
        hint = f"did you mean {near[0]!r}?" if near else "write an IANA name such as Europe/Berlin"
        raise InputError(f"no time zone {name!r}", hint=hint) from None
    return name


def ask_for_zone(source: str, example: str) -> ZoneQuestion:
    """The question to whoever sends naive times."""
    return ZoneQuestion(
        f"In which time zone does {source} write its times (such as {example!r})?",
        hint='pass time_zone="Europe/Berlin" (any IANA name, "UTC" too); it is remembered for this source',
    )


def localise(walls: pd.DatetimeIndex, zone: str, series: npt.NDArray[np.int64]) -> Localised:
    """Wall-clock times of one source as UTC.

    walls: [n] naive timestamps in file order, NaT allowed. zone: IANA name.
    series: [n] which rows follow one another: the code of the asset (and channel, in narrow files).

    >>> walls = pd.DatetimeIndex(["2025-10-26 02:00", "2025-10-26 02:30", "2025-10-26 02:00", "2025-10-26 02:30"])
    >>> localise(walls, "Europe/Berlin", np.zeros(4, dtype=np.int64)).times.strftime("%H:%M").tolist()
    ['00:00', '00:30', '01:00', '01:30']
    """
    codes, distinct = pd.factorize(walls)  # a fleet shares its timestamps: convert each of them once
    index = pd.DatetimeIndex(distinct)
    first = _utc(index, zone, summer=True)
    second = _utc(index, zone, summer=False)
    known = codes >= 0
    instants = np.full(len(walls), np.iinfo(np.int64).min, dtype=np.int64)
    if len(index):
        instants[known] = first[codes[known]]
    missing_hour = known & (instants == np.iinfo(np.int64).min)
    ambiguous = np.zeros(len(walls), dtype=bool)
    if len(index):
        ambiguous[known] = (first != second)[codes[known]]
    again, settled = np.zeros(len(walls), dtype=bool), np.ones(len(walls), dtype=bool)
    rows = np.flatnonzero(ambiguous)
    if rows.size:
        again[rows], settled[rows] = _second_time(walls, series, rows)
        instants[again] = second[codes[again]]
    return Localised(_from_microseconds(instants), missing_hour, ambiguous & ~settled)


def _utc(index: pd.DatetimeIndex, zone: str, *, summer: bool) -> npt.NDArray[np.int64]:
    local = index.as_unit("us").tz_localize(zone, ambiguous=np.full(len(index), summer), nonexistent="NaT")
    return local.tz_convert("UTC").asi8


def _from_microseconds(instants: npt.NDArray[np.int64]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(instants.view("datetime64[us]")).tz_localize("UTC")


def _second_time(
    walls: pd.DatetimeIndex, series: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which ambiguous rows mean the second of the two hours, and for which ones the order has told.

    Within one series and night the clock goes back exactly once: rows after that step are the second time. A file that
    is written newest first steps the other way, so its rows are read from the end.
    """
    wall = walls.as_unit("us").asi8
    table = pd.DataFrame({"series": series[rows], "night": walls[rows].normalize(), "wall": wall[rows], "row": rows})
    falling = _written_newest_first(wall, series)
    table["order"] = np.where(np.isin(table["series"], falling), -table["row"], table["row"])
    table = table.sort_values(["series", "night", "order"], kind="stable")
    groups = table.groupby(["series", "night"], sort=False)
    back = groups["wall"].diff() <= 0
    second = back.groupby([table["series"], table["night"]], sort=False).cumsum() > 0
    told = second.groupby([table["series"], table["night"]], sort=False).transform("any")
    order = np.argsort(table["row"].to_numpy(), kind="stable")
    return second.to_numpy(dtype=bool)[order], told.to_numpy(dtype=bool)[order]


def _written_newest_first(wall: npt.NDArray[np.int64], series: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The series whose rows mostly run backwards in time."""
    valid = wall != np.iinfo(np.int64).min
    order = np.argsort(series[valid], kind="stable")
    codes, steps = series[valid][order], np.sign(np.diff(wall[valid][order]))
    same = codes[1:] == codes[:-1]
    total = pd.Series(steps[same]).groupby(codes[1:][same]).sum()
    return total.index[total < 0].to_numpy(dtype=np.int64)
