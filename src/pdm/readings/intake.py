"""From raw cells to rows that can be stored, and to rows that must wait: every check of a single row happens here.

A row is turned away as a whole when its asset or time is unusable; when only some of its values are, the others are stored and the
wrong ones wait. Every value that came in is therefore stored, known already, in conflict, or in quarantine: nothing is lost.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.readings.cells import to_numbers
from pdm.readings.columns import ColumnPlan, simple
from pdm.readings.files import RawTable
from pdm.readings.grades import to_grades
from pdm.readings.narrow import converted, take_narrow
from pdm.readings.quarantine import Rejected
from pdm.readings.registry import Asset
from pdm.readings.tables import QUALITY_SUFFIX
from pdm.readings.timestamps import to_times
from pdm.readings.troubles import Troubles, spelled, to_quarantine

AHEAD = timedelta(minutes=5)
"""How far a sender's clock may run ahead of ours."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Given:
    """What is known before the first row is read.

    assets: the registered ones. zone: of naive times (None asks). asset: all rows belong to this one.
    """

    asset_class: AssetClass
    assets: Mapping[str, Asset]
    now: datetime
    source: str
    zone: str | None = None
    asset: str | None = None
    day_first: bool | None = None


@dataclass(frozen=True)
class Intake:
    """One file after all checks.

    rows: `asset`, `time`, channels, `<channel>__q`, perhaps `recorded_at`. guessed: rows in the doubled hour of autumn, first one taken.
    cells_read: values that came in; cells_rejected: values among them that wait in quarantine.
    """

    rows: pd.DataFrame
    rejected: tuple[Rejected, ...]
    rows_read: int
    cells_read: int
    cells_rejected: int
    guessed: int


def take_in(raw: RawTable, plan: ColumnPlan, given: Given) -> Intake:
    """Check every row of a file.

    Raises:
        ZoneQuestion: naive times, and nobody has said in which zone.
        InputError: day and month cannot be told apart.
    """
    frame, size = raw.frame, len(raw.frame)
    troubles = Troubles()
    assets = _assets(raw, plan, given, troubles)
    spelling = spelled(frame[plan.channel]) if plan.narrow and plan.channel else None
    codes, _ = pd.factorize(assets if spelling is None else assets + "\x00" + spelling)
    keys: dict[str, pd.Series] = {"asset": assets}
    keys["time"], guessed = _times(frame[plan.time], given, codes, troubles)
    if plan.recorded_at is not None:
        recorded = to_times(frame[plan.recorded_at], zone=given.zone, source=given.source, series=codes)
        troubles.add(recorded.reasons, f"{plan.recorded_at}: ")
        troubles.add(future(recorded.times, given.now), f"{plan.recorded_at}: ")
        keys["recorded_at"] = recorded.times
    head = pd.DataFrame(keys)
    if plan.narrow and spelling is not None:
        rows, filled = take_narrow(frame, plan, given.asset_class, head, spelling, troubles, raw.delimiter)
    else:
        rows, filled = _take_wide(frame, plan, given.asset_class, head, troubles, raw.delimiter)
    rejected_cells = int(filled[troubles.away(size)].sum()) + sum(len(troubles.cells[row]) for row in troubles.held())
    grade_of = {channel: column for column, channel in plan.qualities.items()}
    companions = {c: grade_of[m.channel] for c, m in plan.measured.items() if m.channel in grade_of}
    rejected = to_quarantine(raw, troubles, keys=(plan.asset, plan.time, plan.recorded_at), companions=companions)
    return Intake(rows, rejected, size + len(raw.broken), int(filled.sum()), rejected_cells, guessed)


