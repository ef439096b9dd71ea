"""What the watch list finds on simulated plants without a single failure label, beside limit and EWMA rules that were tuned on the truth.

For each seed the honest plant is simulated; the watch list of each class is learnt from the training months as they were written down
(of events only what not to learn from), and asked once a day over the test months, with the readings and records known by then. An
alert is raised at level 1 and closed by whoever looked 14 days later; it names no mode. The judge compares it with the truth. The
test months hold products, weather and controllers that the training months did not; --change none simulates the same plants without.

Besides the figures at level 1 it prints what each method finds at the same rate of false alerts: the watch list at levels around 1,
the rules chosen anew for dearer and cheaper inspections, the oracle at stated rates. --explain says what became of every findable
failure: how far the level came before the deadline, and how many days too late it was.

--labels-from adds what the recorded failures of other plants teach: their evidence is pooled with what people wrote down afterwards
(late, with errors; never the truth), a weighing is learnt from it, and the same watch lists are asked with it. Beside it stands the
level with half the memory: what the labels choose above all is a shorter one, and that could be had without them.

    python benchmarks/watch_list.py --seeds 101 102 103 104 --explain
    python benchmarks/watch_list.py --seeds 101 102 --change none
    python benchmarks/watch_list.py --seeds 311 312 --no-rules --labels-from 101 102 103 104 105 106
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from same_rate import RATES, as_table, difference, same_rate

from pdm.catalogue import AssetClass
from pdm.catalogue.load import load_class, load_model
from pdm.errors import TooLittleData
from pdm.learning.watch import Learnt, Standing, Weighing, learn_watch, lookback, standings, watch_rows
from pdm.learning.watch.gather import Gathered, evidence_at, labelled, read_evidence, write_evidence
from pdm.learning.watch.pieces import FLOOR
from pdm.learning.watch.rows import MARGIN_STEPS, Rows
from pdm.learning.watch.weigh import Weighed, weigh
from pdm.simulation.honest.definitions import write_definitions
from pdm.simulation.honest.settings import DEFAULT, Change, PlantSettings, read_settings
from pdm.simulation.honest.simulate import HonestPlant, simulate_plant
from pdm.simulation.honest.version import settings_version, simulator_version
from pdm.simulation.judge.figures import figures
from pdm.simulation.judge.matching import alert_table
from pdm.simulation.judge.oracle import oracle_alerts
from pdm.simulation.judge.protocol import Months, digest, months
from pdm.simulation.judge.rules import Kind
from pdm.simulation.judge.terms import Prices
from pdm.simulation.judge.tuning import rules_at
from pdm.simulation.judge.verdicts import judge

GAP, LOOKED_AT = timedelta(days=14), pd.Timedelta(days=14)
SILENT = 30.0
LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.1, 1.2, 1.35, 1.5, 1.6, 1.75, 1.9, 2.0, 2.2, 2.5)
INSPECTIONS = (0.005, 0.015, 0.05, 0.15, 0.4, 1.0)
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


@dataclass(frozen=True)
class Days:
    """The test months day by day. levels: asset, now, level, suspects, with_labels, of every machine that ran. evidence: asset, now and
    the pieces, where there were any.
    """

    levels: pd.DataFrame
    evidence: pd.DataFrame


def plant_levels(
    plant: HonestPlant, settings: PlantSettings, apart: Months, weighing: Weighing | None = None
) -> tuple[Days, dict[str, Any]]:
    """What the watch lists of all classes say on every day, and what belongs to the report."""
    parts: list[Days] = []
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
            parts.append(_by_day(learnt, readings, asset_class, events, apart, weighing))
    levels, evidence = (
        pd.concat([getattr(part, name) for part in parts], ignore_index=True) for name in ("levels", "evidence")
    )
    return Days(levels, evidence), notes


def in_range(readings: pd.DataFrame, asset_class: Any) -> pd.DataFrame:
    """Impossible values are stored as bad and scanned as missing; so they are here."""
    for channel in asset_class.channels:
        value = readings[channel.name]
        readings[channel.name] = value.where(~((value < channel.low) | (value > channel.high)))
    return readings


def _by_day(
    learnt: Learnt,
    readings: pd.DataFrame,
    asset_class: AssetClass,
    events: pd.DataFrame,
    apart: Months,
    weighing: Weighing | None,
) -> Days:
    first = pd.Timestamp(apart.test.start) + pd.Timedelta(days=1)
    since = first - pd.Timedelta(hours=lookback(learnt.watch) + MARGIN_STEPS * asset_class.axis.step)
    made = watch_rows(learnt.expected, readings[readings["time"] > since].reset_index(drop=True), asset_class)
    taught = replace(learnt.watch, weighing=weighing)
    rows: list[dict[str, Any]] = []
    evidence: list[pd.DataFrame] = []
    for now in pd.date_range(first, apart.test.end, freq="D"):
        end = now.timestamp() / 3600.0
        done = events[(events["recorded_at"] <= now) & (events["time"] <= now)].groupby("asset")["time"].max()
        restored = {str(asset): moment.timestamp() / 3600.0 for asset, moment in done.items()}
        ran = _newest_running(made, end)
        known = made.firsts[:-1] + np.array([int((made.position[a:b] <= end).sum()) for a, b in pairwise(made.firsts)])
        found: Mapping[str, Standing] = standings(made, learnt.watch, end=end, restored=restored, until=known)
        weighed = standings(made, taught, end=end, restored=restored, until=known) if weighing else found
        for asset, standing in found.items():
            if end - ran[asset] <= SILENT:
                suspects = "; ".join(f"{channel} {kind}" for channel, kind in standing.suspects.items())
                level, with_labels = (max(one.levels.values()) for one in (standing, weighed[asset]))
                rows.append(
                    {"asset": asset, "now": now, "level": level, "suspects": suspects, "with_labels": with_labels}
                )
        pieces = evidence_at(made, learnt.watch, end=end, restored=restored, until=known).assign(now=now)
        evidence.append(pieces[[end - ran[asset] <= SILENT for asset in pieces["asset"]]])
    columns = ["asset", "now", "level", "suspects", "with_labels"]
    return Days(pd.DataFrame(rows, columns=columns), pd.concat(evidence, ignore_index=True))


def _newest_running(rows: Rows, end: float) -> dict[str, float]:
    """When each machine last ran: one at rest says nothing new."""
    there = rows.running & (rows.position <= end)
    found = {}
    for asset, low, high in zip(rows.assets, rows.firsts[:-1], rows.firsts[1:], strict=True):
        at = np.flatnonzero(there[low:high])
        found[asset] = float(rows.position[low + at[-1]]) if len(at) else -np.inf
    return found


def alerts_at(levels: pd.DataFrame, limit: float, column: str = "level") -> pd.DataFrame:
    """An alert when `column` passes `limit`, closed by whoever looked 14 days later; none while one is open."""
    raised: list[dict[str, Any]] = []
    open_until: dict[str, pd.Timestamp] = {}
    for asset, now in levels.loc[levels[column] >= limit, ["asset", "now"]].sort_values("now").itertuples(index=False):
        if not now < open_until.get(asset, now):
            open_until[asset] = now + LOOKED_AT
            raised.append({"asset": asset, "raised_at": now, "closed_at": now + LOOKED_AT})
    return alert_table(raised)


def explained(plant: HonestPlant, levels: pd.DataFrame, apart: Months) -> list[dict[str, Any]]:
    """What became of every findable failure. lead_of_oracle, lead: days from the first sure moment, and from level 1, to the deadline."""
    verdicts = judge(plant.truth, alerts_at(levels, 1.0), apart.test)
    rows = []
    for one in verdicts.failures[verdicts.failures["detectable"]].itertuples():
        mine = levels[(levels["asset"] == one.asset) & (levels["now"] >= one.onset) & (levels["now"] <= one.end)]
        before = mine[mine["now"] <= one.deadline]
        over = mine[mine["level"] >= 1.0]["now"]
        doubted = before.loc[before["suspects"] != "", "suspects"]
        rows.append(
            {
                "asset": one.asset,
                "mode": one.failure_mode,
                "shows": f"{one.precursor}, {one.visible}",
                "found": bool(one.found),
                "days_to_grow": _days(one.failure - one.onset),
                "lead_of_oracle": _days(one.deadline - one.detectable_from),
                "lead": _days(one.deadline - over.iloc[0]) if len(over) else None,
                "level_before": round(float(before["level"].max()), 2) if len(before) else None,
                "days_heard": len(before),
                "doubted": doubted.iloc[-1] if len(doubted) else "",
            }
        )
    return rows


def _days(span: Any) -> float:
    return round(span / pd.Timedelta(days=1), 1)


def gathered(seed: int, settings: PlantSettings) -> Gathered:
    """The evidence of one plant's test months, with what was on record about them when they ended: what it would export."""
    plant = simulate_plant(settings, seed)
    apart = months(plant.start, plant.test_from, plant.end, gap=GAP)
    days, _ = plant_levels(plant, settings, apart)
    events = events_of(plant)
    first, last = pd.Timestamp(apart.test.start), pd.Timestamp(apart.test.end)
    known = events[events["recorded_at"] <= last]
    return labelled(days.evidence, known, machine_days=len(days.levels), first=first, last=last)


