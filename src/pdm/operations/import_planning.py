"""Take in what the planner knows: planned stops, crews, stock, prices of production, protected plans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pdm.errors import InputError
from pdm.operations._marks import mark_stops
from pdm.ports import Plant
from pdm.readings.files import read_file
from pdm.readings.quarantine import write_quarantine
from pdm.readings.registry import read_assets
from pdm.records.planning import TABLES, Table, write_table
from pdm.records.planning_rows import Known, Row, take_planning


@dataclass(frozen=True)
class PlanningReport:
    """What came in. tables: table -> rows that hold now. kept: tables of which no row was good, so the old ones hold."""

    rows_read: int
    rows_used: int
    rows_quarantined: int
    tables: Mapping[str, int]
    kept: tuple[str, ...]
    reasons: Mapping[str, int]
    quarantine_file: Path | None


def import_planning(
    plant: Plant, files: Sequence[Path], *, table: Table | None = None, dry_run: bool = False
) -> PlanningReport:
    """Read lists (CSV in any dialect, XLSX) and replace each table that they fill; bad rows wait in quarantine with their reason.

    Nobody is alerted about a machine while it stands in a planned stop.

    table: which list it is, where its headers do not tell. Times without a zone are on the plant's clock.

    Raises:
        UnreadableFile, ColumnsError, InputError: a file that is no table, or none of these lists.
    """
    if not files:
        raise InputError("no file is named", hint="name at least one")
    if table is not None and table not in TABLES:
        raise InputError(f"there is no table {table!r}", hint=", ".join(TABLES))
    now = plant.clock.now()
    catalogue = plant.catalogue
    known = Known(
        assets={tag: asset.location for tag, asset in read_assets(plant.history).items()},
        classes=tuple(catalogue.classes),
        crafts=catalogue.planning.crafts,
        part_numbers=tuple(
            dict.fromkeys(part.number for some in catalogue.packages.values() for one in some for part in one.parts)
        ),
        zone=plant.settings.time_zone,
    )
    intakes = [take_planning(read_file(Path(path)), known, table) for path in files]
    rows: dict[Table, list[Row]] = {}
    for intake in intakes:
        rows.setdefault(intake.table, []).extend(intake.rows)
    rejected = [one for intake in intakes for one in intake.rejected]
    path = None
    if not dry_run:
        for name, good in rows.items():
            if good:
                write_table(plant.workspace.home, name, good)
        if rows.get("stops"):
            mark_stops(plant, now)
        path = write_quarantine(plant.workspace.quarantine, rejected, source="planning", now=now)
    return PlanningReport(
        rows_read=sum(intake.rows_read for intake in intakes),
        rows_used=sum(len(intake.rows) for intake in intakes),
        rows_quarantined=len(rejected),
        tables={name: len(good) for name, good in rows.items() if good},
        kept=tuple(name for name, good in rows.items() if not good),
        reasons=dict(Counter(one.reason for one in rejected).most_common()),
        quarantine_file=path,
    )
