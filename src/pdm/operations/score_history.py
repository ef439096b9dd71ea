"""Ask the champions what they would have thought at many moments of the past, each time with what was known then; nothing is stored.

It is the code of live scoring; only what does not change from one moment to the next is read once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds

from pdm.catalogue.axis import microseconds
from pdm.operations._begun import begun_anew, start_of
from pdm.operations._known import needed_history
from pdm.operations._past import Memory, Past
from pdm.operations._past_events import past_events
from pdm.operations.score_fleet import assess_as_known, champion
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.store import ReadingStore
from pdm.readings.tables import SCHEMAS, HistoryTables, readings_table
from pdm.replay.held import HeldReadings
from pdm.replay.snapshot import Snapshot, snapshot
from pdm.scoring.assessment import Assessment
from pdm.units import duration


def score_history(
    plant: Plant, moments: Sequence[datetime], *, classes: Sequence[str] | None = None, explain: bool = True
) -> Iterator[tuple[datetime, list[Assessment]]]:
    """What the models in charge today would have said at each of `moments` (in order), as known then, sorted by class and tag.

    explain: whether the assessments say why; counting alerts needs no reasons, and they are most of a model's work.
    """
    names = list(classes or sorted(plant.catalogue.classes))
    if not moments:
        return
    history = held_history(plant, moments[0], moments[-1], names)
    recorded = {name: _recorded(history, name) for name in ("assets", "events", "levels")}
    memory = Memory(HeldReadings(history), moments[-1], recorded, past_events(history))
    past = replace(plant, history=history)
    for moment in moments:
        known = Past(history, moment, explain, memory=memory)
        yield moment, [one for name in names for one in assess_as_known(past, name, known)]


def held_history(plant: Plant, start: datetime, end: datetime, classes: Iterable[str]) -> Snapshot:
    """The rows that any moment between `start` and `end` may look at, in memory."""
    filters = {}
    names = list(classes)
    slack = timedelta(hours=1) + duration(plant.settings.stale_after)
    for name in names:
        asset_class = plant.catalogue.classes[name]
        kept = ds.field("recorded_at") <= end
        bundle = champion(plant, name)
        needed = needed_history(asset_class, bundle)
        if needed is not None and asset_class.axis.kind == "time":
            # Twice: an asset that fell silent a window ago is still looked at, with the window before that.
            first = start - 2 * timedelta(hours=needed) - slack
            newest = ReadingStore(plant.history).last(asset_class, known_at=start)
            silent = pa.array(newest.loc[newest["time"] <= first, "asset"].tolist(), pa.string())
            # One that fell silent before has nothing else than its old readings to say how long ago that was.
            rows = (ds.field("time") > first) | ds.field("asset").isin(silent)
            begins = begun_anew(bundle, asset_class, read_events(plant.history, known_at=end)) if bundle else {}
            if since := start_of(begins, asset_class):
                # A level that is learnt in service rests on the first rows since then, however long ago.
                rows |= ds.field("asset").isin(pa.array(sorted(begins), pa.string())) & (ds.field("time") >= since)
            kept &= rows
        filters[readings_table(name)] = kept
    return snapshot(plant.history, [*SCHEMAS, *(readings_table(name) for name in names)], filters)


def _recorded(history: HistoryTables, name: str) -> np.ndarray:
    table = history.dataset(name)
    if table is None:
        return np.empty(0, dtype=np.int64)
    column = table.to_table(columns=["recorded_at"])["recorded_at"].to_pandas()
    return np.sort(microseconds(column)) if len(column) else np.empty(0, dtype=np.int64)
