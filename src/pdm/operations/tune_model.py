"""Try a few settings of the learner on the past alone, and propose the best as a TOML snippet: a small gain, so a small study.

Every trial is a whole training whose data end where the test period begins; it is judged by its grouped inner folds, each figure as a
share of what the present settings reach. The test period is never looked at, so that the figures of the next `plantpdm train` stay
honest. A study is kept in the plant's folder and goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from pdm.catalogue import AssetClass, Learner, ModelDefinition
from pdm.errors import MissingExtra
from pdm.learning.course import longest_window
from pdm.learning.derived import Source
from pdm.learning.splits import by_time
from pdm.learning.train import train
from pdm.operations._model_rows import read_source
from pdm.operations.build_features import FeatureTable, build_features
from pdm.operations.train_model import kept_for_test
from pdm.ports import Plant
from pdm.readings.exclusions import read_exclusions
from pdm.readings.lives import read_lives
from pdm.readings.registry import read_assets

TRIALS = 12
_JUDGED = (".new_assets.brier", ".new_assets.rmse")


@dataclass(frozen=True)
class Tuning:
    """What a study has found.

    score: mean of the out-of-fold errors as shares of the present settings' (1 is as good as these). trials: finished ones.
    proposal: file with `[learner]` as TOML; nothing is changed until somebody copies it into `models/<class>.toml`.
    """

    asset_class: str
    score: float
    trials: int
    learner: Learner
    proposal: Path


def tune_model(plant: Plant, asset_class: str, *, trials: int = TRIALS) -> Tuning:
    """Run the study until it has `trials` finished trials.

    Raises:
        NotFound: no such class, or no model is defined for it.
        TooLittleData: nothing can be learnt from the past alone.
        MissingExtra: the training extra is not installed.
    """
    try:
        import optuna
    except ImportError:
        raise MissingExtra("train", "tuning") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    definition, classes = plant.catalogue.model(asset_class), plant.catalogue.asset_class(asset_class)
    table = build_features(plant, asset_class)
    judge = _judge(plant, classes, definition, table)
    storage = f"sqlite:///{plant.workspace.home / 'studies.db'}"
    study = optuna.create_study(
        study_name=_name(definition, table),
        storage=storage,
        sampler=optuna.samplers.TPESampler(seed=definition.learner.seed),
        load_if_exists=True,
    )
    if not any(trial.state.name in ("COMPLETE", "WAITING") for trial in study.trials):
        # Also where the first trial was cut off: the present settings are what every other one is measured against.
        study.enqueue_trial(_present(definition.learner))
    with plant.progress.stage(f"tuning {asset_class}", trials) as advance:
        done = _finished(study)
        advance(min(done, trials))
        while done < trials:
            study.optimize(lambda trial: judge(_suggest(trial, definition.learner)), n_trials=1)
            advance(1)
            done += 1
    best = _suggest(study.best_trial, definition.learner)
    return Tuning(
        asset_class, float(study.best_value), done, best, _propose(plant, asset_class, best, study.best_value, done)
    )


def _judge(
    plant: Plant, asset_class: AssetClass, definition: ModelDefinition, table: FeatureTable
) -> Callable[[Learner], float]:
    """The error of a learner on inner folds of the past, as a share of the present learner's."""
    held_out = kept_for_test(read_assets(plant.history, asset_class=asset_class.name))
    # Gone before anything is cut: where the past ends must not depend on them either, as in training.
    table = replace(table, frame=table.frame[~table.frame["asset"].isin(held_out)].reset_index(drop=True))
    past, lives = _past(plant, asset_class, definition, table)
    # No cut inside: the past is all that a trial knows, and its folds are all that judge it.
    whole = replace(definition, split=replace(definition.split, test_from="9999-12-31", gap=0.0))
    options: dict[str, Any] = {
        "threads": plant.settings.threads,
        "exclusions": read_exclusions(plant.history),
        "source": _source_of(plant, asset_class, definition, past),
    }

    def errors(learner: Learner) -> dict[str, float]:
        trained = train(past, lives, replace(whole, learner=learner), asset_class, **options)
        found = trained.evaluation.metrics()
        return {name: value for name, value in found.items() if name.endswith(_JUDGED)}

    present = errors(definition.learner)

    def share(learner: Learner) -> float:
        now = present if learner == definition.learner else errors(learner)
        shares = [now[name] / value for name, value in present.items() if name in now and value > 0]
        return sum(shares) / len(shares) if len(shares) == len(present) else math.inf

    return share


def _past(
    plant: Plant, asset_class: AssetClass, definition: ModelDefinition, table: FeatureTable
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows and lives before the test period: lives that went on were still running then."""
    lives = read_lives(plant.history, asset_class, definition)
    axis, frame = asset_class.axis, table.frame
    cut = by_time(axis.positions(frame["time"]), definition, axis, window=longest_window(definition, asset_class))
    if cut is None:
        return frame, lives
    rows = frame[cut.train(axis.positions(frame["time"]))].reset_index(drop=True)
    started = lives[axis.positions(lives["start"]) < cut.test_from].copy()
    running = axis.positions(started["end"]) > cut.test_from
    test_from = frame.loc[axis.positions(frame["time"]) >= cut.test_from, "time"].min()
    started.loc[running, ["end"]] = test_from
    started.loc[running, ["ended_by"]] = "open"
    started.loc[running, ["failure_mode", "severity"]] = ""
    return rows, started


def _source_of(plant: Plant, asset_class: AssetClass, definition: ModelDefinition, past: pd.DataFrame) -> Source | None:
    """What derived channels are fitted on: readings up to the last row that a trial may know."""
    source = read_source(plant, asset_class, definition)
    if source is None:
        return None
    return replace(source, readings=source.readings[source.readings["time"] <= past["time"].max()])


def _suggest(trial: Any, present: Learner) -> Learner:
    """Four settings that matter, in ranges that are cheap; all others stay as they are."""
    return replace(
        present,
        leaves=trial.suggest_int("leaves", 4, 63, log=True),
        min_rows_in_leaf=trial.suggest_int("min_rows_in_leaf", 10, 200, log=True),
        feature_fraction=trial.suggest_float("feature_fraction", 0.1, 1.0),
        learning_rate=trial.suggest_float("learning_rate", 0.01, 0.15, log=True),
    )


def _present(learner: Learner) -> dict[str, float]:
    names = ("leaves", "min_rows_in_leaf", "feature_fraction", "learning_rate")
    return {name: getattr(learner, name) for name in names}


def _finished(study: Any) -> int:
    return sum(trial.state.name == "COMPLETE" for trial in study.trials)


def _name(definition: ModelDefinition, table: FeatureTable) -> str:
    """Other data or another definition is another study."""
    facts: Mapping[str, Any] = {"versions": table.versions, "extraction": table.extraction_version}
    text = json.dumps([facts, asdict(replace(definition, source=None))], sort_keys=True, default=str)
    return f"{definition.asset_class}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _propose(plant: Plant, asset_class: str, learner: Learner, score: float, trials: int) -> Path:
    lines = [
        f"# The best of {trials} trials on inner folds of the past: {score:.3f} of the present error. Copy it into",
        f"# models/{asset_class}.toml and train; a gain of a few hundredths is within the noise.",
        "[learner]",
        *(f"{name} = {_toml(value)}" for name, value in asdict(learner).items()),
    ]
    path = plant.workspace.reports / asset_class / "tuning.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _toml(value: float | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else str(value)
