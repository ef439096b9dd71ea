"""From files to the table that a proposal is made of, and from an accepted proposal to readings and events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.errors import UnreadableFile
from pdm.onboarding.answers import Answers
from pdm.onboarding.facts import facts_of
from pdm.onboarding.keys import find_keys, find_time
from pdm.onboarding.layout import lay_out
from pdm.onboarding.proposal import UNIT, Proposal
from pdm.onboarding.propose import Table
from pdm.onboarding.turning import stack_machines, widen
from pdm.readings.files import RawTable
from pdm.readings.timestamps import to_times


@dataclass(frozen=True, eq=False)
class Files:
    """Files of one layout, one under the other. frame: their cells; table: the same as facts."""

    frame: pd.DataFrame
    table: Table


def join(raws: Sequence[RawTable], answers: Answers) -> Files:
    """Put the files together, one row per machine and moment.

    Raises:
        ColumnsError, UnreadableFile: see `lay_out`. InputError: there are no rows, or day and month cannot be told apart.
    """
    laid = lay_out(raws, answers)
    columns = facts_of(laid.frame)
    for turn in (widen, stack_machines):
        time = find_time(columns, answers)
        turned = turn(laid, columns, answers, time.name if time else None)
        if turned is not laid:
            laid, columns = turned, facts_of(turned.frame)
    frame, of_row = laid.frame, laid.file_of_row
    keys = find_keys(columns, answers)
    moments = None
    if keys.time is not None and not keys.counter:
        # The zone decides nothing about which column is what.
        read = to_times(
            frame[keys.time], zone=answers.zone or "UTC", source="", series=of_row, day_first=answers.day_first
        )
        stamps = pd.DatetimeIndex(read.times).as_unit("us").asi8.astype(np.float64)
        moments = np.where(read.times.isna(), np.nan, stamps / 3.6e9)
    names = tuple(stem(raw.name) for raw in raws)
    return Files(frame, Table(columns, of_row, names, moments, laid.notes, laid.questions))


def readings_of(files: Files, proposal: Proposal, begun: datetime) -> pd.DataFrame:
    """The readings as `ingest_readings` takes them: asset, time, the channels, on a counter also when each row counts as known.

    begun: the moment at which a counter stood at zero (see `beginning`); a calendar does not need it.
    """
    frame = files.frame
    found: dict[str, Any] = {"asset": machines(files, proposal)}
    if proposal.axis.kind == "time":
        found["time"] = frame[proposal.time]
    else:
        position = _counter(files, proposal)
        found["time"] = position
        found["recorded_at"] = nominal(position, proposal, begun)
    found |= {item.channel.name: frame[item.column] for item in proposal.measured}
    return pd.DataFrame(found)


def machines(files: Files, proposal: Proposal) -> pd.Series:
    """The tag of every row: from its column, the name that was given, or the name of its file."""
    if proposal.asset is not None:
        tags = files.frame[proposal.asset].fillna("").astype("str").str.strip()
        return tags.str.removesuffix(".0") if files.table.column(proposal.asset).whole else tags
    if proposal.machine is not None and len(files.table.files) == 1:
        return pd.Series(proposal.machine, index=files.frame.index, dtype="str")
    return pd.Series(
        np.array(files.table.files, dtype=object)[files.table.file_of_row], index=files.frame.index, dtype="str"
    )


def failures_of(files: Files, proposal: Proposal, begun: datetime) -> pd.DataFrame:
    """Failure events that the rows themselves tell of: where a flag rises, and ends of lives."""
    tags = machines(files, proposal)
    parts = [_risen(files, proposal, tags, mode.column, mode.name) for mode in proposal.modes if mode.column]
    if proposal.run_to_failure:
        position = pd.Series(_positions(files, proposal))
        last = position.groupby(tags.to_numpy()).idxmax().to_numpy()
        parts.append(pd.DataFrame({"row": last, "failure_mode": proposal.modes[0].name}))
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"row": [], "failure_mode": []})
    at = rows["row"].to_numpy(dtype=np.int64)
    events = pd.DataFrame(
        {"asset": tags.to_numpy()[at], "kind": "failure", "failure_mode": rows["failure_mode"].to_numpy()}
    )
    if proposal.axis.kind == "time":
        events["time"] = files.frame[proposal.time].to_numpy()[at]
    else:
        position = _counter(files, proposal)[at]
        events["usage"] = position
        events["time"] = nominal(position, proposal, begun)
        events["recorded_at"] = events["time"]
    return events.assign(maintainable_item=UNIT, severity="critical", text="as the files tell")


def beginning(files: Files, proposal: Proposal, now: datetime) -> datetime:
    """When a counter stood at zero: it tells no dates, so the longest life ends now at the declared daily rate."""
    if proposal.axis.kind == "time":
        return now
    days = float(np.nanmax(_counter(files, proposal))) / proposal.axis.per_day
    return now - timedelta(days=days + 1.0)


def nominal(position: npt.NDArray[np.float64], proposal: Proposal, begun: datetime) -> pd.Series:
    """When the rows of a counter count as known, to the second."""
    seconds = np.round(position / proposal.axis.per_day * 86_400)
    return pd.Series(pd.Timestamp(begun) + pd.to_timedelta(seconds, unit="s")).dt.as_unit("us")


def stem(name: str) -> str:
    """A file's name without its endings: the tag of its machine when it has no other."""
    return Path(name).name.split(".")[0]


