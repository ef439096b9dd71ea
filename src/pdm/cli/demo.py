"""`plantpdm demo`: the whole circle on one machine, on the simulated plant or on a public data set from your disk."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdm.cli.common import Json, answer, open_plant
from pdm.errors import Conflict, InputError, NotFound

if TYPE_CHECKING:
    from pdm.operations.build_features import FeatureTable
    from pdm.operations.train_model import TrainingResult
    from pdm.ports import Plant

REPLAY_DAYS = 30
REPLAY_EVERY = timedelta(days=1)
AZURE_REPLAY_DAYS = 7
AZURE_FIGURES = {
    "recall_per_failure": "alerts.later.recall",
    "recall_low95": "alerts.later.recall_low95",
    "recall_high95": "alerts.later.recall_high95",
    "false_alerts_per_asset_year": "alerts.later.false_per_year",
    "lead_time_median_h": "alerts.later.lead_median",
}
"""What the Azure story reports first: found failures, false alerts and lead time of December, over all four components."""
DAYS = 365
MACHINES = (24, 16, 20)
DEMO_HOME = Path("demo-home")
MARK = "made-by-plantpdm-demo.txt"
"""Only a plant with this file may be replaced by a demo."""


@dataclass
class Tally:
    """What the demo reports at the end; `seconds` by stage."""

    assets: int = 0
    readings: int = 0
    features: int = 0
    models: list[dict[str, Any]] = field(default_factory=list)
    alerts: int = 0
    work_requests: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, sentence: str) -> Iterator[None]:
        """Say what happens now, and keep how long it took."""
        sys.stderr.write(f"{sentence}\n")
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 2)


def demo(
    home: Annotated[Path, typer.Option("--home", help="Where the demo plant is made.")] = DEMO_HOME,
    dataset: Annotated[str | None, typer.Option(help="cmapss or azure instead of the simulated plant.")] = None,
    folder: Annotated[Path | None, typer.Option("--from", help="The folder with the data set's files.")] = None,
    subset: Annotated[str, typer.Option(help="C-MAPSS: FD001 to FD004.")] = "FD001",
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the pages afterwards.")] = True,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Replace an earlier demo plant in --home; demo-home always is.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port of the pages.")] = 8000,
    seed: Annotated[int, typer.Option(help="Seed of the simulated plant.")] = 7,
    machines: Annotated[
        tuple[int, int, int], typer.Option(hidden=True, help="How many pumps, compressors and fans.")
    ] = MACHINES,
    as_json: Json = False,
) -> None:
    """Turn the whole circle once: readings, features, models, scores, alerts and work requests, and serve the pages.

    Needs the extra `train`.
    """
    stories: dict[str | None, Callable[[Plant, Tally], None]] = {
        None: lambda plant, tally: simulated_story(plant, tally, seed, machines),
        "cmapss": lambda plant, tally: cmapss_story(plant, tally, _given(folder), subset),
        "azure": lambda plant, tally: azure_story(plant, tally, _given(folder)),
    }
    if dataset not in stories:
        raise InputError(
            f"no data set {dataset!r}", hint="cmapss or azure; leave --dataset out for the simulated plant"
        )
    if dataset is not None and not _given(folder).is_dir():
        raise NotFound(f"no folder {folder}", hint="--from names the folder with the data set's files")
    plant = new_plant(home, fresh=fresh)
    tally = Tally()
    started = time.perf_counter()
    stories[dataset](plant, tally)
    tally.seconds["total"] = round(time.perf_counter() - started, 2)
    answer(tally, _summary(tally, home), as_json=as_json)
    if serve:
        from pdm.cli.plant import serve as serve_plant

        sys.stdout.flush()
        serve_plant(home, host=None, port=port)


def simulated_story(plant: Plant, tally: Tally, seed: int, machines: tuple[int, int, int] = MACHINES) -> None:
    """A year of sixty machines that ends today.

    The models learn from what was known thirty days ago; these thirty days then happen again through the real alert engine, so that
    no alert is hindsight. At the end the planner hands over stops, crews, stock, prices and preventive plans.
    """
    from pdm.operations.replay_history import replay_history
    from pdm.simulation.load import load_plant
    from pdm.simulation.planner_lists import hand_over
    from pdm.simulation.small_plant import simulate_small_plant

    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with tally.stage("simulate", f"1/5  simulating {sum(machines)} machines over a year"):
        start = (now - timedelta(days=DAYS)).isoformat()
        simulated = simulate_small_plant(seed, assets_per_class=machines, start=start, days=DAYS)
    with tally.stage("ingest", "2/5  taking readings, events and assets in"):
        counts = load_plant(plant, simulated)
        tally.assets, tally.readings = counts.assets, counts.readings
    past = now - timedelta(days=REPLAY_DAYS)
    _learn(plant, tally, sorted(simulated.readings), numbers=("3/5", "4/5"), known_at=past)
    with tally.stage("score", f"5/5  living through the last {REPLAY_DAYS} days again, as known then"):
        replay_history(plant, past, now, every=REPLAY_EVERY)
        hand_over(plant)
        _count_work(plant, tally)


def cmapss_story(plant: Plant, tally: Tally, folder: Path, subset: str) -> None:
    """NASA turbofans: train on the engines that ran to failure, score every test engine at its last cycle."""
    from pdm.datasets.cmapss import import_cmapss, read_cmapss
    from pdm.learning.protocols import cmapss_report

    with tally.stage("ingest", f"1/4  reading C-MAPSS {subset}"):
        counts = import_cmapss(plant, folder, subset)
        tally.assets, tally.readings = counts.assets, counts.readings
    _learn(plant, tally, ["turbofan"], numbers=("2/4", "3/4"))
    with tally.stage("score", "4/4  scoring every test engine at its last cycle"):
        scored = _score_at_the_end(plant, "turbofan")
        lives = {
            asset: a.remaining_life for asset, a in scored.items() if "-test-" in asset and a.remaining_life is not None
        }
        truth = read_cmapss(folder, subset).truth
        if truth is not None:
            engines = sorted(lives)
            report = cmapss_report(
                [lives[e].expected for e in engines],
                [lives[e].low for e in engines],
                [lives[e].high for e in engines],
                truth,
            )
            tally.models[0]["metrics"] |= report | {"test_engines": len(engines)}
        _count_work(plant, tally)


def azure_story(plant: Plant, tally: Tally, folder: Path) -> None:
    """A hundred machines: failure of each component within 24 h, on a time split with a gap.

    The figures are those of December, held out. The alerts come from a second model that never saw the days it lives through.
    """
    from pdm.datasets.azure import import_azure
    from pdm.operations.replay_history import replay_history

    with tally.stage("ingest", "1/5  reading the Azure predictive-maintenance set"):
        counts = import_azure(plant, folder)
        tally.assets, tally.readings = counts.assets, counts.readings
    _learn(plant, tally, ["azure_machine"], numbers=("2/5", "3/5"))
    metrics = tally.models[0]["metrics"]
    tally.models[0]["metrics"] = {short: metrics[name] for short, name in AZURE_FIGURES.items()} | metrics
    end = _end_of_record(plant, "azure_machine")
    past = end - timedelta(days=AZURE_REPLAY_DAYS)
    with tally.stage("train for replay", f"4/5  training again without the last {AZURE_REPLAY_DAYS} days"):
        _train_and_promote(plant, "azure_machine", known_at=past)
    with tally.stage("score", f"5/5  living through the last {AZURE_REPLAY_DAYS} days again, as known then"):
        replay_history(plant, past, end, every=timedelta(hours=3))
        _count_work(plant, tally)


def _learn(
    plant: Plant, tally: Tally, classes: list[str], numbers: tuple[str, str], known_at: datetime | None = None
) -> None:
    """Features, training and promotion of each class, from what was known at `known_at` (default: everything)."""
    from pdm.operations.build_features import build_features

    with tally.stage("features", f"{numbers[0]}  extracting features"):
        tables = {name: build_features(plant, name, known_at=known_at) for name in classes}
        tally.features = sum(table.frame.shape[0] * len(table.features) for table in tables.values())
    with tally.stage("train", f"{numbers[1]}  training, calibrating and evaluating"):
        for name in classes:
            result = _train_and_promote(plant, name, known_at=known_at, features=tables[name])
            tally.models.append({"name": name, "version": result.version, "metrics": dict(result.metrics)})


def _train_and_promote(
    plant: Plant, name: str, *, known_at: datetime | None, features: FeatureTable | None = None
) -> TrainingResult:
    from pdm.operations.promote_model import promote_model
    from pdm.operations.train_model import train_model

    result = train_model(plant, name, author="demo", features=features, known_at=known_at)
    promote_model(
        plant,
        name,
        result.version,
        approved_by="demo",
        reason="the demo plant has one person and one model",
        force=True,
    )
    return result


def _end_of_record(plant: Plant, asset_class: str) -> datetime:
    """When the newest reading of a class became known: public data sets ended years ago."""
    from pdm.readings.store import ReadingStore

    moment = ReadingStore(plant.history).last(plant.catalogue.asset_class(asset_class))["recorded_at"].max()
    end: datetime = moment.to_pydatetime()
    return end


def _score_at_the_end(plant: Plant, asset_class: str) -> dict[str, Any]:
    """Score a class at the moment of its newest reading."""
    from dataclasses import replace

    from pdm.clock import ManualClock
    from pdm.operations.score_fleet import score_fleet

    then = replace(plant, clock=ManualClock(_end_of_record(plant, asset_class)))
    report = score_fleet(then, asset_class=asset_class, holder="demo")
    return {assessment.asset: assessment for assessment in report.assessments}


def _count_work(plant: Plant, tally: Tally) -> None:
    from pdm.alerts.alert import AlertState

    with plant.unit_of_work() as work:
        alerts = work.alerts.list()
        tally.alerts = sum(alert.state is not AlertState.PENDING for alert in alerts)
        tally.work_requests = len(work.requests.list())


def new_plant(home: Path, *, fresh: bool) -> Plant:
    """An empty demo plant in `home`; only what an earlier demo has made is replaced.

    Raises:
        Conflict: something else lies in the folder, or an earlier demo plant that nobody said to replace.
    """
    from pdm.workspace import create

    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        if not (home / MARK).is_file():
            raise Conflict(f"{home} is not empty, and no demo has made it", hint="choose another --home")
        if not fresh and home != DEMO_HOME:
            raise Conflict(f"{home} already is a demo plant", hint="choose another --home, or replace it with --fresh")
        sys.stderr.write(f"replacing the earlier demo plant in {home}\n")
        for item in home.iterdir():
            shutil.rmtree(item) if item.is_dir() and not item.is_symlink() else item.unlink()
    home.mkdir(parents=True, exist_ok=True)
    (home / MARK).write_text("A later `plantpdm demo` may replace this folder. To keep it, delete this file.\n")
    create(home, plant_name="Demo plant", time_zone="Europe/Berlin")
    return open_plant(home)


def _given(folder: Path | None) -> Path:
    if folder is None:
        raise InputError("a data set needs its folder", hint="--from DIR")
    return folder


def _summary(tally: Tally, home: Path) -> str:
    lines = [
        f"{tally.assets} assets, {tally.readings:,} readings, {tally.features:,} feature values",
        f"{tally.alerts} alerts and {tally.work_requests} work requests, in {tally.seconds['total']:.0f} s",
        f"the plant lies in {home}; next: plantpdm alerts list --home {home}, or plantpdm serve --home {home}",
    ]
    return "\n".join(lines)
