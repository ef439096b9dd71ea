"""One small plant with a model in charge, made once through the platform's own operations; every story goes on from a copy of it.

Sixteen simulated pumps over the first half of 2025. The platform knows what was recorded until `CUT`; a bearing is wearing
that the model has never seen fail. What comes after lies in `World`, and arrives as it does in a plant: day by day.
"""

import re
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from pdm.clock import ManualClock
from pdm.operations.ingest_events import ingest_events
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.promote_model import promote_model
from pdm.operations.score_fleet import score_fleet
from pdm.operations.train_model import train_model
from pdm.ports import Plant
from pdm.simulation.load import load_plant
from pdm.simulation.plant import SimulatedPlant
from pdm.simulation.small_plant import simulate_small_plant
from pdm.testing.tracker import MemoryTracker
from pdm.wiring import build_plant
from pdm.workspace import create

CUT = datetime(2025, 7, 20, tzinfo=UTC)
DAY = timedelta(days=1)
PATIENCE = 14


@dataclass(frozen=True)
class World:
    """What happens in the plant, and what of it is recorded between two moments."""

    simulated: SimulatedPlant

    def readings(self, after: datetime, until: datetime) -> pd.DataFrame:
        """What the historian sent in the meantime; when the platform learns it is the platform's business."""
        return _recorded(self.simulated.readings["pump"], after, until).drop(columns="recorded_at")

    def events(self, after: datetime, until: datetime) -> pd.DataFrame:
        return _recorded(self.simulated.events, after, until).drop(columns="recorded_at")

    def before(self, moment: datetime) -> SimulatedPlant:
        """The plant as somebody would import it at that moment."""
        whole = self.simulated
        begin = whole.start - DAY
        placed = [replace(part, end=None) if part.end and part.end > moment else part for part in whole.installations]
        return replace(
            whole,
            readings={name: _recorded(rows, begin, moment) for name, rows in whole.readings.items()},
            events=_recorded(whole.events, begin, moment),
            installations=[part for part in placed if part.start <= moment],
        )

    def wearing(self, asset: str, moment: datetime) -> bool:
        """Whether a bearing of this pump is wearing then: the truth, which no plant knows."""
        lives = self.simulated.truth
        return bool(
            (
                (lives["asset"] == asset)
                & (lives["maintainable_item"] == "bearing")
                & (lives["onset"] <= moment)
                & (lives["end"].isna() | (lives["end"] > moment))
            ).any()
        )


def _recorded(rows: pd.DataFrame, after: datetime, until: datetime) -> pd.DataFrame:
    return rows[(rows["recorded_at"] > after) & (rows["recorded_at"] <= until)].reset_index(drop=True)


@pytest.fixture(scope="session")
def world() -> World:
    return World(simulate_small_plant(38, assets_per_class=(16, 0, 0), days=215))


@pytest.fixture(scope="session")
def opened():
    """Open the plant in a folder with its clock at a moment: the real adapters, only MLflow's place is taken."""

    def open_plant(home: Path, now: datetime) -> Plant:
        tracker = MemoryTracker()
        return replace(build_plant(home, clock=ManualClock(now), threads=1), tracker=lambda: tracker)

    return open_plant


@pytest.fixture(scope="session")
def live(world):
    """One day in the life of a plant: what was recorded arrives, the fleet is scored."""

    def one_day(plant: Plant):
        before = plant.clock.now()
        now = plant.clock.advance(DAY)
        ingest_readings(plant, world.readings(before, now), asset_class="pump", source="historian")
        if len(events := world.events(before, now)):
            ingest_events(plant, events, source="cmms")
        return score_fleet(plant)

    return one_day


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory, world, opened) -> Path:
    """A plant at `CUT`: history taken in, a model trained by Ada and put in charge by Bo."""
    home = tmp_path_factory.mktemp("trained") / "plant"
    create(home, plant_name="Northern works", time_zone="Europe/Berlin")
    _make_small(home)
    plant = opened(home, CUT)
    load_plant(plant, world.before(CUT))
    train_model(plant, "pump", author="Ada")
    promote_model(plant, "pump", approved_by="Bo")
    return home


@pytest.fixture(scope="session")
def warned_home(tmp_path_factory, trained_home, opened, live) -> tuple[Path, datetime]:
    """The same plant on the day on which the first alert was raised."""
    home = tmp_path_factory.mktemp("warned") / "plant"
    plant = opened(shutil.copytree(trained_home, home), CUT)
    for _ in range(PATIENCE):
        if live(plant).alerts.raised:
            return home, plant.clock.now()
    raise AssertionError(f"no alert in {PATIENCE} days")


@pytest.fixture
def trained(tmp_path, trained_home, opened) -> Plant:
    """A copy of the plant at `CUT`, to be changed at will."""
    return opened(shutil.copytree(trained_home, tmp_path / "plant"), CUT)


@pytest.fixture
def warned(tmp_path, warned_home, opened) -> Plant:
    """A copy of the plant on the day of the alert."""
    home, moment = warned_home
    return opened(shutil.copytree(home, tmp_path / "plant"), moment)


@pytest.fixture(scope="session")
def on_record():
    """Everything operational that a plant keeps, to be compared."""

    def read(plant: Plant) -> dict[str, list]:
        with plant.unit_of_work() as work:
            return {
                "alerts": work.alerts.list(),
                "cases": work.cases.list(),
                "requests": work.requests.list(),
                "outbox": work.outbox.pending(1000),
                "verdicts": work.verdicts.list(),
                "audit": work.audit.list(limit=10_000),
                "assessments": work.assessments.latest(),
            }

    return read


def _make_small(home: Path) -> None:
    """The plant's own definitions: only the bearing is predicted, from rows twice a day, with few and small trees."""
    features = home / "features" / "pump.toml"
    _edit(features, ('every = "6h"', 'every = "12h"'))
    model = home / "models" / "pump.toml"
    _edit(
        model,
        ("rounds = 120", "rounds = 60"),
        ("min_rows_in_leaf = 60", "min_rows_in_leaf = 30"),
        ("row_stride = 2", "row_stride = 1"),
        ("folds = 4", "folds = 3"),
    )
    tables = re.split(r"(?m)^(?=\[)", model.read_text(encoding="utf-8"))
    kept = [table for table in tables if not table.startswith("[[target]]") or "bearing_wear_within" in table]
    model.write_text("".join(kept), encoding="utf-8")


def _edit(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"{file.name} no longer says {old}"
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
