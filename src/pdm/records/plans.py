"""From lists of preventive plans: which tasks were done when, and which are due.

A completed call is a preventive task on record. Where the order list tells of the same order, its word counts: it knows when the
work was done, the plan only when it was called.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from pdm.readings.quarantine import Rejected, disarm
from pdm.readings.troubles import Troubles, to_quarantine
from pdm.records.mapping import ListMapping, translated
from pdm.records.matching import Match
from pdm.records.sheet import Sheet
from pdm.records.structure import FOLDER
from pdm.records.times import read_times
from pdm.records.work import PLANNED, Given, complain, match_rows

FILE = "plans.csv"
_TIMES = ("due", "called", "finished")
_COLUMNS = ("source", "plan", "asset", "text", "cycle", "unit", "due", "finished")


@dataclass(frozen=True)
class PlansIntake:
    """One list after all checks. calls: number, call, row, asset, text, order, cycle, cycle_unit, due, called, finished."""

    sheet: Sheet
    calls: pd.DataFrame
    matches: tuple[Match, ...]
    rejected: tuple[Rejected, ...]
    rows_read: int


def take_plans(sheet: Sheet, mapping: ListMapping, given: Given) -> PlansIntake:
    """Check every row of a list of plans or of their calls.

    Raises:
        ZoneQuestion, InputError: as `read_times`.
    """
    troubles = Troubles()
    times = read_times(
        sheet,
        _TIMES,
        zone=given.zone,
        source=given.source,
        now=given.now,
        troubles=troubles,
        day_first=given.day_first,
        plans=PLANNED,
    )
    number = sheet.cells("number").str.replace(r"^0+(?=\d)", "", regex=True)
    troubles.add_rows(
        np.flatnonzero(number.eq("")).tolist(), "no plan number: a line of the paper, or the number is missing"
    )
    matches = match_rows(sheet, given.matcher)
    complain(matches, given.matcher, troubles, spreadsheet=not sheet.raw.delimiter)
    kinds = translated(sheet.cells("kind"), mapping.kinds, "preventive")
    calls = pd.DataFrame(
        {
            "number": number,
            "call": sheet.cells("call"),
            "row": sheet.raw.rows,
            "asset": pd.Series([match.asset for match in matches], dtype="str"),
            "kind": kinds.where(kinds.isin(["preventive", "inspection"]), "preventive"),
            "text": sheet.cells("text"),
            "order": sheet.cells("order").str.replace(r"^0+(?=\d)", "", regex=True),
            "cycle": sheet.cells("cycle"),
            "cycle_unit": sheet.cells("cycle_unit"),
        }
    )
    calls = pd.concat([calls, times], axis="columns")[~troubles.away(len(calls))].reset_index(drop=True)
    rows_read = len(sheet.raw.frame) + len(sheet.raw.broken)
    return PlansIntake(sheet, calls, tuple(matches), to_quarantine(sheet.raw, troubles), rows_read)


def plan_events(
    calls: pd.DataFrame, known: Mapping[str, str], *, base: str, list_name: str, source: str
) -> pd.DataFrame:
    """Completed calls as events. known: id -> source of the events on record.

    A call that made an order bears the order's id, so that the order list later says the same event better, not a second one.
    """
    done = calls[calls["finished"].notna()]
    own = base + "/" + list_name + "/" + done["number"] + "-" + done["call"] + "/" + done["kind"]
    of_order = base + "/IW39/" + done["order"] + "/" + done["kind"]
    event_id = own.where(done["order"].eq(""), of_order)
    told = translated(event_id, known, source).ne(source).to_numpy(dtype=bool)
    events = pd.DataFrame(
        {
            "event_id": event_id,
            "asset": done["asset"],
            "time": done["finished"],
            "recorded_at": done["finished"],
            "kind": done["kind"],
            "code": done["number"],
            "text": done["text"],
            "source": source,
            "source_row": done["row"].astype("Int64"),
        }
    )
    return events[~told].drop_duplicates("event_id", keep="last").reset_index(drop=True)


def write_plans(home: Path, calls: pd.DataFrame, source: str, now: datetime, *, standing: bool = False) -> Path:
    """Keep one line per plan and machine: when it was last done and is next due. Plans of other sources stay.

    standing: the rows are plans (Maximo PM), each with its last completion and its next date; else calls, done once each.
    """
    path = home / FOLDER / FILE
    others: list[Sequence[str]] = []
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as file:
            others = [[row[name] for name in _COLUMNS] for row in csv.DictReader(file) if row["source"] != source]
    open_calls = calls["due"].where((calls["finished"].isna() | standing) & (calls["due"] >= pd.Timestamp(now)))
    table = (
        calls.assign(open_due=open_calls)
        .groupby(["number", "asset"], sort=True)
        .agg({"text": "last", "cycle": "last", "cycle_unit": "last", "open_due": "min", "finished": "max"})
    )
    mine = [
        [source, *map(str, key), *(disarm(str(row[name])) for name in ("text", "cycle", "cycle_unit")),
         *("" if pd.isna(row[name]) else row[name].isoformat() for name in ("open_due", "finished"))]
        for key, row in zip(table.index.tolist(), table.to_dict("records"), strict=True)
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(_COLUMNS)
        out.writerows([*others, *mine])
    return path
