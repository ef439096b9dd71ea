"""What the watch list finds on simulated plants without a single failure label, beside limit and EWMA rules that were tuned on the truth.

For each seed the honest plant is simulated; the watch list of each class is learnt from the training months as they were written down
(of events only what not to learn from), and asked once a day over the test months, with the readings and records known by then. An
alert is raised at level 1 and closed by whoever looked 14 days later; it names no mode. The judge compares it with the truth. The
test months hold products, weather and controllers that the training months did not; --change none simulates the same plants without.

    python benchmarks/watch_list.py --seeds 101 102 103 104
    python benchmarks/watch_list.py --seeds 101 102 --change none
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue.load import load_class, load_model
from pdm.errors import TooLittleData
from pdm.learning.watch import Standing, learn_watch, lookback, stand
from pdm.simulation.honest.definitions import write_definitions
from pdm.simulation.honest.settings import DEFAULT, Change, PlantSettings, read_settings
from pdm.simulation.honest.simulate import HonestPlant, simulate_plant
from pdm.simulation.honest.version import settings_version, simulator_version
from pdm.simulation.judge.figures import figures
from pdm.simulation.judge.matching import alert_table
from pdm.simulation.judge.protocol import Months, digest, months
from pdm.simulation.judge.tuning import ewma_rules, limit_rules
from pdm.simulation.judge.verdicts import judge

GAP, LOOKED_AT = timedelta(days=14), pd.Timedelta(days=14)
DAY, SILENT = 24.0, 30.0
SHOWN = ("recall_detectable", "recall_all", "false_per_year", "precision", "early_per_year")
NO_CHANGE = Change(new_grade=0.0, cooling_water_rise=0.0, cooling_water_days=50.0, feed_density=1.0, retuned_lines=0.0)


def events_of(plant: HonestPlant) -> pd.DataFrame:
    """What people wrote: without what nobody wrote, on the machine it was booked on, known when it was entered."""
    rows = plant.truth.records
    rows = rows[rows["recorded"] & rows["event"].isin(["failure", "condition"])]
    kind = np.where(rows["event"] == "failure", "failure", "repair")
    return pd.DataFrame(
        {
            "asset": rows["booked_on"].to_numpy(),
            "time": pd.to_datetime(rows["happened_at"].to_numpy(), utc=True),
            "recorded_at": pd.to_datetime(rows["entered_at"].to_numpy(), utc=True),
            "kind": kind,
            "usage": np.nan,
        }
    )


def plant_alerts(plant: HonestPlant, settings: PlantSettings, apart: Months) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The alerts of the watch list over the test months, and what belongs to the report."""
    alerts: list[dict[str, Any]] = []
    notes: dict[str, Any] = {}
    events = events_of(plant)
    with tempfile.TemporaryDirectory() as folder:
        write_definitions(settings, Path(folder))
        for name, readings in plant.readings.items():
            asset_class = load_class(Path(folder) / "features" / f"{name}.toml")
            definition = load_model(Path(folder) / "models" / f"{name}.toml", {name: asset_class})
            readings = in_range(readings.sort_values(["asset", "time"], ignore_index=True), asset_class)
            known = events[events["recorded_at"] <= apart.known_at]
            before = readings[readings["time"] <= apart.known_at].reset_index(drop=True)
            try:
                learnt = learn_watch(before, asset_class, definition, known)
            except TooLittleData as error:
                notes[name] = str(error)
                continue
            notes[name] = {"limits": {key: round(value, 2) for key, value in learnt.watch.limits.items()}}
            alerts += _by_day(learnt, readings, asset_class, events, apart)
    return alert_table(alerts), notes


def in_range(readings: pd.DataFrame, asset_class: Any) -> pd.DataFrame:
    """Impossible values are stored as bad and scanned as missing; so they are here."""
    for channel in asset_class.channels:
        value = readings[channel.name]
        readings[channel.name] = value.where(~((value < channel.low) | (value > channel.high)))
    return readings


