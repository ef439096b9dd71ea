"""What the product's alerts are worth on simulated plants: beside an oracle, today's practice, simple rules and perfect knowledge.

For each seed a plant is simulated, goes in by the product's own doors, is learnt from as known when the test months begin, and is
replayed over them; the judge then compares the alerts with the truth, which the product never sees. Prints a table with 95 %
intervals, then everything as one JSON line (with --json that line only). What was computed for a seed is kept in `--cache` under
the versions of simulator, settings and code, so that an interrupted run goes on where it stopped.

    python benchmarks/alert_economy.py --seeds 1 2                          the plant that ships with the package
    python benchmarks/alert_economy.py --settings plant.toml --seeds 1000 1001
    python benchmarks/alert_economy.py --plants-small --seeds 7             the small, kind plant: to see that it runs
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from pdm.errors import PdmError
from pdm.ports import Plant
from pdm.readings.registry import Installation
from pdm.simulation.honest.truth import Truth
from pdm.simulation.judge.contest import Outcome, contest
from pdm.simulation.judge.product import product_alerts
from pdm.simulation.judge.protocol import Stamp, code_version, months
from pdm.simulation.judge.report import as_table, report
from pdm.testing.tracker import MemoryTracker
from pdm.wiring import build_plant
from pdm.workspace import create

GAP = timedelta(days=14)


@dataclass(frozen=True)
class Simulated:
    """A simulated plant as the benchmark needs it. load: brings it into a new plant by the product's own doors."""

    truth: Truth
    readings: dict[str, pd.DataFrame]
    installations: Sequence[Installation]
    start: datetime
    test_from: datetime
    end: datetime
    load: Callable[[Plant], Any]


@dataclass(frozen=True)
class Source:
    """Where plants come from. prepare: writes the definitions that they need into a new home."""

    version: str
    settings: str
    honest: bool
    simulate: Callable[[int], Simulated]
    prepare: Callable[[Path], Any]


def small_source(assets: tuple[int, int, int], days: int) -> Source:
    """The small plant; the last third of it is the test."""
    from pdm.simulation.judge.small import VERSION, small_truth
    from pdm.simulation.load import load_plant
    from pdm.simulation.small_plant import simulate_small_plant

    def simulate(seed: int) -> Simulated:
        made = simulate_small_plant(seed, assets_per_class=assets, days=days)
        with tempfile.TemporaryDirectory() as folder:
            create(Path(folder) / "plant", plant_name="definitions", time_zone="UTC")
            models = build_plant(Path(folder) / "plant").catalogue.models
        test_from = made.start + timedelta(days=round(days * 2 / 3))
        truth = small_truth(made, models, seed=seed)
        return Simulated(
            truth,
            made.readings,
            made.installations,
            made.start,
            test_from,
            made.end,
            lambda plant: load_plant(plant, made),
        )

    return Source(
        VERSION, f"{'-'.join(map(str, assets))}-{days}", honest=False, simulate=simulate, prepare=lambda _: None
    )


def honest_source(settings_file: Path | None) -> Source:
    """The honest simulator, through its exports: the historian's files, and the lists of the maintenance system."""
    from pdm.simulation.honest.definitions import write_definitions
    from pdm.simulation.honest.export import export
    from pdm.simulation.honest.load import load_exports
    from pdm.simulation.honest.settings import DEFAULT, read_settings
    from pdm.simulation.honest.simulate import HonestPlant, simulate_plant
    from pdm.simulation.honest.version import settings_version, simulator_version

    settings = read_settings(settings_file or DEFAULT)

    def load(plant: Plant, made: HonestPlant) -> None:
        with tempfile.TemporaryDirectory() as folder:
            export(made, Path(folder))
            load_exports(plant, settings, Path(folder), made.assets)

    def simulate(seed: int) -> Simulated:
        made = simulate_plant(settings, seed)
        return Simulated(
            made.truth,
            made.readings,
            made.installations,
            made.start,
            made.test_from,
            made.end,
            lambda plant: load(plant, made),
        )

    return Source(
        simulator_version(),
        settings_version(settings),
        honest=True,
        simulate=simulate,
        prepare=lambda home: write_definitions(settings, home),
    )


def run(source: Source, seed: int, *, every: timedelta) -> Outcome:
    """Everything for one plant, from its simulation to its judgement."""
    seconds: dict[str, float] = {}

    def timed(stage: str, function: Callable[[], Any]) -> Any:
        print(f"seed {seed}: {stage} ...", file=sys.stderr, flush=True)
        started = time.perf_counter()
        answer = function()
        seconds[stage] = round(time.perf_counter() - started, 1)
        return answer

    made: Simulated = timed("simulating", lambda: source.simulate(seed))
    apart = months(made.start, made.test_from, made.end, gap=GAP)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "plant"
        create(home, plant_name=f"plant {seed}", time_zone="UTC")
        source.prepare(home)
        # Runs are not tracked: a tracking database of its own for every plant costs as much as training a class.
        tracker = MemoryTracker()
        plant = replace(build_plant(home), tracker=lambda: tracker)
        timed("loading", lambda: made.load(plant))
        product = timed("training and replaying", lambda: product_alerts(plant, apart, every=every))
        notes = {"abstained": product.abstained, "rounds": product.rounds, "seconds": seconds}
        outcome: Outcome = timed(
            "judging",
            lambda: contest(
                made.truth,
                made.readings,
                made.installations,
                apart,
                product.alerts,
                classes=plant.catalogue.classes,
                notes=notes,
            ),
        )
    return outcome


def outcomes(source: Source, seeds: Sequence[int], cache: Path, *, every: timedelta) -> tuple[list[Outcome], Stamp]:
    """The outcome of every seed, from the cache where it was made by the same simulator, settings and code."""
    stamp = Stamp(source.version, code_version(Path(__file__)), source.settings)
    found = []
    for seed in dict.fromkeys(seeds):
        file = cache / f"{stamp.key(seed)}-{int(every / timedelta(minutes=1))}min"
        outcome = Outcome.load(file)
        if outcome is None:
            outcome = run(source, seed, every=every)
            outcome.save(file)
        else:
            print(f"seed {seed}: kept from an earlier run", file=sys.stderr)
        found.append(outcome)
    return found, stamp


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--settings", type=Path, help="TOML file of the simulated plant; default: the one that ships")
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    parser.add_argument("--plants-small", action="store_true", help="the small, kind plant instead: nothing to publish")
    parser.add_argument(
        "--small-assets", type=int, nargs=3, default=(24, 16, 20), metavar=("PUMPS", "COMPRESSORS", "FANS")
    )
    parser.add_argument("--small-days", type=int, default=365)
    parser.add_argument("--every-hours", type=float, default=12.0, help="time between rounds of scoring")
    parser.add_argument(
        "--cache", type=Path, default=Path("alert-economy-cache"), help="where results are kept by seed"
    )
    options = parser.parse_args(arguments)
    try:
        small = options.plants_small
        source = (
            small_source(tuple(options.small_assets), options.small_days) if small else honest_source(options.settings)
        )
        every = timedelta(hours=options.every_hours)
        found, stamp = outcomes(source, options.seeds, options.cache, every=every)
    except PdmError as refusal:
        print(f"alert_economy: {refusal}", file=sys.stderr)
        return 2
    answer = report(found, stamp, honest=source.honest)
    if not options.json:
        print(as_table(answer), end="\n\n")
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