def labelled_moments(path: Path, files: Sequence[str]) -> pd.DataFrame:
    """Failures from a JSON file of labels: lists of moments under the name of the file they belong to, however deep.

    Raises:
        UnreadableFile: no JSON, or no list of moments under the name of one of these files.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{path.name} is no JSON: {error}", hint="give a CSV of events, or JSON") from None
    found = [(name, moment) for name, moments in _lists(document) if stem(name) in files for moment in moments]
    if not found:
        raise UnreadableFile(
            f"{path.name} has no list of times under the name of {' or '.join(files)}",
            hint='{"file name": ["2026-01-31 06:00:00"]}',
        )
    events = pd.DataFrame({"asset": [stem(name) for name, _ in found], "time": [moment for _, moment in found]})
    return events.assign(kind="failure", maintainable_item=UNIT, severity="critical", text=f"labelled in {path.name}")


def _lists(document: Any, name: str = "") -> list[tuple[str, list[str]]]:
    """All lists of text in a JSON document, each with the key it stands under."""
    if isinstance(document, Mapping):
        return [item for key, value in document.items() for item in _lists(value, str(key))]
    if isinstance(document, list) and document and all(isinstance(item, str) for item in document):
        return [(name, document)]
    return []


def _positions(files: Files, proposal: Proposal) -> npt.NDArray[np.float64]:
    if proposal.axis.kind == "time" and files.table.moments is not None:
        return files.table.moments
    return _counter(files, proposal)


def _counter(files: Files, proposal: Proposal) -> npt.NDArray[np.float64]:
    if proposal.time is not None:
        return files.table.column(proposal.time).values
    # Without any counter the rows of each machine are counted.
    tags = machines(files, proposal)
    return np.asarray(tags.groupby(tags.to_numpy()).cumcount(), dtype=np.float64)


def _risen(files: Files, proposal: Proposal, tags: pd.Series, column: str, mode: str) -> pd.DataFrame:
    """Rows at which a flag goes up: a failure that lasts is one failure."""
    up = files.table.column(column).values == 1
    if mode == "other_failure":
        named = [m.column for m in proposal.modes if m.name != mode]
        up &= ~np.any([files.table.column(name).values == 1 for name in named], axis=0)
    order = np.lexsort((_positions(files, proposal), pd.factorize(tags)[0]))
    same = np.append(False, tags.to_numpy()[order][1:] == tags.to_numpy()[order][:-1])
    before = np.append(False, up[order][:-1]) & same
    return pd.DataFrame({"row": np.sort(order[up[order] & ~before]), "failure_mode": mode})
