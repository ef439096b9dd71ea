"""From a list of notifications or orders to checked records: machine, kind, moments and label of each, the rest to quarantine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from pdm.catalogue.model import FailureMode
from pdm.readings.intake import unknown_asset
from pdm.readings.quarantine import Rejected
from pdm.readings.troubles import Troubles, to_quarantine
from pdm.records.labels import broke_down, read_labels, read_severities
from pdm.records.mapping import ListMapping, translated
from pdm.records.matching import Match, Matcher
from pdm.records.sheet import Sheet
from pdm.records.times import read_times

PLANNED = frozenset({"due", "due_end", "called"})
"""Dates that may lie ahead."""

_TIMES = ("created", "noted", "started", "ended", "finished", "closed", "changed")
_DONE = r"\b(?:TABG|ABGS|TECO|CLSD|COMP|CLOSE|CLOSED|MABS|NOCO|ERLEDIGT|DONE)\b"


@dataclass(frozen=True)
class Given:
    """What is known before the first record is read. source: the list's own name; zone: of its clock (None asks)."""

    matcher: Matcher
    modes: Mapping[str, Sequence[FailureMode]]
    now: datetime
    source: str
    zone: str | None = None
    day_first: bool | None = None


@dataclass(frozen=True)
class WorkIntake:
    """One list after all checks.

    records: number, row, asset, how, kind, gone (cancelled or ignored), done, down, text, told (with the long text), code, cause,
    severity, notification, order, the label columns, the moments of the list, and as_of: how new the row is.
    matches: the answer about every record's machine. rows_read: those that could not be cut into cells included.
    """

    sheet: Sheet
    records: pd.DataFrame
    matches: tuple[Match, ...]
    rejected: tuple[Rejected, ...]
    rows_read: int


def take_work(sheet: Sheet, mapping: ListMapping, given: Given) -> WorkIntake:
    """Check every record of a list of notifications or orders.

    Raises:
        ZoneQuestion, InputError: as `read_times`.
    """
    troubles = Troubles()
    times = read_times(
        sheet, _TIMES, zone=given.zone, source=given.source, now=given.now, troubles=troubles, day_first=given.day_first
    )
    number = _numbers(sheet, troubles)
    kinds = _kinds(sheet, mapping, troubles)
    matches = match_rows(sheet, given.matcher)
    complain(matches, given.matcher, troubles, spreadsheet=not sheet.raw.delimiter)
    assets = given.matcher.assets
    classes = [assets[match.asset].asset_class if match.asset else "" for match in matches]
    labels = read_labels(sheet, mapping, classes, given.modes)
    status = sheet.cells("status").str.upper()
    words = "|".join(rf"\b{word.upper()}" for word in mapping.cancelled) or r"(?!)"
    records = pd.DataFrame(
        {
            "number": number,
            "row": sheet.raw.rows,
            "asset": pd.Series([match.asset for match in matches], dtype="str"),
            "how": pd.Series([match.how for match in matches], dtype="str"),
            "kind": kinds,
            "gone": status.str.contains(words) | kinds.eq("ignore"),
            "done": status.str.contains(_DONE),
            "down": broke_down(sheet),
            "text": sheet.cells("text"),
            "told": sheet.cells("text") + " " + sheet.cells("long_text"),
            "code": sheet.cells("damage"),
            "cause": sheet.cells("cause_text").where(sheet.cells("cause_text").ne(""), sheet.cells("cause")),
            "severity": read_severities(sheet, mapping),
            "notification": sheet.cells("notification"),
            "order": sheet.cells("order"),
        }
    )
    records = pd.concat([records, labels, times], axis="columns")
    moments = times[list(_TIMES)]
    troubles.add_rows(np.flatnonzero(moments.isna().all(axis="columns")).tolist(), "no date says when it happened")
    records["as_of"] = as_of(times, ~troubles.away(len(records)), given.now)
    kept = records[~troubles.away(len(records))].reset_index(drop=True)
    rows_read = len(records) + len(sheet.raw.broken)
    return WorkIntake(sheet, kept, tuple(matches), to_quarantine(sheet.raw, troubles), rows_read)


def as_of(times: pd.DataFrame, good: np.ndarray[tuple[int], np.dtype[np.bool_]], now: datetime) -> pd.Series:
    """How new each row is: when it was changed last; else the newest moment that its file knows of, before which it cannot be."""
    newest = times[good].max().max() if good.any() else pd.NaT
    changed = (
        times["changed"] if "changed" in times else pd.Series(pd.NaT, index=times.index, dtype="datetime64[us, UTC]")
    )
    own = times.max(axis="columns") if len(times.columns) else changed
    return changed.where(changed.isna() | (changed >= own), own).fillna(
        pd.Timestamp(now) if pd.isna(newest) else newest
    )


def match_rows(sheet: Sheet, matcher: Matcher) -> list[Match]:
    """The machine of every row; what its text names matters only where a parent was booked."""
    columns = [sheet.cells(name).tolist() for name in ("equipment", "technical_id", "location", "text")]
    return [matcher.match(row[:3], row[3]) for row in zip(*columns, strict=True)]


def complain(matches: Sequence[Match], matcher: Matcher, troubles: Troubles, *, spreadsheet: bool) -> None:
    """Turn rows without a machine away, each with what would help."""
    for n, match in enumerate(matches):
        if match.asset:
            continue
        if match.how == "blank":
            hint = ": if its cell belongs to a group above, fill it down" if spreadsheet else ""
            troubles.rows[n].append(f"names no machine{hint}")
        elif match.how == "parent":
            shown = ", ".join(match.candidates[:3]) + (
                f" and {len(match.candidates) - 3} more" if len(match.candidates) > 3 else ""
            )
            troubles.rows[n].append(
                f"booked on {match.written}, the parent of {shown}; the text does not say which one"
            )
        elif match.how == "fuzzy":
            troubles.rows[n].append(
                f"{match.written!r} is no machine on record: is it {match.candidates[0]!r}? answer in records/matches.csv"
            )
        else:
            troubles.rows[n].append(unknown_asset(match.written, matcher.assets))


def _numbers(sheet: Sheet, troubles: Troubles) -> pd.Series:
    number = sheet.cells("number").str.replace(r"\.0$", "", regex=True).str.replace(r"^0+(?=\d)", "", regex=True)
    troubles.add_rows(
        np.flatnonzero(number.eq("")).tolist(),
        f"no {sheet.columns['number']}: a line of the paper, or the number is missing",
    )
    site = sheet.cells("site")
    return number.where(site.eq(""), site + "/" + number).astype("str")


def _kinds(sheet: Sheet, mapping: ListMapping, troubles: Troubles) -> pd.Series:
    words = sheet.cells("kind")
    kinds = translated(words, mapping.kinds)
    # An order without a type comes from a plan, or it is a repair.
    blank = words.eq("") & kinds.eq("")
    kinds = kinds.mask(blank, "repair").mask(blank & sheet.cells("plan").ne(""), "preventive").astype("str")
    for n in np.flatnonzero(kinds.eq("")).tolist():
        troubles.rows[n].append(f"nobody has said what type {words.iloc[n]!r} is: add it to [kinds] of the mapping")
    return kinds
