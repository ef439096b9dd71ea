"""Every record that was imported, where it stood and what became of it: one table per list in the plant's home.

It makes each event traceable to file and row, and it knows how new the row was: an older export that comes later changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from pdm.readings.events import EventCounts, append_events, read_events
from pdm.readings.quarantine import disarm
from pdm.readings.tables import HistoryTables
from pdm.records.structure import FOLDER

_COLUMNS = ("number", "as_of", "file", "row", "asset", "how", "kind", "failure_mode", "label_from", "severity")


@dataclass(frozen=True)
class Stored:
    """What became of the records of one list. voided: events that their record no longer tells of; older, twice: records passed over."""

    new: int = 0
    revised: int = 0
    duplicates: int = 0
    voided: int = 0
    older: int = 0
    twice: int = 0
    version: int = -1


def ledger_file(home: Path, source: str) -> Path:
    """Where the ledger of a list is kept."""
    return home / FOLDER / f"{source}.csv"


def read_ledger(home: Path, source: str) -> pd.DataFrame:
    """The ledger by number; empty before the first import."""
    path = ledger_file(home, source)
    if not path.is_file():
        empty = pd.DataFrame(columns=list(_COLUMNS), dtype="str")
        return empty.assign(as_of=pd.Series(dtype="datetime64[us, UTC]")).set_index("number")
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    stamps = pd.DatetimeIndex(pd.to_datetime(table["as_of"], utc=True, format="ISO8601")).as_unit("us")
    return table.assign(as_of=stamps).set_index("number")


def write_ledger(home: Path, source: str, ledger: pd.DataFrame, records: pd.DataFrame, file: str) -> None:
    """Lay the records of a file over the ledger."""
    news = records.assign(file=disarm(file)).set_index("number")[list(_COLUMNS[1:])]
    joined = pd.concat([ledger[~ledger.index.isin(news.index)], news]).sort_index()
    stamps = [moment.isoformat() for moment in joined["as_of"]]
    path = ledger_file(home, source)
    path.parent.mkdir(parents=True, exist_ok=True)
    joined.assign(as_of=stamps).to_csv(path, lineterminator="\n")


def current(records: pd.DataFrame, ledger: pd.DataFrame) -> tuple[pd.DataFrame, int, int]:
    """The newest row of each number, unless a newer one is on the ledger; and how many stood twice or came too late."""
    ordered = records.sort_values(["as_of", "row"], kind="stable")
    newest = ordered.drop_duplicates("number", keep="last").sort_values("row")
    known = ledger["as_of"].reindex(newest["number"]).to_numpy()
    older = np.asarray(newest["as_of"].to_numpy() < known, dtype=bool)
    return newest[~older].reset_index(drop=True), len(records) - len(newest), int(older.sum())


def store_events(
    history: HistoryTables, events: pd.DataFrame, numbers: pd.Series, as_of: pd.Series, *, prefix: str, now: datetime
) -> Stored:
    """Store what a list's records tell: new events when they were entered, changed ones when the change was known.

    numbers, as_of: the records that were read, with how new each is. An event that its record no longer tells of is taken back.
    """
    stored = read_events(history)
    mine = stored[stored["event_id"].str.startswith(prefix + "/")]
    moment = pd.Series(pd.DatetimeIndex(as_of), index=numbers.to_numpy())
    number_of = _number(events["event_id"], prefix)
    known = events["event_id"].isin(mine["event_id"]).to_numpy(dtype=bool)
    change = pd.Series(pd.DatetimeIndex(moment.reindex(number_of)).as_unit("us"), index=events.index)
    recorded = events["recorded_at"].where(~known | (events["recorded_at"] >= change), change)
    events = events.assign(recorded_at=_until(recorded, now))
    gone = mine[~mine["event_id"].isin(events["event_id"]) & _number(mine["event_id"], prefix).isin(numbers.tolist())]
    if len(gone):
        since = pd.Series(
            pd.DatetimeIndex(moment.reindex(_number(gone["event_id"], prefix))).as_unit("us"), index=gone.index
        )
        append_events(history, gone.assign(void=True, recorded_at=_until(since, now)), now=now)
    if events.empty:
        return Stored(voided=len(gone), version=history.version("events"))
    counts: EventCounts = append_events(history, events, now=now)
    return Stored(counts.stored - counts.revised, counts.revised, counts.duplicates, len(gone), version=counts.version)


def _until(moments: pd.Series, now: datetime) -> pd.Series:
    return moments.where(moments <= pd.Timestamp(now), pd.Timestamp(now))


def _number(event_ids: pd.Series, prefix: str) -> pd.Series:
    """The record's number in `<prefix>/<number>/<kind>`."""
    return event_ids.str[len(prefix) + 1 :].str.rsplit("/", n=1).str[0].astype("str")
