"""What happened, from what was written: failures, repairs, preventive tasks and inspections with their two times.

| record | becomes |
|---|---|
| notification of a malfunction | a failure when it began; a repair when it ended, unless an order tells of the repair |
| request with signs of damage (code, breakdown flag, words) | a failure, with the severity as found; without signs nothing |
| corrective order, finished | a repair; a failure too when no notification tells of it |
| preventive order, inspection, finished | a preventive task, an inspection |
| "no fault found" | an inspection |

`time` is the malfunction's or the actual moment; `recorded_at` is when the system says that it was entered, and never before `time`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pandas as pd

from pdm.records.labels import FROM_TEXT_NOTE
from pdm.records.words import nothing_found, renewed, whole_machine

_AFTER = timedelta(seconds=1)
"""A repair follows the failure that it repairs."""

_UTC: Final = "datetime64[us, UTC]"


def work_events(records: pd.DataFrame, *, list_name: str, prefix: str, source: str) -> pd.DataFrame:
    """Events with the columns that `append_events` takes.

    records: as `WorkIntake.records`. prefix: of the ids, `<prefix>/<number>/<kind>`: one record gives at most one event of each
    kind, so that a changed record is a new version. source: as the events name it.
    """
    rows = records[~records["gone"]]
    notified = list_name == "IW29"
    sound = rows["told"].map(nothing_found).astype(bool) & rows["code_says"].ne("known")
    signs = (rows["signs"] | rows["down"]) & ~sound
    corrective = rows["kind"].isin(["failure", "repair"])
    told = rows["notification"].ne("") & ~rows["kind"].eq("failure")
    failed = (rows["kind"].eq("failure") & ~sound) | (rows["kind"].eq("repair") & signs)
    begun = _begun(rows, notified=notified)
    ended = _ended(rows, notified=notified)
    parts = []
    if notified:
        parts.append(_failures(rows[failed], begun))
        parts.append(_repairs(rows[failed & rows["order"].eq("") & ended.notna()], begun, ended))
        looked = rows["kind"].eq("inspection") | (corrective & sound)
        parts.append(_tasks(rows[looked], "inspection", ended.fillna(begun)))
        parts.append(_tasks(rows[rows["kind"].eq("preventive") & ended.notna()], "preventive", ended))
    else:
        parts.append(_failures(rows[failed & ~told], begun))
        parts.append(_repairs(rows[corrective & ~sound & ended.notna()], begun, ended))
        parts.append(
            _tasks(rows[(rows["kind"].eq("inspection") | (corrective & sound)) & ended.notna()], "inspection", ended)
        )
        parts.append(_tasks(rows[rows["kind"].eq("preventive") & ended.notna()], "preventive", ended))
    events = pd.concat(parts, ignore_index=True)
    events["event_id"] = prefix + "/" + events["number"] + "/" + events["kind"]
    return events.drop(columns="number").assign(source=source)


def informed_by(records: pd.DataFrame, events: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """Orders that say nothing about the damage themselves, with what their notification says.

    events: those on record. prefix: of the notifications' ids.
    """
    known = events.set_index("event_id")[["maintainable_item", "mechanism", "failure_mode", "mode"]]
    number = records["notification"].str.replace(r"^0+(?=\d)", "", regex=True)
    told = known.reindex(prefix + "/" + number + "/failure").set_axis(records.index)
    silent = records["failure_mode"].eq("") & told["failure_mode"].fillna("").ne("")
    return records.assign(**{name: records[name].where(~silent, told[name]).astype("str") for name in known.columns})


def _begun(rows: pd.DataFrame, *, notified: bool) -> pd.Series:
    """When the damage was there. An order's actual start is when work began: the damage was there when it was written at the latest."""
    if notified:
        return rows["started"].fillna(rows["noted"]).fillna(rows["created"]).fillna(rows["finished"])
    return rows[["created", "started"]].min(axis="columns").fillna(rows["finished"]).fillna(rows["closed"])


def _ended(rows: pd.DataFrame, *, notified: bool) -> pd.Series:
    """When it was over; an end before its beginning is none."""
    by_status = rows["changed"].where(rows["done"])
    if notified:
        end = rows["ended"].fillna(rows["finished"])
        return end.where(~(end < rows["started"]))
    return rows["finished"].fillna(rows["closed"]).fillna(rows["ended"]).fillna(by_status)


def _failures(rows: pd.DataFrame, begun: pd.Series) -> pd.DataFrame:
    return _events(rows, "failure", begun.loc[rows.index]).assign(
        severity=rows["severity"],
        failure_mode=rows["failure_mode"],
        mode=rows["mode"],
        mechanism=rows["mechanism"],
        cause=rows["cause"],
        text=rows["text"].where(rows["label_from"].ne("text"), rows["text"] + FROM_TEXT_NOTE),
    )


def _repairs(rows: pd.DataFrame, begun: pd.Series, ended: pd.Series) -> pd.DataFrame:
    at = ended.loc[rows.index]
    first = begun.loc[rows.index] + _AFTER
    return _events(rows, "repair", at.where(~(at < first), first)).assign(
        restores=_restores(rows), failure_mode=rows["failure_mode"], mechanism=rows["mechanism"]
    )


def _tasks(rows: pd.DataFrame, kind: str, at: pd.Series) -> pd.DataFrame:
    restores = _restores(rows) if kind == "preventive" else pd.Series(False, index=rows.index)
    return _events(rows, kind, at.loc[rows.index]).assign(restores=restores)


def _restores(rows: pd.DataFrame) -> pd.Series:
    """As good as new: a named part, or the whole machine, was replaced."""
    named = rows["maintainable_item"].ne("") | rows["told"].map(whole_machine).astype(bool)
    return rows["told"].map(renewed).astype(bool) & named


def _events(rows: pd.DataFrame, kind: str, at: pd.Series) -> pd.DataFrame:
    entered = rows["created"].fillna(rows["noted"])
    return pd.DataFrame(
        {
            "number": rows["number"],
            "asset": rows["asset"],
            "time": at.astype(_UTC),
            "recorded_at": entered.where(entered >= at, at).astype(_UTC),
            "kind": kind,
            "code": rows["code"],
            "maintainable_item": rows["maintainable_item"],
            "text": rows["text"],
            "source_row": rows["row"].astype("Int64"),
        }
    )
