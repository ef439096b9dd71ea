"""How often the watch list tells one bad sensor from a bad machine: faults put into simulated plants that nothing was trained on.

For each seed the honest plant is simulated and its watch lists are learnt from the training months. Into the test months sensor faults
are put, one channel of one machine at a time, on machines with nothing else wrong: stuck, drift, spikes, offset, scale, noise, of 6 to
14 spreads of that channel. The watch list is asked after 1 to 20 days. *Told* means that it doubts exactly that channel and holds the
machine's alert back; *machine* that it blames the machine; *nothing* that it says neither (the fault stayed below what it can see).

    python benchmarks/sensor_or_asset.py --seeds 101 102 103
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from watch_list import events_of, in_range

from pdm.catalogue.load import load_class, load_model
from pdm.learning.metrics import binomial_interval
from pdm.learning.watch import learn_watch, lookback, stand
from pdm.simulation.honest.definitions import write_definitions
from pdm.simulation.honest.settings import DEFAULT, PlantSettings, read_settings
from pdm.simulation.honest.simulate import HonestPlant, simulate_plant
from pdm.simulation.judge.protocol import months

KINDS = ("stuck", "drift", "spikes", "offset", "scale", "noise")
ASKED = (1, 2, 3, 4, 6, 8, 10, 13, 16, 20)
STARTS = (30, 90, 150)


def fault(
    values: np.ndarray, kind: str, spread: float, limits: tuple[float, float], rng: np.random.Generator
) -> np.ndarray:
    """The readings of one channel [n] after one fault."""
    size = float(rng.uniform(6, 14)) * float(rng.choice([-1, 1])) * spread
    n = len(values)
    if kind == "stuck":
        return np.full(n, values[0])
    if kind == "drift":
        return values + size * np.minimum(np.arange(n) / (15 * 24), 1.0)
    if kind == "spikes":
        hit = rng.random(n) < 0.04
        return np.where(hit, rng.choice(limits, n), values)
    if kind == "offset":
        return values + size
    if kind == "scale":
        return values * (1 + size / max(abs(float(np.nanmedian(values))), 1e-9))
    return values + rng.standard_normal(n) * abs(size) / 2


def run(seed: int, settings: PlantSettings) -> list[dict[str, Any]]:
    """Every case of one plant: kind, channel, and what was said."""
    plant = simulate_plant(settings, seed)
    apart = months(plant.start, plant.test_from, plant.end, gap=timedelta(days=14))
    events = events_of(plant)
    rng = np.random.default_rng([seed, 17])
    cases: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        write_definitions(settings, Path(folder))
        for name, table in plant.readings.items():
            asset_class = load_class(Path(folder) / "features" / f"{name}.toml")
            definition = load_model(Path(folder) / "models" / f"{name}.toml", {name: asset_class})
            readings = in_range(table.sort_values(["asset", "time"], ignore_index=True), asset_class)
            before = readings[readings["time"] <= apart.known_at].reset_index(drop=True)
            learnt = learn_watch(before, asset_class, definition, events[events["recorded_at"] <= apart.known_at])
            for day in STARTS:
                cases += _cases(learnt, readings, asset_class, plant, apart.known_at + timedelta(days=day), rng, seed)
    return cases


def _cases(
    learnt: Any,
    readings: pd.DataFrame,
    asset_class: Any,
    plant: HonestPlant,
    start: Any,
    rng: np.random.Generator,
    seed: int,
) -> list[dict[str, Any]]:
    begin = start.timestamp() / 3600.0
    position = asset_class.axis.positions(readings["time"])
    rows = (position > begin - lookback(learnt.watch)) & (position <= begin + 24 * ASKED[-1])
    window, at = readings[rows].reset_index(drop=True), position[rows]
    assets = window["asset"].unique()
    planted: dict[str, tuple[str, str]] = {}
    for asset in rng.permutation(assets)[: max(2, len(assets) // 4)]:
        kind, channel = str(rng.choice(KINDS)), str(rng.choice(learnt.watch.channels))
        mine = np.flatnonzero((window["asset"] == asset).to_numpy() & (at > begin) & window[channel].notna().to_numpy())
        own = learnt.expected.channels[learnt.watch.channels.index(channel)].own.get(str(asset))
        if (
            own is None
            or len(mine) < 100
            or not _runs(window, asset, begin, at, asset_class)
            or _ill(plant, asset, start)
        ):
            continue
        one = asset_class.channel(channel)
        window.loc[mine, channel] = fault(
            window.loc[mine, channel].to_numpy(), kind, own.spread, (one.low, one.high), rng
        )
        planted[str(asset)] = kind, channel
    said: dict[str, str] = {}
    for day in ASKED:
        now = begin + 24 * day
        seen = window[at <= now].reset_index(drop=True)
        for asset, standing in stand(learnt.expected, learnt.watch, seen, asset_class, end=now).items():
            if asset not in planted or asset in said:
                continue
            loud = max(standing.levels.values()) >= 1
            if list(standing.suspects) == [planted[asset][1]] and not loud:
                said[asset] = "told"
            elif standing.suspects:
                said[asset] = "another channel"
            elif loud:
                said[asset] = "machine"
    return [
        {
            "seed": seed,
            "class": asset_class.name,
            "asset": asset,
            "kind": kind,
            "channel": channel,
            "said": said.get(asset, "nothing"),
        }
        for asset, (kind, channel) in planted.items()
    ]


def _runs(window: pd.DataFrame, asset: str, begin: float, at: np.ndarray, asset_class: Any) -> bool:
    """Whether the machine runs for a good part of the time in question."""
    rows = (window["asset"] == asset).to_numpy() & (at > begin)
    rule = asset_class.running
    return bool((window.loc[rows, rule.channel] > rule.above).mean() > 0.3)


def _ill(plant: HonestPlant, asset: str, start: Any) -> bool:
    """Whether anything else is wrong with the machine or its sensors then."""
    first, last = pd.Timestamp(start) - pd.Timedelta(days=40), pd.Timestamp(start) + pd.Timedelta(days=20)
    lives, faults = plant.truth.failures, plant.truth.sensor_faults
    wear = (
        (lives["asset"] == asset) & (lives["onset"] < last) & (lives["ended_at"].isna() | (lives["ended_at"] > first))
    )
    bad = (faults["asset"] == asset) & (faults["channel"] != "*") & (faults["start"] < last) & (faults["end"] > first)
    return bool(wear.any() or bad.any())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    options = parser.parse_args(arguments)
    settings = read_settings(DEFAULT)
    cases = []
    for seed in options.seeds:
        print(f"seed {seed} ...", file=sys.stderr, flush=True)
        cases += run(seed, settings)
    told = sum(case["said"] == "told" for case in cases)
    spoke = sum(case["said"] != "nothing" for case in cases)
    kinds = {kind: dict(Counter(case["said"] for case in cases if case["kind"] == kind)) for kind in KINDS}
    if not options.json:
        for kind, counts in kinds.items():
            print(f"{kind:8s} " + ", ".join(f"{word} {count}" for word, count in sorted(counts.items())))
        for label, whole in (("of all cases", len(cases)), ("of those it spoke about", spoke)):
            low, high = binomial_interval(told, whole, level=0.95)
            print(
                f"told from a machine fault, {label}: {told} of {whole}, {told / max(whole, 1):.3f} [{low:.3f}, {high:.3f}]"
            )
    print(json.dumps({"seeds": options.seeds, "cases": len(cases), "told": told, "spoke": spoke, "kinds": kinds}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
