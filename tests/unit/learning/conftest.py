"""A small made-up fleet whose wear shows in one of three channels: enough to learn from in a second."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import (
    AssetClass,
    Axis,
    Channel,
    Costs,
    FailureMode,
    FeatureSet,
    Learner,
    ModelDefinition,
    Split,
    Target,
    Window,
)

HOUR = pd.Timedelta(hours=1)
START = pd.Timestamp("2026-01-01", tz="UTC")


def a_life(asset, start, end, ended_by="failure", *, item="unit", mode="wear", severity="critical", serial=None):
    failed = ended_by == "failure"
    return {
        "life": f"{serial or asset}#{start}",
        "asset": asset,
        "item": serial or asset,
        "maintainable_item": item,
        "start": start,
        "end": end,
        "ended_by": ended_by,
        "failure_mode": mode if failed else "",
        "severity": severity if failed else "",
        "known_at": START,
    }


def at_hours(*hours):
    return [START + HOUR * hour for hour in hours]


@dataclass(frozen=True)
class Fleet:
    features: pd.DataFrame
    lives: pd.DataFrame
    definition: ModelDefinition
    asset_class: AssetClass

    def with_(self, **changes):
        return replace(self, **changes)


def a_class(axis):
    channels = tuple(Channel(name, name, "1") for name in ("wear", "noise", "load"))
    features = FeatureSet("engine", ("wear", "noise", "load"), (Window(rows=1),))
    return AssetClass("engine", "Engine", axis, channels, features)


def a_definition(**changes):
    base = ModelDefinition(
        asset_class="engine",
        title="Engines",
        failure_modes=(FailureMode("wear", "Wear", "unit", planning_time=5.0),),
        targets=(
            Target("wear_within_20", "failure_within", ("wear",), horizon=20.0),
            Target("remaining_life", "remaining_life", ("wear",), cap=60.0, grid=(10.0, 20.0, 30.0, 45.0, 58.0)),
        ),
        costs=Costs(10, 1, 1),
        split=Split(folds=4),
        learner=Learner(rounds=45, learning_rate=0.1, min_rows_in_leaf=20, seed=3),
    )
    return replace(base, **changes)


def usage_fleet(engines=40, seed=5):
    """Engines that run to failure; `wear` rises in the last sixty cycles."""
    random = np.random.default_rng(seed)
    frames, lives = [], []
    for number in range(engines):
        length = int(random.integers(70, 160))
        cycle = np.arange(1, length + 1, dtype=np.float64)
        wear = np.maximum(0, 60 - (length - cycle)) / 10 + random.normal(0, 0.5, length)
        frames.append(
            pd.DataFrame(
                {
                    "asset": f"E-{number:02d}",
                    "time": cycle,
                    "wear__mean": wear.astype(np.float32),
                    "noise__mean": random.normal(0, 1, length).astype(np.float32),
                    "load__mean": random.normal(0, 1, length).astype(np.float32),
                }
            )
        )
        lives.append(a_life(f"E-{number:02d}", 1.0, float(length)))
    axis = Axis("usage", 1.0, "cycles", 4.0)
    return Fleet(pd.concat(frames, ignore_index=True), pd.DataFrame(lives), a_definition(), a_class(axis))


def calendar_fleet(assets=16, hours=900, seed=6):
    """Machines over one calendar period; parts fail every so often and are replaced three hours later."""
    random = np.random.default_rng(seed)
    frames, lives = [], []
    for number in range(assets):
        asset = f"P-{number:02d}"
        wear = np.full(hours, np.nan)
        start = 0
        while start < hours:
            end = start + int(random.integers(150, 400))
            at = np.arange(start, min(end + 1, hours))
            wear[at] = np.maximum(0, 60 - (end - at)) / 10
            failed = end < hours
            last = end if failed else hours - 1
            lives.append(
                a_life(asset, *at_hours(start, last), "failure" if failed else "open", serial=f"{asset}-{start}")
            )
            start = end + 3
        values = wear + random.normal(0, 0.5, hours)
        frames.append(
            pd.DataFrame(
                {
                    "asset": asset,
                    "time": START + HOUR * np.arange(hours),
                    "wear__mean": np.nan_to_num(values).astype(np.float32),
                    "noise__mean": random.normal(0, 1, hours).astype(np.float32),
                    "load__mean": random.normal(0, 1, hours).astype(np.float32),
                }
            )
        )
    return Fleet(pd.concat(frames, ignore_index=True), pd.DataFrame(lives), a_definition(), a_class(Axis()))


@pytest.fixture(scope="session")
def engines():
    return usage_fleet()


@pytest.fixture(scope="session")
def pumps():
    return calendar_fleet()


@pytest.fixture
def life():
    return a_life


@pytest.fixture
def hours():
    return at_hours


@pytest.fixture
def definition():
    return a_definition


@pytest.fixture(scope="session")
def trained_engines(engines):
    from pdm.learning.train import train

    return train(engines.features, engines.lives, engines.definition, engines.asset_class, threads=1)


@pytest.fixture(scope="session")
def trained_pumps(pumps):
    from pdm.learning.train import train

    return train(pumps.features, pumps.lives, pumps.definition, pumps.asset_class, threads=1)
