"""Take in what happened to the machines: failures, repairs, preventive tasks, inspections, error codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import pandas as pd

from pdm.errors import ColumnsError
from pdm.ports import Plant
from pdm.readings.columns import fitting, refuse_unused
from pdm.readings.event_rows import EventIntake, EventsGiven, plan_event_columns, take_events
from pdm.readings.events import append_events
from pdm.readings.files import RawTable, read_all
from pdm.readings.quarantine import write_quarantine
from pdm.readings.registry import read_assets
from pdm.readings.report import IngestReport
from pdm.readings.sources import Source, read_source, remember_source
from pdm.readings.zones import check_zone


def ingest_events(
    plant: Plant,
    files_or_frame: Sequence[Path] | pd.DataFrame,
    *,
    source: str = "events",
    time_zone: str | None = None,
    columns: Mapping[str, str] | None = None,
    backfill: bool = False,
    delay: timedelta = timedelta(0),
    day_first: bool | None = None,
) -> IngestReport:
    """Store events of files or of a data frame with the columns of `EVENTS`, under any of their usual names.

    source, time_zone, columns, day_first: as for `ingest_readings`. backfill: old history; an event counts as known at its
    `recorded_at`, else at its own time plus `delay`. Without it, events are known from now on.

    Events of unknown assets or kinds and without a usable time go to quarantine; the same event again changes nothing.

    Raises:
        UnreadableFile, ColumnsError, ZoneQuestion, InputError: as for `ingest_readings`; nothing is stored then.
    """
    begun, now = perf_counter(), plant.clock.now()
    known = read_source(plant.history, source)
    zone = check_zone(time_zone) if time_zone else known.time_zone
    with plant.progress.stage("reading events") as advance:
        raws = read_all(files_or_frame, advance)
    refuse_unused(columns or {}, [list(raw.frame.columns) for raw in raws])
    mapping = {**known.columns, **(columns or {})}
    given = EventsGiven(read_assets(plant.history), now, source, zone, day_first, backfill, delay)
    intakes = [_checked(raw, given, mapping) for raw in raws]
    rejected = [row for intake in intakes for row in intake.rejected]
    path = write_quarantine(plant.workspace.quarantine, rejected, source=f"{source}-events", now=now)
    events = pd.concat([intake.events for intake in intakes], ignore_index=True)
    counts = append_events(plant.history, events, now=now, source=source)
    remember_source(plant.history, Source(source, zone, mapping), now=now)
    read = sum(intake.rows_read for intake in intakes)
    return IngestReport(
        files=tuple(raw.name for raw in raws),
        rows_read=read,
        rows_stored=counts.stored,
        cells_read=read,
        cells_new=counts.stored,
        cells_duplicate=counts.duplicates,
        cells_conflicting=0,
        cells_quarantined=len(rejected),
        rows_quarantined=len(rejected),
        rows_partly=0,
        rows_guessed=sum(intake.guessed for intake in intakes),
        quarantine_file=path,
        findings=(),
        seconds=perf_counter() - begun,
        version=counts.version,
    )


def _checked(raw: RawTable, given: EventsGiven, mapping: Mapping[str, str]) -> EventIntake:
    header = list(raw.frame.columns)
    roles = plan_event_columns(header, name=raw.name, mapping=fitting(mapping, header))
    recorded = roles.get("recorded_at")
    if recorded is not None and not given.backfill and raw.frame[recorded].notna().any():
        raise ColumnsError(
            f"{raw.name}: when the platform learnt an event ({recorded!r}) is only believed of old history",
            hint=f'pass backfill=True, or leave it out with columns={{"{recorded}": ""}}',
        )
    return take_events(raw, roles, given)
