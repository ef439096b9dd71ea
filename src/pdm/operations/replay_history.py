"""Let a stretch of history happen again: the same scoring, alerts and work, with another clock and only what was known then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.dataset as ds

from pdm.clock import ManualClock
from pdm.operations.score_fleet import champion, needed_history, score_fleet
from pdm.ports import Plant
from pdm.readings.store import ReadingStore
from pdm.readings.tables import SCHEMAS, HistoryTables, readings_table
from pdm.replay.snapshot import snapshot
from pdm.replay.timeline import count, moments
from pdm.units import duration


@dataclass(frozen=True)
class ReplayReport:
    """What would have happened."""

    start: datetime
    end: datetime
    rounds: int
    assessed: int
    raised: int
    returned: int
    cases: int
    requests: int


def replay_history(plant: Plant, start: datetime, end: datetime, *, every: timedelta) -> ReplayReport:
    """Score the fleet at every moment from `start` to `end`, as known at that moment, and keep what it raises.

    The alerts, cases and requests go into the plant's own store with the times of the replay: give a plant of its own to a
    replay whose results should not be seen by people.
    """
    clock = ManualClock(start)
    past = replace(plant, clock=clock, history=_needed(plant, start, end))
    totals = {"assessed": 0, "raised": 0, "returned": 0, "cases": 0, "requests": 0}
    with plant.progress.stage("replaying history", count(start, end, every)) as advance:
        for moment in moments(start, end, every):
            clock.set(moment)
            report = score_fleet(past, holder="replay")
            totals["assessed"] += report.assessed
            totals["raised"] += report.alerts.raised
            totals["returned"] += report.alerts.returned
            totals["cases"] += report.alerts.cases_opened
            totals["requests"] += report.alerts.requests_drafted
            advance(1)
    return ReplayReport(start, end, count(start, end, every), **totals)


def _needed(plant: Plant, start: datetime, end: datetime) -> HistoryTables:
    """The rows that any moment of the replay may look at."""
    filters = {}
    slack = timedelta(hours=1) + duration(plant.settings.stale_after)
    for name, asset_class in plant.catalogue.classes.items():
        kept = ds.field("recorded_at") <= end
        needed = needed_history(asset_class, champion(plant, name))
        if needed is not None and asset_class.axis.kind == "time":
            # Twice: an asset that fell silent a window ago is still looked at, with the window before that.
            first = start - 2 * timedelta(hours=needed) - slack
            newest = ReadingStore(plant.history).last(asset_class, known_at=start)
            silent = pa.array(newest.loc[newest["time"] <= first, "asset"].tolist(), pa.string())
            # One that fell silent before has nothing else than its old readings to say how long ago that was.
            kept &= (ds.field("time") > first) | ds.field("asset").isin(silent)
        filters[readings_table(name)] = kept
    names = [*SCHEMAS, *(readings_table(name) for name in plant.catalogue.classes)]
    return snapshot(plant.history, names, filters)