def _assets(raw: RawTable, plan: ColumnPlan, given: Given, troubles: Troubles) -> pd.Series:
    """The asset of every row; unknown ones and those of another class are turned away."""
    one_for_all = pd.Series([given.asset or ""] * len(raw.frame), dtype="str")
    tags = one_for_all if plan.asset is None else spelled(raw.frame[plan.asset])
    codes, distinct = pd.factorize(tags)
    complaints = {n: why for n, tag in enumerate(distinct) if (why := _complaint(str(tag), given))}
    for n in np.flatnonzero(np.isin(codes, list(complaints))).tolist():
        troubles.rows[n].append(complaints[int(codes[n])])
    return tags


def _complaint(tag: str, given: Given) -> str:
    if not tag:
        return "the asset is missing"
    known = given.assets.get(tag)
    if known is None:
        return unknown_asset(tag, given.assets)
    if known.asset_class != given.asset_class.name:
        return f"{tag} is registered as {known.asset_class}, not as {given.asset_class.name}"
    return ""


def unknown_asset(tag: str, assets: Mapping[str, Asset]) -> str:
    """The sentence about a tag that nobody has registered."""
    by_simple = {simple(name): name for name in assets}
    near = difflib.get_close_matches(simple(tag), list(by_simple), n=1, cutoff=0.8)
    question = f" (or is it {by_simple[near[0]]!r}?)" if near else ""
    return f"unknown asset {tag!r}: register it first{question}"


def _times(cells: pd.Series, given: Given, series: npt.NDArray[np.intp], troubles: Troubles) -> tuple[pd.Series, int]:
    if given.asset_class.axis.kind == "usage":
        numbers = to_numbers(cells)
        troubles.add(numbers.reasons)
        empty = np.isnan(numbers.values) & ~numbers.filled
        troubles.add(
            dict.fromkeys(np.flatnonzero(empty).tolist(), f"the position ({given.asset_class.axis.unit}) is missing")
        )
        return pd.Series(numbers.values), 0
    found = to_times(cells, zone=given.zone, source=given.source, series=series, day_first=given.day_first)
    troubles.add(found.reasons)
    troubles.add(future(found.times, given.now))
    return found.times, int(found.guessed.sum())


def future(times: pd.Series, now: datetime) -> dict[int, str]:
    """Rows whose time has not come yet, each with the sentence about it."""
    ahead = np.flatnonzero((times > pd.Timestamp(now + AHEAD)).to_numpy(dtype=bool)).tolist()
    return {n: f"{times.iloc[n]:%Y-%m-%d %H:%M} UTC lies in the future (now is {now:%Y-%m-%d %H:%M})" for n in ahead}


def _take_wide(
    frame: pd.DataFrame,
    plan: ColumnPlan,
    asset_class: AssetClass,
    head: pd.DataFrame,
    troubles: Troubles,
    delimiter: str,
) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """Rows to store, and how many cells of each row of the file say something."""
    values: dict[str, Floats] = {}
    grades: dict[str, pd.Series] = {}
    filled = np.zeros(len(frame), dtype=np.int64)
    grade_of = {channel: column for column, channel in plan.qualities.items()}
    for column, measured in plan.measured.items():
        name = measured.channel
        numbers = to_numbers(frame[column], delimiter=delimiter)
        filled += numbers.filled
        troubles.add_cells(column, numbers.reasons)
        values[name] = converted(numbers.values, measured.unit, asset_class.channel(name).unit)
        if name in grade_of:
            grade, reasons = to_grades(frame[grade_of[name]])
            wrong = {row: reason for row, reason in reasons.items() if not np.isnan(values[name][row])}
            troubles.add_cells(column, wrong)
            values[name][list(wrong)] = np.nan
            # A quality without a value says nothing: the value may still come.
            grades[name + QUALITY_SUFFIX] = grade.mask(np.isnan(values[name]))
    says = ~troubles.away(len(frame)) & ~np.isnan(np.column_stack(list(values.values()))).all(axis=1)
    rows = pd.concat([head, pd.DataFrame(values), pd.DataFrame(grades)], axis=1)
    return rows[says].reset_index(drop=True), filled
