"""Bring an exported plant into a home through the same doors as a real one: the importers of readings and of records."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pdm.operations.import_equipment import import_equipment
from pdm.operations.import_plans import import_plans
from pdm.operations.import_work_orders import import_work_orders
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.register_assets import register_assets
from pdm.ports import Plant
from pdm.readings.registry import Asset
from pdm.records.options import ListOptions
from pdm.records.report import RecordsReport
from pdm.simulation.honest.export import HISTORIAN, RECORDS
from pdm.simulation.honest.historian import SECTIONS
from pdm.simulation.honest.settings import PlantSettings


@dataclass(frozen=True)
class HonestLoad:
    """What came through the importers: rows and cells of readings, and the reports of each section's lists, by section and list."""

    assets: int
    rows_stored: int
    cells_quarantined: int
    cells_conflicting: int
    records: dict[str, RecordsReport] = field(repr=False)

    @property
    def events(self) -> int:
        """Events that were new."""
        return sum(report.events_new for report in self.records.values())


def load_exports(plant: Plant, settings: PlantSettings, exports: Path, assets: list[Asset]) -> HonestLoad:
    """Register the machines, then take in the historian's files and the lists of each section as old history.

    exports: the folder that `export` wrote.

    Raises:
        NotFound: the plant lacks the class definitions; `write_definitions` writes them.
        InputError: a file cannot be used.
    """
    zone = settings.period.time_zone
    register_assets(plant, assets, backfill=True)
    stored = quarantined = conflicting = 0
    for machine in settings.machine:
        files = sorted((exports / HISTORIAN).glob(f"{machine.name}_????-??.csv"))
        if not files:
            continue
        report = ingest_readings(
            plant, files, asset_class=machine.name, source=f"historian-{machine.name}", time_zone=zone, backfill=True
        )
        stored += report.rows_stored
        quarantined += report.cells_quarantined
        conflicting += report.cells_conflicting
    records: dict[str, RecordsReport] = {}
    for section, _ in SECTIONS:
        folder, source = exports / RECORDS / section, f"sap-{section}"
        # Structure first: orders on lines and parts are understood by it. Orders before plans, which leave out what orders tell.
        options = ListOptions(system="sap", source=source, time_zone=zone)
        records[f"{section}/equipment"] = import_equipment(plant, [folder / "IH01.csv"], options)
        records[f"{section}/work"] = import_work_orders(plant, [folder / "IW29.csv", folder / "IW39.csv"], options)
        records[f"{section}/plans"] = import_plans(plant, [folder / "IP24.csv"], options)
    return HonestLoad(len(assets), stored, quarantined, conflicting, records)
