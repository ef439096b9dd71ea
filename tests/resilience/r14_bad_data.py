"""R14: every asset is in exactly one state and never "normal" on old or bad data; bad data alone raises no alert.

A fleet of pumps with a reading every ten minutes is taken in and scored every hour by the platform's own operations, with a small model
in charge. After two sound days one fault begins on each pump: frozen, constant, silent, NaN, infinite, a thousand times too large, a clock
that runs an hour ahead. Within two periods each must say what is wrong, and for the rest of the run never "normal". Two pumps stay sound,
one of them worn: they show that the words can say otherwise.
"""

import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

import lightgbm
import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, Axis, Catalogue, Channel, FeatureSet, Policy, RunningRule, Window
from pdm.extraction import extraction_version, feature_names
from pdm.learning.model import Model, TargetModel
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.score_fleet import score_fleet
from pdm.readings.registry import Asset, register
from pdm.registry.bundle import write_bundle
from pdm.registry.keys import plant_key
from pdm.registry.shelf import BundleShelf
from pdm.scoring.assessment import Condition, DataState, Equipment, ModelState
from pdm.testing.builders import NOON
from pdm.testing.plants import a_plant
from pdm.testing.promise import tell

STEP, PERIOD, SOUND = timedelta(minutes=10), timedelta(hours=1), timedelta(hours=48)
PUMP = AssetClass(
    "pump",
    "Pump",
    Axis(step=1 / 6),
    (
        Channel("vibration", "Vibration velocity", "mm/s", low=0.0, high=1e6),
        Channel("temperature", "Bearing temperature", "degC"),
        Channel("speed", "Shaft speed", "rpm", role="setting"),
    ),
    FeatureSet(
        "pump",
        ("vibration", "temperature"),
        (Window(duration="12h", every="1h", min_rows=3),),
        {"mean": None, "maximum": None},
    ),
    RunningRule("speed", 200.0),
)
EXPECTED = {
    "freeze": {"bad quality"},
    "constant": {"bad quality"},
    "drop": {"stale"},
    "nan": {"bad quality"},
    "infinite": {"bad quality"},
    "x1000": {"bad quality"},
    "clock": {"bad quality", "stale"},  # readings from the future are refused at the door, and then there are none
}
WORDS = {"equipment": Equipment, "condition": Condition, "data": DataState, "model": ModelState}


def a_fleet(folder: Path):
    """The plant with a model in charge: high vibration is bad."""
    plant = a_plant(folder, policy=Policy(raise_at=0.5, clear_at=0.25, persistence=(1, 1)), now=NOON)
    catalogue = Catalogue(plant.catalogue.classes | {"pump": PUMP}, plant.catalogue.models)
    settings = plant.settings.model_copy(update={"stale_after": "90min"})
    plant = replace(plant, catalogue=catalogue, settings=settings)
    names = feature_names(PUMP.feature_set, PUMP.axis)
    matrix = np.random.default_rng(1).uniform(0, 12, size=(400, len(names))).astype(np.float32)
    column = next(place for place, name in enumerate(names) if name.startswith("vibration") and name.endswith("mean"))
    data = lightgbm.Dataset(
        matrix, (matrix[:, column] > 6).astype(float), feature_name=[f"f{n}" for n in range(len(names))]
    )
    options = {"objective": "binary", "num_threads": 1, "verbosity": -1, "num_leaves": 5, "learning_rate": 0.5}
    booster = str(lightgbm.train(options, data, 12).model_to_string())
    definition = catalogue.model("pump")
    manifest = write_bundle(
        plant.workspace.bundles,
        Model("pump", names, "h", (TargetModel(definition.targets[0], {"probability": booster}),)),
        feature_set=PUMP.feature_set,
        asset_class=PUMP,
        definition=definition,
        extraction_version=extraction_version(),
        data_versions={"readings_pump": 0},
        golden=pd.DataFrame(np.ones((2, len(names)), np.float32), columns=list(names)),
        key=plant_key(plant.workspace),
        created_by="ada",
    )
    BundleShelf(plant.workspace.bundles).set_alias("pump", "champion", manifest.version)
    return plant


