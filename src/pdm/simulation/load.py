"""Bring a simulated plant into the platform by the same door as everything else: the operations."""

from __future__ import annotations

from dataclasses import dataclass

from pdm.operations.ingest_events import ingest_events
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.register_assets import register_assets
from pdm.ports import Plant
from pdm.simulation.plant import SimulatedPlant

SOURCE = "simulation"


@dataclass(frozen=True)
class LoadCounts:
    """The assets of the simulation, and the rows of readings and events that were stored: none when it is loaded again."""

    assets: int
    readings: int
    events: int
    rows_quarantined: int


def load_plant(plant: Plant, simulated: SimulatedPlant) -> LoadCounts:
    """Register the assets and their parts, and store readings and events with the times at which they were recorded.

    Only what a real plant would have: `truth` and `sensor_faults` stay with the caller.

    Raises:
        NotFound: the plant defines no class of that name.
    """
    register_assets(plant, simulated.assets, simulated.installations, backfill=True)
    stored = quarantined = 0
    with plant.progress.stage("storing the simulated year", len(simulated.readings) + 1) as advance:
        for name, readings in simulated.readings.items():
            report = ingest_readings(plant, readings, asset_class=name, source=SOURCE, backfill=True)
            stored += report.rows_stored
            quarantined += report.rows_quarantined
            advance(1)
        events = ingest_events(plant, simulated.events, source=SOURCE, backfill=True)
        advance(1)
    return LoadCounts(len(simulated.assets), stored, events.rows_stored, quarantined + events.rows_quarantined)
