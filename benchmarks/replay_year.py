"""How long a stored year of 60 machines takes to be replayed: decisions alone, and with scoring at the cadence of the features.

A plant is simulated, taken in, learnt from and scored once, as known at every moment; then the policies in force decide over the kept
scores, and once more with doubled limits. CPU seconds and elapsed ones are printed, then everything as one JSON line. The first replay
must raise the same alerts as a second one over the same scores. The report is written as `plantpdm replay` writes it.

    python benchmarks/replay_year.py
    python benchmarks/replay_year.py --assets 6 4 5 --days 120      to see that it runs
    python benchmarks/replay_year.py --decisions-only               made-up scores: random walks of risks and deviations
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from pdm.catalogue import Policy
from pdm.operations._reports import write_both
from pdm.operations.promote_model import promote_model
from pdm.operations.replay_policy import judge_policy, read_past, with_limits
from pdm.operations.score_past import score_past
from pdm.operations.train_model import train_model
from pdm.readings.registry import Asset
from pdm.replay.decisions import replay_policy
from pdm.replay.page import replay_page
from pdm.scoring.assessment import Assessment, Deviation, Risk
from pdm.simulation.load import load_plant
from pdm.simulation.small_plant import simulate_small_plant
from pdm.wiring import build_plant
from pdm.workspace import create

CADENCE = timedelta(hours=6)
"""At which the feature sets of the shipped classes have rows."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--assets", type=int, nargs=3, default=(24, 16, 20), metavar=("PUMPS", "COMPRESSORS", "FANS"))
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--decisions-only", action="store_true", help="decide over made-up scores; nothing is trained")
    options = parser.parse_args(arguments)
    if options.decisions_only:
        return decisions_only(sum(options.assets), options.days, options.seed)
    seconds: dict[str, dict[str, float]] = {}

    def timed(stage: str, function: Callable[[], Any]) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        answer = function()
        seconds[stage] = {
            "elapsed": round(time.perf_counter() - wall, 2),
            "cpu": round(time.process_time() - cpu, 2),
        }
        print(f"{stage}: {seconds[stage]['elapsed']} s elapsed, {seconds[stage]['cpu']} s CPU", file=sys.stderr)
        return answer

    with tempfile.TemporaryDirectory() as folder:
        made = simulate_small_plant(options.seed, assets_per_class=tuple(options.assets), days=options.days)
        create(Path(folder) / "plant", plant_name="replay", time_zone="UTC")
        plant = build_plant(Path(folder) / "plant")
        load_plant(plant, made)
        for name in sorted(plant.catalogue.models):
            if any(one.asset_class == name for one in made.assets):
                trained = train_model(plant, name, author="benchmark", known_at=made.end)
                promote_model(plant, name, trained.version, approved_by="reviewer", reason="to measure replay")
        start = made.start + timedelta(days=14)
        scored = timed("scoring", lambda: score_past(plant, start, made.end, every=CADENCE))
        kept = timed("reading kept scores", lambda: score_past(plant, start, made.end, every=CADENCE))
        on_record = read_past(plant, start, made.end, sorted(scored.learnt_until))
        past = timed("choosing limits to compare with", lambda: with_limits(plant, on_record))
        first = timed("deciding and judging", lambda: judge_policy(plant, scored, past, {}))
        timed("report, HTML and JSON", lambda: write_report(Path(folder), first.document()))
        again = timed("deciding and judging again", lambda: judge_policy(plant, kept, past, {}))
        stricter = {
            name: replace(model.policy, raise_at=min(2 * model.policy.raise_at, 1.0), by_criticality={})
            for name, model in plant.catalogue.models.items()
        }
        other = timed("another policy", lambda: judge_policy(plant, kept, past, stricter))
    if first.replayed.steps != again.replayed.steps:
        print("the same scores led to other decisions", file=sys.stderr)
        return 1
    answer = {
        "benchmark": "replay_year",
        "assets": len(made.assets),
        "days": options.days,
        "cadence_h": CADENCE / timedelta(hours=1),
        "assessments": sum(len(some) for _, some in scored.rounds),
        "watched": sum(bool(one.deviations) for _, some in scored.rounds for one in some),
        "with_risks": sum(bool(one.risks) for _, some in scored.rounds for one in some),
        "alerts": len(first.outcomes.alerts),
        "alerts_with_doubled_limits": len(other.outcomes.alerts),
        "seconds": seconds,
    }
    print(json.dumps(answer))
    return 0


def write_report(folder: Path, document: dict[str, Any]) -> Path:
    """The page and the JSON that `plantpdm replay` writes."""
    return write_both(folder, "replay", document, replay_page(document, "Replay of a stored year"))


def decisions_only(assets: int, days: int, seed: int) -> int:
    """A year of made-up scores of two failure modes and a watch list, about one in fifty of them at a limit."""
    rounds = made_up(assets, days, seed)
    policy = Policy(raise_at=0.4, clear_at=0.2, persistence=(2, 3), escalate_after={3: 72.0})
    known = {f"P-{number}": Asset(f"P-{number}", "pump") for number in range(assets)}
    wall, cpu = time.perf_counter(), time.process_time()
    done = replay_policy(rounds, {"pump": policy}, known)
    answer = {
        "benchmark": "replay_year",
        "decisions_only": True,
        "assets": assets,
        "days": days,
        "assessments": sum(len(some) for _, some in rounds),
        "alerts": len(done.alerts),
        "elapsed_s": round(time.perf_counter() - wall, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
    }
    print(json.dumps(answer))
    return 0


def made_up(assets: int, days: int, seed: int) -> list[tuple[datetime, list[Assessment]]]:
    """Rounds every six hours; logits walk at random and are drawn back to low risks."""
    random = np.random.default_rng(seed)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    state = np.full((assets, 3), -3.0)
    rounds = []
    for number in range(int(days * timedelta(days=1) / CADENCE)):
        state += 0.08 * (-3.0 - state) + random.normal(0.0, 0.45, state.shape)
        share = 1.0 / (1.0 + np.exp(-state))
        now = start + number * CADENCE
        rounds.append((now, [_made_up(f"P-{place}", now, *row) for place, row in enumerate(share.tolist())]))
    return rounds


def _made_up(tag: str, now: datetime, wear: float, leak: float, level: float) -> Assessment:
    risks = Risk("bearing_wear", 336.0, "h", wear), Risk("seal_leak", 336.0, "h", leak)
    away = Deviation("bearing_wear", round(2 * level, 4), ("vibration",), "")
    words: tuple[Any, ...] = (now, None, "running", "normal", "fresh", "ok")
    return Assessment(tag, "pump", now, *words, risks=risks, deviations=(away,), bundle="made-up")


if __name__ == "__main__":
    sys.exit(main())
