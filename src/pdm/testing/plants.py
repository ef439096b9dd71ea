"""A whole plant for tests of operations: a real operational store, everything else in memory, one class of pumps."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pdm.adapters.console import SilentProgress
from pdm.adapters.sql import migrate, sql_unit_of_work
from pdm.catalogue import (
    AssetClass,
    Axis,
    Catalogue,
    Channel,
    Costs,
    FailureMode,
    FeatureSet,
    ModelDefinition,
    Policy,
    Target,
    Window,
)
from pdm.clock import ManualClock
from pdm.extraction.executor import Threads
from pdm.ports import HistoryTables, Notifier, Plant, Receiver
from pdm.settings import Settings
from pdm.testing.builders import NOON
from pdm.testing.history import MemoryHistory
from pdm.testing.receiver import MemoryReceiver
from pdm.testing.tracker import MemoryTracker
from pdm.workspace import Workspace

PUMP_MODES = (
    FailureMode(
        "bearing_wear",
        "Bearing wear, drive end",
        "bearing",
        mechanism="wear",
        mode="vibration",
        next_step="Take a vibration spectrum at the drive end.",
        planning_time=72.0,
        parts_time=120.0,
        hours=8.0,
        crafts=("mechanic",),
        parts=("bearing set",),
    ),
    FailureMode("seal_leak", "Leaking mechanical seal", "seal", mechanism="leakage", planning_time=48.0, hours=6.0),
)


def a_catalogue(policy: Policy | None = None) -> Catalogue:
    """Pumps on the calendar and engines that count cycles, both with the same failure modes.

    The policy: raised by one score of 0.4 or more, cleared below 0.2, requests suggested.
    """
    policy = policy or Policy(raise_at=0.4, clear_at=0.2, persistence=(1, 1))
    classes, models = {}, {}
    for name, axis in (("pump", Axis()), ("engine", Axis("usage", 1.0, "cycles", 4.0))):
        channel = Channel("vibration", "Vibration, drive end", "mm/s")
        features = FeatureSet(name, ("vibration",), (Window(rows=24),))
        classes[name] = AssetClass(name, name.title(), axis, (channel,), features)
        targets = tuple(
            Target(f"{mode.name}_within", "failure_within", (mode.name,), axis.span("14d") if name == "pump" else 30.0)
            for mode in PUMP_MODES
        )
        models[name] = ModelDefinition(
            name, f"Failures of a {name}", PUMP_MODES, targets, Costs(24000.0, 3200.0, 350.0), policy=policy
        )
    return Catalogue(classes, models)


def a_plant(
    folder: Path,
    *,
    policy: Policy | None = None,
    now: datetime = NOON,
    history: HistoryTables | None = None,
    receiver: Receiver | None = None,
    notifier: Notifier | None = None,
    url: str | None = None,
) -> Plant:
    """A plant whose database lies in `folder` (or at `url`) and whose clock stands at `now` until it is moved."""
    workspace = Workspace(folder)
    database = url or f"sqlite:///{workspace.database}"
    if url is None and not workspace.database.exists():
        workspace.database.write_bytes(_migrated())
    else:
        migrate(database)
    tracker = MemoryTracker()
    return Plant(
        settings=Settings(home=folder, time_zone="Europe/Berlin"),
        workspace=workspace,
        catalogue=a_catalogue(policy),
        clock=ManualClock(now),
        history=history or MemoryHistory(),
        unit_of_work=sql_unit_of_work(database),
        tracker=lambda: tracker,
        executor=Threads(1),
        progress=SilentProgress(),
        receiver=receiver or MemoryReceiver(),
        notifier=notifier,
    )


@cache
def _migrated() -> bytes:
    """An empty database with all tables: migrating one for every test would be most of its time."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "plant.db"
        migrate(f"sqlite:///{file}")
        return file.read_bytes()
