"""Take sensor readings in: good rows are stored, bad ones wait in quarantine with the reason, and nothing is stored twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

import pandas as pd

from pdm.catalogue import AssetClass
from pdm.errors import ColumnsError, InputError
from pdm.ports import Plant
from pdm.readings.columns import fitting, plan_columns, refuse_unused
from pdm.readings.files import RawTable, read_all
from pdm.readings.findings import Finding, findings
from pdm.readings.intake import Given, Intake, take_in
from pdm.readings.quarantine import write_quarantine
from pdm.readings.registry import read_assets
from pdm.readings.report import IngestReport
from pdm.readings.sources import Source, read_source, remember_source
from pdm.readings.store import ReadingStore
from pdm.readings.zones import check_zone

_CONTEXT_STEPS = 48
"""So much stored history before the new rows helps to see a gap, a jump or a standing sensor at their seam."""


def ingest_readings(
    plant: Plant,
    files: Sequence[Path] | pd.DataFrame,
    *,
    asset_class: str,
    source: str = "files",
    time_zone: str | None = None,
    columns: Mapping[str, str] | None = None,
    backfill: bool = False,
    delay: timedelta = timedelta(0),
    asset: str | None = None,
    day_first: bool | None = None,
) -> IngestReport:
    """Store the readings of files (CSV, also gzipped, Parquet, XLSX; wide or narrow) or of a data frame.

    source: where they come from; its zone and columns are remembered under this name. time_zone: IANA zone of times without one.
    columns: column in the file -> column or channel here, "" leaves it out. asset: all rows belong to this one.
    day_first: how to read `03/05/2026` where the rows do not tell.
    backfill: old history. Each row then counts as known at its own time plus `delay` (or at its `recorded_at`), so that a replay
        of the past sees it; without it rows are known from now on.

    All files are read and checked before anything is stored. Sending them again, in pieces or in another order, changes nothing.

    Raises:
        UnreadableFile: a file is empty, truncated or binary. ColumnsError: its columns are not understood.
        ZoneQuestion: times without a zone, and nobody has said in which one the source writes.
        InputError: dates that can be read in two ways, or a history import along a usage axis without `recorded_at`.
    """
    begun, now = perf_counter(), plant.clock.now()
    definition = plant.catalogue.asset_class(asset_class)
    known = read_source(plant.history, source)
    zone = check_zone(time_zone) if time_zone else known.time_zone
    given = Given(definition, read_assets(plant.history), now, source, zone, asset, day_first)
    with plant.progress.stage("reading files") as advance:
        raws = read_all(files, advance)
    refuse_unused(columns or {}, [list(raw.frame.columns) for raw in raws])
    mapping = {**known.columns, **(columns or {})}
    intakes = [_checked(raw, given, mapping, backfill=backfill) for raw in raws]
    rows = _joined(intakes, definition, backfill=backfill, delay=delay)
    store = ReadingStore(plant.history)
    odd = _odd(store, rows, definition, now, plant.settings.time_zone)
    rejected = [row for intake in intakes for row in intake.rejected]
    # Quarantine first: killed in between, a second run stores the rest and at worst writes the bad rows twice.
    path = write_quarantine(plant.workspace.quarantine, rejected, source=source, now=now)
    with plant.progress.stage(f"storing {len(rows):,} rows of {definition.name}", 1) as advance:
        counts = store.merge(definition, rows, source=source, recorded_at=None if backfill else now)
        advance(1)
    remember_source(plant.history, Source(source, zone, mapping), now=now)
    return IngestReport(
        files=tuple(raw.name for raw in raws),
        rows_read=sum(intake.rows_read for intake in intakes),
        rows_stored=counts.rows_stored,
        cells_read=sum(intake.cells_read for intake in intakes),
        cells_new=counts.cells_new,
        cells_duplicate=counts.cells_duplicate,
        cells_conflicting=counts.cells_conflicting,
        cells_quarantined=sum(intake.cells_rejected for intake in intakes),
        rows_quarantined=len(rejected),
        rows_partly=sum(row.partly for row in rejected),
        rows_guessed=sum(intake.guessed for intake in intakes),
        quarantine_file=path,
        findings=tuple(odd),
        seconds=perf_counter() - begun,
        version=counts.version,
    )


def _checked(raw: RawTable, given: Given, mapping: Mapping[str, str], *, backfill: bool) -> Intake:
    header = list(raw.frame.columns)
    plan = plan_columns(header, given.asset_class, name=raw.name, mapping=fitting(mapping, header), asset=given.asset)
    if plan.recorded_at is not None and not backfill:
        raise ColumnsError(
            f"{raw.name}: when the platform learnt a reading ({plan.recorded_at!r}) is only believed of old history",
            hint=f'pass backfill=True, or leave it out with columns={{"{plan.recorded_at}": ""}}',
        )
    return take_in(raw, plan, given)


def _joined(intakes: Sequence[Intake], definition: AssetClass, *, backfill: bool, delay: timedelta) -> pd.DataFrame:
    rows = pd.concat([intake.rows for intake in intakes], ignore_index=True) if len(intakes) != 1 else intakes[0].rows
    if not backfill or rows.empty:
        return rows
    if definition.axis.kind == "usage":
        if "recorded_at" not in rows or rows["recorded_at"].isna().any():
            raise InputError(
                f"old history of {definition.name} counts {definition.axis.unit}, which does not say when it was known",
                hint="add a column recorded_at with dates",
            )
        return rows
    own = rows["time"] + delay
    return rows.assign(recorded_at=rows["recorded_at"].fillna(own) if "recorded_at" in rows else own)


def _odd(store: ReadingStore, rows: pd.DataFrame, definition: AssetClass, now: datetime, zone: str) -> list[Finding]:
    """Findings about the new rows, seen together with what is stored just before them."""
    if rows.empty:
        return []
    first = rows["time"].min()
    back = _CONTEXT_STEPS * definition.axis.step
    if definition.axis.kind == "time":
        start, end = first - timedelta(hours=back), first - timedelta(microseconds=1)
    else:
        start, end = first - back, first - definition.axis.step / 1000
    before = store.scan(definition, assets=sorted(rows["asset"].unique().tolist()), start=start, end=end)
    together = pd.concat([before, rows], ignore_index=True) if len(before) else rows
    return [found for found in findings(together, definition, now=now, zone=zone) if found.end >= first]