def readings(tag: str, begin, end, wear: float, random) -> pd.DataFrame:
    times = pd.date_range(begin, end, freq=STEP, inclusive="right").as_unit("us")
    return pd.DataFrame(
        {
            "asset": tag,
            "time": times,
            "vibration": 2.5 + 7.0 * wear + random.normal(0, 0.2, len(times)),
            "temperature": 55 + random.normal(0, 0.5, len(times)),
            "speed": 1480.0,
        }
    )


def spoilt(rows: pd.DataFrame, fault: str, last: float) -> pd.DataFrame:
    """The same rows as a broken sensor, link or clock hands them over."""
    if fault == "freeze":
        return rows.assign(vibration=last)
    if fault == "constant":
        return rows.assign(vibration=2.5)
    if fault == "drop":
        return rows.iloc[:0]
    if fault == "nan":
        return rows.assign(vibration=np.nan)
    if fault == "infinite":
        return rows.assign(vibration=np.inf)
    if fault == "x1000":
        return rows.assign(vibration=rows["vibration"] * 1000.0)
    return rows.assign(time=rows["time"] + timedelta(hours=1)) if fault == "clock" else rows


def measure(short: bool) -> dict:
    copies, periods = (1, 5) if short else (6, 24)
    faults = {f"{fault}-{copy}": fault for fault in EXPECTED for copy in range(copies)}
    wear = dict.fromkeys(faults, 0.0) | {"sound": 0.0, "worn": 1.0}
    random = np.random.default_rng(14)
    normal, late, wrong, several = [], [], [], []
    said: dict[str, set[str]] = {"sound": set(), "worn": set()}
    with tempfile.TemporaryDirectory() as folder:
        plant = a_fleet(Path(folder))
        register(plant.history, [Asset(tag, "pump") for tag in wear], now=NOON - timedelta(days=9))
        before = pd.concat([readings(tag, NOON - SOUND, NOON, level, random) for tag, level in wear.items()])
        ingest_readings(plant, before, asset_class="pump", source="historian", backfill=True)
        last = before.groupby("asset")["vibration"].last()
        for period in range(periods):
            begin = plant.clock.now()
            now = plant.clock.advance(PERIOD)
            rows = [
                spoilt(readings(tag, begin, now, level, random), faults.get(tag, ""), last[tag])
                for tag, level in wear.items()
            ]
            ingest_readings(plant, pd.concat(rows), asset_class="pump", source="historian")
            found = score_fleet(plant).assessments
            several += [
                one.asset
                for one in found
                if any(getattr(one, word) not in get_args(kind) for word, kind in WORDS.items())
            ]
            several += [tag for tag in wear if sum(one.asset == tag for one in found) != 1]
            for one in found:
                fault = faults.get(one.asset)
                if fault is None:
                    said[one.asset].add(f"{one.condition}, {one.data}")
                    continue
                if period >= 1 and one.data not in EXPECTED[fault]:
                    (late if period == 1 else wrong).append(f"{one.asset} in period {period + 1}: {one.data}")
                if period >= 1 and one.condition != "unknown":
                    normal.append(f"{one.asset} in period {period + 1}: {one.condition}")
        with plant.unit_of_work() as work:
            alerts = sorted({alert.asset for alert in work.alerts.list()})
        plant.unit_of_work.close()
    control = said == {"sound": {"normal, fresh"}, "worn": {"act, fresh"}} and alerts == ["worn"]
    return {
        "kept": not (normal or late or wrong or several) and control,
        "faults": list(EXPECTED),
        "assets": len(wear),
        "periods": periods,
        "not_said_within_two_periods": late[:5],
        "not_said_later": wrong[:5],
        "normal_on_bad_data": normal[:5],
        "not_exactly_one_state": several[:5],
        "alerts_from_bad_data_alone": [tag for tag in alerts if tag != "worn"],
        "controls": {tag: sorted(words) for tag, words in said.items()},
    }


if __name__ == "__main__":
    sys.exit(tell("R14", measure))
