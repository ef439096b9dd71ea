"""How long one round of scoring takes: sixty simulated machines of three classes, from readings to stored assessments and alerts.

Prints one JSON line: seconds per round (elapsed, and of the processor) and per stage, each the median of `--rounds`; the first round
(numba's cache, imports and the checks of the bundles included) and the seconds of a replay of `--days` daily rounds stand beside them.
Run it twice: only the first time compiles the kernels.

    python benchmarks/scoring_round.py
    python benchmarks/scoring_round.py --home demo-home     an existing plant, in a copy
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pdm.clock import ManualClock
from pdm.operations import score_fleet as module
from pdm.operations._known import Known
from pdm.operations.replay_history import replay_history
from pdm.operations.score_fleet import assess_class, score_fleet
from pdm.ports import Plant
from pdm.readings.store import ReadingStore
from pdm.wiring import build_plant

STAGES: dict[str, tuple[Any, str]] = {
    "model": (Known, "charge"),
    "readings": (Known, "recent"),
    "features": (Known, "features"),
    "watch list": (Known, "watched"),
    "assessments": (module, "assess"),
    "alerts": (module, "consider_assessments"),
    "levels": (module, "_remember"),
}


def make_plant(home: Path) -> Plant:
    """The plant of `plantpdm demo` without its replay: a simulated year, three models in charge."""
    from pdm.operations.promote_model import promote_model
    from pdm.operations.train_model import train_model
    from pdm.simulation.load import load_plant
    from pdm.simulation.small_plant import simulate_small_plant
    from pdm.workspace import create

    create(home, plant_name="Benchmark", time_zone="UTC")
    plant = build_plant(home)
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=365)
    simulated = simulate_small_plant(7, start=start.isoformat(), days=365)
    load_plant(plant, simulated)
    for name in sorted(simulated.readings):
        result = train_model(plant, name, author="benchmark")
        promote_model(plant, name, result.version, approved_by="benchmark", reason="benchmark")
    return plant


def newest(plant: Plant) -> datetime:
    """When the newest reading of the plant was taken."""
    store = ReadingStore(plant.history)
    found = [store.last(one)["time"] for one in plant.catalogue.classes.values() if one.axis.kind == "time"]
    moment: datetime = max(times.max() for times in found if len(times)).to_pydatetime()
    return moment


@contextmanager
def timed(seconds: dict[str, float]) -> Iterator[None]:
    """Add up the seconds of every stage of the rounds inside."""

    def watch(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - started

        return run

    with ExitStack() as stack:
        for stage, (where, name) in STAGES.items():
            stack.enter_context(patch.object(where, name, watch(stage, getattr(where, name))))
        yield


def measure(plant: Plant, rounds: int, days: int) -> dict[str, Any]:
    """Seconds of rounds at the end of the plant's record, each a minute after the one before; then of a replay."""
    end = newest(plant)
    clock = ManualClock(end)
    plant = replace(plant, clock=clock)
    started = time.perf_counter()
    first = score_fleet(plant, holder="benchmark")
    first_seconds = time.perf_counter() - started
    whole, busy, stages = [], [], []
    for _ in range(rounds):
        clock.advance(timedelta(minutes=1))
        parts: dict[str, float] = {}
        with timed(parts):
            started, processor = time.perf_counter(), time.process_time()
            report = score_fleet(plant, holder="benchmark")
            whole.append(time.perf_counter() - started)
            busy.append(time.process_time() - processor)
        stages.append(parts)
    fast = [assess_class(plant, name) for name in sorted(plant.catalogue.classes)]
    if [one for answers in fast for one in answers] != list(report.assessments):
        raise SystemExit("the round and a plain question at the same moment give different answers")
    started = time.perf_counter()
    replay_history(plant, end - timedelta(days=days), end, every=timedelta(days=1))
    return {
        "benchmark": "scoring_round",
        "assets": first.assessed,
        "seconds_per_round": round(statistics.median(whole), 4),
        "cpu_seconds_per_round": round(statistics.median(busy), 4),
        "stages": {name: round(statistics.median(parts[name] for parts in stages), 4) for name in STAGES},
        "seconds_first_round": round(first_seconds, 3),
        "seconds_replay": round(time.perf_counter() - started, 2),
        "replay_rounds": days + 1,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, help="a plant to copy; without one it is simulated and trained")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--days", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "plant"
        if options.home:
            shutil.copytree(options.home, home)
        plant = build_plant(home) if options.home else make_plant(home)
        figures = measure(plant, options.rounds, options.days)
    machine = {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    print(json.dumps(figures | machine | {"date": f"{datetime.now(UTC):%Y-%m-%d}"}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