def _by_day(learnt: Any, readings: pd.DataFrame, asset_class: Any, events: pd.DataFrame, apart: Months) -> list[Any]:
    position = asset_class.axis.positions(readings["time"])
    raised: list[dict[str, Any]] = []
    open_until: dict[str, pd.Timestamp] = {}
    now = pd.Timestamp(apart.test.start) + pd.Timedelta(days=1)
    while now <= apart.test.end:
        end = now.timestamp() / 3600.0
        rows = (position > end - lookback(learnt.watch)) & (position <= end)
        window = readings[rows].reset_index(drop=True)
        newest = pd.Series(position[rows]).groupby(window["asset"].to_numpy()).max()
        done = events[(events["recorded_at"] <= now) & (events["time"] <= now)].groupby("asset")["time"].max()
        restored = {str(asset): moment.timestamp() / 3600.0 for asset, moment in done.items()}
        found: Mapping[str, Standing] = stand(
            learnt.expected, learnt.watch, window, asset_class, end=end, restored=restored
        )
        for asset, standing in found.items():
            fresh = end - float(newest[asset]) <= SILENT
            if fresh and max(standing.levels.values()) >= 1.0 and not now < open_until.get(asset, now):
                open_until[asset] = now + LOOKED_AT
                raised.append({"asset": asset, "raised_at": now, "closed_at": now + LOOKED_AT})
        now += pd.Timedelta(days=1)
    return raised


def run(seed: int, settings: PlantSettings, *, rules: bool) -> dict[str, Any]:
    """Everything about one plant: tallies by policy, as plain tables."""
    started = time.process_time()
    plant = simulate_plant(settings, seed)
    apart = months(plant.start, plant.test_from, plant.end, gap=GAP)
    alerts, notes = plant_alerts(plant, settings, apart)
    notes["seconds"] = round(time.process_time() - started, 1)
    streams = {"watch_list": alerts}
    if rules:
        streams["limit_rules"] = limit_rules(plant.readings, plant.truth, apart.training).alerts
        streams["ewma_rules"] = ewma_rules(plant.readings, plant.truth, apart.training).alerts
    tallies = {
        name: judge(plant.truth, stream, apart.test, policy=name, plant=f"plant {seed}").tally.to_dict("list")
        for name, stream in streams.items()
    }
    return {"seed": seed, "tallies": tallies, "notes": notes}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--change", choices=("stated", "none"), default="stated", help="what is new in the test months")
    parser.add_argument("--no-rules", action="store_true", help="leave the limit and EWMA rules out: they take longest")
    parser.add_argument("--cache", type=Path, default=Path("watch-list-cache"), help="where results are kept by seed")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    options = parser.parse_args(arguments)
    settings = read_settings(DEFAULT)
    if options.change == "none":
        settings = replace(settings, change=NO_CHANGE)
    stamp = f"{simulator_version()}-{settings_version(settings)}-{_code()}{'' if options.no_rules else '-rules'}"
    options.cache.mkdir(parents=True, exist_ok=True)
    found = []
    for seed in dict.fromkeys(options.seeds):
        file = options.cache / f"{stamp}-{seed}.json"
        if not file.is_file():
            print(f"seed {seed} ...", file=sys.stderr, flush=True)
            file.write_text(json.dumps(run(seed, settings, rules=not options.no_rules)) + "\n", encoding="utf-8")
        found.append(json.loads(file.read_text(encoding="utf-8")))
    answer: dict[str, Any] = {"seeds": options.seeds, "change": options.change, "versions": stamp}
    for policy in found[0]["tallies"]:
        made = figures([pd.DataFrame(one["tallies"][policy]) for one in found])
        answer[policy] = {
            name: {"value": made[name].value, "low": made[name].low, "high": made[name].high, "of": made[name].of}
            for name in SHOWN
        }
        if not options.json:
            print(f"{policy:12s} " + "  ".join(_figure(name, answer[policy][name]) for name in SHOWN))
    answer["notes"] = {one["seed"]: one["notes"] for one in found}
    print(json.dumps(answer))
    return 0


def _code() -> str:
    """Of what decides the figures: this script, expected values and watch list."""
    import pdm.learning.expected
    import pdm.learning.watch

    folders = [Path(package.__file__).parent for package in (pdm.learning.expected, pdm.learning.watch)]
    return digest([Path(__file__), *(file for folder in folders for file in sorted(folder.glob("*.py")))])


def _figure(name: str, figure: Mapping[str, Any]) -> str:
    of = f" ({figure['of'][0]} of {figure['of'][1]})" if figure["of"] else ""
    return f"{name} {figure['value']:.2f} [{figure['low']:.2f}, {figure['high']:.2f}]{of}"


if __name__ == "__main__":
    sys.exit(main())
