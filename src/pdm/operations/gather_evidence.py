"""Walk the watch lists of a plant over months they did not learn from, and keep what they saw beside what was recorded afterwards.

The result is one file without names and readings, which several plants may pool: `weigh_evidence` learns from it. Each class's watch
list is learnt from what was known when the walk begins, and asked once a day with the readings and records known by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.errors import TooLittleData
from pdm.learning.watch import Learnt, read_back, watch_rows
from pdm.learning.watch.gather import Gathered, evidence_at, labelled, write_evidence
from pdm.learning.watch.rows import Rows
from pdm.operations._past_events import RESTORING
from pdm.operations._rungs import watch_list
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.store import ReadingStore

AS_FOUND = ("critical", "degraded")
"""A repair that found the part so counts as a recorded failure."""
LEARNT_SHARE = 2 / 3
IMPORTED = pd.Timedelta(days=90)
"""What was recorded so long after it was true came with an import."""
_SILENT = pd.Timedelta(hours=30)


@dataclass(frozen=True)
class Walked:
    """path: the file. days: with evidence. left_out: class -> why it gave none."""

    path: Path
    plant: str
    since: datetime
    until: datetime
    classes: tuple[str, ...]
    days: int
    machine_days: int
    failures: int
    left_out: Mapping[str, str]


def gather_evidence(plant: Plant, path: Path, *, since: datetime | None = None) -> Walked:
    """Write the evidence of all classes from `since` (default: the last third of the readings) to the newest reading.

    Raises:
        TooLittleData: no class has readings on both sides of `since`, or none of its machines ever came near a limit.
    """
    spans = {name: ReadingStore(plant.history).span(plant.catalogue.asset_class(name)) for name in _by_calendar(plant)}
    left_out = {
        name: "its machines count on their own, and evidence is by the day"
        for name in plant.catalogue.models
        if name not in spans
    }
    known = pd.concat([span[["first", "time"]] for span in spans.values()]) if spans else pd.DataFrame()
    if known.empty:
        raise TooLittleData("there are no readings to gather evidence from", hint="plantpdm ingest")
    first, last = known["first"].min().to_pydatetime(), known["time"].max().to_pydatetime()
    begin = since or (first + (last - first) * LEARNT_SHARE)
    events = read_events(plant.history)
    parts: list[pd.DataFrame] = []
    machines: set[str] = set()
    looked_at = 0
    for name in spans:
        asset_class = plant.catalogue.asset_class(name)
        learnt = watch_list(plant, plant.catalogue.model(name), None, until=begin)
        if not isinstance(learnt, Learnt):
            left_out[name] = learnt
            continue
        if "mode" not in learnt.watch.limits:
            left_out[name] = "none of its failure modes has signs"
            continue
        with plant.progress.stage(f"evidence of {name}"):
            rows = _rows(plant, asset_class, learnt, begin, last)
            evidence, days = _walk(rows, learnt, asset_class, events, begin, last)
        parts.append(evidence)
        machines.update(rows.assets)
        looked_at += days
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if whole.empty:
        told = "; ".join(f"{name}: {why}" for name, why in left_out.items())
        raise TooLittleData(
            f"no machine ever came near a limit since {begin:%Y-%m-%d}{f' ({told})' if told else ''}",
            hint="begin earlier with --since, or give failure modes signs in models/<class>.toml",
        )
    gathered = _labelled(whole, events[events["asset"].isin(machines)], looked_at, begin, last)
    write_evidence(gathered, path)
    classes = tuple(name for name in spans if name not in left_out)
    counts = len(gathered.days), gathered.machine_days, gathered.failures
    return Walked(path, gathered.plant, begin, last, classes, *counts, left_out)


def _by_calendar(plant: Plant) -> list[str]:
    """Classes with a model whose machines share a calendar."""
    return [name for name in plant.catalogue.models if plant.catalogue.asset_class(name).axis.kind != "usage"]


def _rows(plant: Plant, asset_class: AssetClass, learnt: Learnt, begin: datetime, last: datetime) -> Rows:
    """The rows of a class from as far before `begin` as a standing looks back."""
    back = timedelta(hours=read_back(learnt.watch, asset_class.axis.step))
    readings = ReadingStore(plant.history).scan(asset_class, start=begin - back, end=last)
    return watch_rows(learnt.expected, readings, asset_class)


def _walk(
    rows: Rows, learnt: Learnt, asset_class: AssetClass, events: pd.DataFrame, begin: datetime, last: datetime
) -> tuple[pd.DataFrame, int]:
    """Evidence of one class day by day, and how many days of machines were looked at."""
    found, looked_at = [], 0
    for now in pd.date_range(pd.Timestamp(begin) + pd.Timedelta(days=1), last, freq="D"):
        end = float(asset_class.axis.positions(pd.Series([now]))[0])
        until = _until(rows, end)
        spoke = _spoke(rows, until, end)
        evidence = evidence_at(rows, learnt.watch, end=end, restored=_restored(events, now), until=until)
        found.append(evidence[evidence["asset"].isin(spoke)].assign(now=now))
        looked_at += len(spoke)
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(), looked_at


def _until(rows: Rows, end: float) -> np.ndarray:
    """Behind the last row of each machine that had been measured."""
    ends = [low + np.searchsorted(rows.position[low:high], end, side="right") for low, high in pairwise(rows.firsts)]
    return np.asarray(ends, dtype=np.int64)


def _spoke(rows: Rows, until: np.ndarray, end: float) -> set[str]:
    """Machines that ran within the last day or so: one at rest says nothing new."""
    silent = _SILENT / pd.Timedelta(hours=1)
    there = set()
    for asset, low, high in zip(rows.assets, rows.firsts[:-1], until, strict=True):
        newest = np.flatnonzero(rows.running[low:high])
        if len(newest) and end - rows.position[low + newest[-1]] <= silent:
            there.add(asset)
    return there


def _restored(events: pd.DataFrame, now: pd.Timestamp) -> dict[str, float]:
    """When each machine was last repaired or renewed, as known then, in hours.

    What was recorded a season after it was true came with an import: when the plant knew it, nobody can say.
    """
    late = events["recorded_at"] - events["time"] > IMPORTED
    done = events[events["kind"].isin(RESTORING) & ((events["recorded_at"] <= now) | late) & (events["time"] <= now)]
    newest = done.groupby("asset")["time"].max()
    return {str(asset): moment.timestamp() / 3600.0 for asset, moment in newest.items()}


def _labelled(
    evidence: pd.DataFrame, events: pd.DataFrame, machine_days: int, begin: datetime, last: datetime
) -> Gathered:
    found = (events["kind"] == "failure") | ((events["kind"] == "repair") & events["severity"].isin(AS_FOUND))
    records = events[found & events["time"].notna()]
    return labelled(evidence, records, machine_days=machine_days, first=pd.Timestamp(begin), last=pd.Timestamp(last))
