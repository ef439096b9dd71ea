"""Whether drift watching tells a changed plant from a restless one: the honest simulated plant with and without its changes.

The plants of the test months make new products, have warmer cooling water, denser feed and retuned controllers from some moment on; the
same plants without these (`none`) are as restless as plants are. Each channel of each class is learnt from the training months and asked
about every fortnight of the test months. Prints one JSON line: of how many fortnights it said that they are unlike the past.

    python benchmarks/input_drift.py --seeds 301 302 303 304
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from watch_list import in_range

from pdm.catalogue import AssetClass
from pdm.catalogue.load import load_class
from pdm.monitoring.drift import SPAN, learn_usual, stability
from pdm.readings.running import RunningState, running_state
from pdm.simulation.honest.definitions import write_definitions
from pdm.simulation.honest.settings import DEFAULT, Change, PlantSettings, read_settings
from pdm.simulation.honest.simulate import simulate_plant
from pdm.simulation.honest.version import settings_version, simulator_version

NO_CHANGE = Change(new_grade=0.0, cooling_water_rise=0.0, cooling_water_days=50.0, feed_density=1.0, retuned_lines=0.0)


def classes(settings: PlantSettings) -> dict[str, AssetClass]:
    """The plant's classes by name, as the simulator writes them into a home."""
    with tempfile.TemporaryDirectory() as folder:
        write_definitions(settings, Path(folder))
        return {file.stem: load_class(file) for file in sorted((Path(folder) / "features").glob("*.toml"))}


def answers(readings: pd.DataFrame, asset_class: AssetClass, test_from: float, end: float) -> Iterator[tuple[str, int]]:
    """(channel, fortnight) and whether it drifted, as 1 or 0, for every channel and fortnight that could be judged."""
    running = running_state(readings, asset_class) == RunningState.RUNNING
    position = asset_class.axis.positions(readings["time"])
    for channel in asset_class.channels:
        kept = running & readings[channel.name].notna().to_numpy()
        rows = pd.DataFrame(
            {"asset": readings["asset"].astype(str), "position": position, "value": readings[channel.name]}
        )[kept]
        usual = learn_usual(rows[rows["position"] <= test_from], test_from)
        if usual is None:
            continue
        for start in np.arange(test_from, end - SPAN + 1, SPAN):
            seen = stability(rows[(rows["position"] > start) & (rows["position"] <= start + SPAN)], usual)
            if seen is not None:
                yield channel.name, int(seen.drifts)


def judge(settings: PlantSettings, seed: int) -> dict[str, Any]:
    """One plant: channel-fortnights asked and named, and how many channels were ever named."""
    made, known = simulate_plant(settings, seed), classes(settings)
    test_from, end = (moment.timestamp() / 3600.0 for moment in (made.test_from, made.end))
    asked = named = 0
    ever, channels = set(), set()
    for name, readings in sorted(made.readings.items()):
        table = in_range(readings.sort_values(["asset", "time"], ignore_index=True), known[name])
        for channel, drifts in answers(table, known[name], test_from, end):
            asked, named = asked + 1, named + drifts
            channels.add((name, channel))
            if drifts:
                ever.add((name, channel))
    return {"asked": asked, "named": named, "channels": len(channels), "channels_named": len(ever)}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    options = parser.parse_args()
    stated = read_settings(DEFAULT)
    started = time.process_time()
    found: dict[str, Any] = {}
    for change, settings in (("stated", stated), ("none", replace(stated, change=NO_CHANGE))):
        plants = [judge(settings, seed) for seed in options.seeds]
        found[change] = {name: sum(plant[name] for plant in plants) for name in plants[0]} | {
            "named_by_plant": [plant["named"] for plant in plants]
        }
    versions = {"simulator": simulator_version(), "settings": settings_version(stated)}
    cpu = round(time.process_time() - started, 1)
    print(json.dumps({"benchmark": "input_drift", "seeds": options.seeds, "versions": versions, "cpu_s": cpu} | found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