def run(seed: int, settings: PlantSettings, *, rules: bool, weighing: Weighing | None = None) -> dict[str, Any]:
    """Everything about one plant: tallies by policy, as plain tables."""
    started = time.process_time()
    plant = simulate_plant(settings, seed)
    apart = months(plant.start, plant.test_from, plant.end, gap=GAP)
    days, notes = plant_levels(plant, settings, apart, weighing)
    levels = days.levels
    notes["seconds"] = round(time.process_time() - started, 1)
    streams = {"watch_list": alerts_at(levels, 1.0)}
    streams |= {f"watch_list@{level:g}": alerts_at(levels, level) for level in LEVELS}
    if weighing:
        streams["with_labels"] = alerts_at(levels, 1.0, "with_labels")
        streams |= {f"with_labels@{level:g}": alerts_at(levels, level, "with_labels") for level in LEVELS}
        # Where no memory says anything there is no evidence, and no level so high: the lowest of LEVELS are left out.
        some = [level for level in LEVELS if level > FLOOR]
        streams |= {f"half_memory@{level:g}": alerts_at(days.evidence, level, "short") for level in some}
    streams |= {
        f"oracle@{rate:g}": oracle_alerts(plant.truth, apart.test, false_per_year=rate, seed=seed) for rate in RATES
    }
    if rules:
        kinds: tuple[Kind, ...] = ("limit", "ewma")
        for kind in kinds:
            found = rules_at(kind, plant.readings, plant.truth, apart.training, INSPECTIONS)
            streams |= {f"{kind}_rules@{price:g}": one.alerts for price, one in zip(INSPECTIONS, found, strict=True)}
            streams[f"{kind}_rules"] = found[INSPECTIONS.index(Prices().inspection)].alerts
    tallies = {
        name: judge(plant.truth, stream, apart.test, policy=name, plant=f"plant {seed}").tally.to_dict("list")
        for name, stream in streams.items()
    }
    return {"seed": seed, "tallies": tallies, "notes": notes, "explained": explained(plant, levels, apart)}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--change", choices=("stated", "none"), default="stated", help="what is new in the test months")
    parser.add_argument("--no-rules", action="store_true", help="leave the limit and EWMA rules out: they take longest")
    parser.add_argument(
        "--labels-from", type=int, nargs="*", default=[], help="plants whose recorded failures teach (seeds)"
    )
    parser.add_argument("--explain", action="store_true", help="what became of every findable failure")
    parser.add_argument("--cache", type=Path, default=Path("watch-list-cache"), help="where results are kept by seed")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    options = parser.parse_args(arguments)
    settings = read_settings(DEFAULT)
    if options.change == "none":
        settings = replace(settings, change=NO_CHANGE)
    options.cache.mkdir(parents=True, exist_ok=True)
    taught = taught_by(options.labels_from, options.cache)
    stamp = f"{simulator_version()}-{settings_version(settings)}-{_code()}{'' if options.no_rules else '-rules'}"
    if taught:
        stamp += f"-{hashlib.sha256(json.dumps(sorted(set(options.labels_from))).encode()).hexdigest()[:8]}"
    found = []
    for seed in dict.fromkeys(options.seeds):
        file = options.cache / f"{stamp}-{seed}.json"
        if not file.is_file():
            print(f"seed {seed} ...", file=sys.stderr, flush=True)
            one = run(seed, settings, rules=not options.no_rules, weighing=taught.weighing if taught else None)
            file.write_text(json.dumps(one) + "\n", encoding="utf-8")
        found.append(json.loads(file.read_text(encoding="utf-8")))
    answer: dict[str, Any] = {"seeds": options.seeds, "change": options.change, "versions": stamp}
    if taught:
        answer["taught_by"] = {"seeds": sorted(set(options.labels_from)), "why": taught.why, **taught.facts}
        if not options.json:
            print(f"labels of {taught.facts['plants']} plants: {taught.why}")
    for policy in (name for name in found[0]["tallies"] if "@" not in name):
        made = figures([pd.DataFrame(one["tallies"][policy]) for one in found])
        answer[policy] = {
            name: {"value": made[name].value, "low": made[name].low, "high": made[name].high, "of": made[name].of}
            for name in SHOWN
        }
        if not options.json:
            print(f"{policy:12s} " + "  ".join(_figure(name, answer[policy][name]) for name in SHOWN))
    answer["same_rate"] = same_rate(found)
    if not options.json:
        print(as_table(answer["same_rate"]))
        if options.explain:
            print(
                pd.concat([pd.DataFrame(one["explained"]).assign(seed=one["seed"]) for one in found]).to_string(
                    index=False
                )
            )
        if taught and taught.weighing:
            print(difference(found))
    answer["explained"] = {one["seed"]: one["explained"] for one in found}
    answer["notes"] = {one["seed"]: one["notes"] for one in found}
    print(json.dumps(answer))
    return 0


def taught_by(seeds: Sequence[int], cache: Path) -> Weighed | None:
    """What the recorded failures of these plants teach; their evidence is made once. Plants as stated, whatever is judged."""
    settings = read_settings(DEFAULT)
    stamp = f"{simulator_version()}-{settings_version(settings)}-{_code()}"
    plants = []
    for seed in dict.fromkeys(seeds):
        file = cache / f"{stamp}-{seed}.evidence.parquet"
        if not file.is_file():
            print(f"evidence of seed {seed} ...", file=sys.stderr, flush=True)
            write_evidence(gathered(seed, settings), file)
        plants.append(read_evidence(file))
    return weigh(plants) if plants else None


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
