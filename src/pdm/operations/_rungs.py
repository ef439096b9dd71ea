"""Train what the failures on record can bear: a model where they can, the watch list below it always, and the rung by the stated rule."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import ModelDefinition
from pdm.errors import BundleError, NotFound, TooLittleData
from pdm.learning.age import age_from
from pdm.learning.answers import COLUMNS, digest
from pdm.learning.blind import blind_modes
from pdm.learning.evaluation import Evaluation
from pdm.learning.ladder import AGE_ONLY, RUNGS, WATCH_LIST, Ladder, choose_rung, fleet_errors, ladder_from
from pdm.learning.leak_report import QUESTIONS, LeakLine, LeakReport
from pdm.learning.model import Model
from pdm.learning.report import summarise
from pdm.learning.train import Trained
from pdm.learning.watch import Learnt, Weighing, learn_watch, learnt_from
from pdm.operations._ages import learn_ages
from pdm.operations._begun import learnt_until
from pdm.operations.build_features import FeatureTable
from pdm.operations.weigh_evidence import digest as digest_of
from pdm.operations.weigh_evidence import read_weighing
from pdm.ports import Plant
from pdm.readings.baselines import baselines_from
from pdm.readings.events import read_events
from pdm.readings.exclusions import read_exclusions
from pdm.readings.lives import read_lives
from pdm.readings.registry import read_assets
from pdm.readings.store import ReadingStore
from pdm.registry.keys import public_key
from pdm.registry.shelf import BundleShelf
from pdm.registry.signed import read_manifest
from pdm.scoring.aging import age_sentence


def on_its_rung(
    plant: Plant,
    definition: ModelDefinition,
    table: FeatureTable,
    known_at: datetime | None,
    train: Callable[[], Trained],
    *,
    frozen: Mapping[str, float] | None = None,
    asked: Mapping[str, Any] | None = None,
) -> Trained:
    """The trained model with its watch list and the rung it stands on; without enough failures the watch list alone, or age.

    frozen: asset -> until when its level has been learnt before (`frozen_by`).
    asked: facts about the run itself, which whoever reproduces it needs to know on every rung.

    Raises:
        TooLittleData: neither a watch list nor ages can be learnt.
    """
    learnt = _weighed(plant, watch_list(plant, definition, known_at, frozen=frozen))
    try:
        trained, why = train(), ""
    except TooLittleData as error:
        trained, why = None, error.message.rstrip(".")
    failures = _failures(plant, definition, known_at) if trained is None else trained.model.facts.get("failures", {})
    ladder = choose_rung(
        definition,
        failures,
        trained.evaluation.metrics() if trained else {},
        {**trained.evaluation.baselines(), **fleet_errors(trained.answers, definition)} if trained else {},
        watch=isinstance(learnt, Learnt),
        without=why,
        unwatched="" if isinstance(learnt, Learnt) else learnt,
    )
    if weighing := _weighing_of(learnt):
        ladder = replace(ladder, why=f"{ladder.why}; {weighing.words}") if ladder.rung == WATCH_LIST else ladder
    if trained is not None:
        ladder = replace(ladder, abstained={**_found_blind(plant, definition, trained, known_at), **ladder.abstained})
    if ladder.rung == AGE_ONLY:
        return _with(_by_age(plant, definition, table, trained, ladder, failures, known_at), learnt, asked)
    if trained is None:
        if not isinstance(learnt, Learnt):
            raise TooLittleData(
                f"{why}; and {learnt}", hint="wait for failures on record, or for more undisturbed running"
            )
        facts = learnt.expected.facts
        trained = _without_boosters(definition, table, ladder, failures, facts, unit=_unit(plant, definition))
    return _with(_on(trained, ladder), learnt, asked)


def _by_age(
    plant: Plant,
    definition: ModelDefinition,
    table: FeatureTable,
    trained: Trained | None,
    ladder: Ladder,
    failures: Mapping[str, int],
    known_at: datetime | None,
) -> Trained:
    """A model of age alone; boosters that are no better than it are left out, and the report keeps the figures that say so.

    Raises:
        TooLittleData: not even ages are on record.
    """
    ages = learn_ages(plant, definition, known_at)
    axis = plant.catalogue.asset_class(definition.asset_class).axis
    told = [age_sentence(one, None, definition.mode(one.mode), axis) for one in ages.modes]
    told += [f"{definition.mode(mode).title}: {why}" for mode, why in ages.left_out.items()]
    ladder = replace(ladder, why=f"{ladder.why}. {'. '.join(told)}")
    counts = trained.model.facts if trained else {}
    bare = _without_boosters(definition, table, ladder, failures, counts, unit=axis.unit)
    bare = replace(bare, model=replace(bare.model, age=ages.document()))
    if trained is not None:
        tried = {"tried": {"metrics": counts.get("metrics", {}), "baselines": counts.get("baselines", {})}}
        kept = {name: counts[name] for name in ("answers", "leaks", "lives") if name in counts}
        model = replace(bare.model, facts={**bare.model.facts, **kept, **tried})
        evaluation = replace(
            trained.evaluation, abstained={**trained.evaluation.abstained, **bare.evaluation.abstained}
        )
        bare = replace(bare, model=model, evaluation=evaluation, answers=trained.answers)
    return _on(bare, ladder)


def in_charge(plant: Plant, asset_class: str) -> str | None:
    """The version of the champion; None where nobody is in charge."""
    try:
        return BundleShelf(plant.workspace.bundles).alias(asset_class, "champion")
    except (BundleError, NotFound):
        return None


def frozen_by(plant: Plant, asset_class: str, version: str | None) -> dict[str, float]:
    """Asset -> until when a version learnt its level: training again does not move it. Nothing where there is no version."""
    learnt = None
    try:
        if version is not None:
            folder = BundleShelf(plant.workspace.bundles).path(asset_class, version)
            learnt = learnt_from(read_manifest(folder, public_key(plant.workspace)).watch)
    except (BundleError, NotFound):
        pass  # whoever cannot be read has frozen nothing; scoring says what is wrong with it
    return learnt_until(learnt.expected) if learnt else {}


def _found_blind(
    plant: Plant, definition: ModelDefinition, trained: Trained, known_at: datetime | None
) -> dict[str, str]:
    """Failure modes that the held-out answers do not see coming."""
    asset_class = plant.catalogue.asset_class(definition.asset_class)
    lives = read_lives(plant.history, asset_class, definition, known_at=known_at)
    calibration = trained.model.facts.get("calibration", {})
    return blind_modes(trained.answers, lives, definition, asset_class.axis, calibration)


def watch_list(
    plant: Plant,
    definition: ModelDefinition,
    known_at: datetime | None,
    *,
    until: datetime | None = None,
    frozen: Mapping[str, float] | None = None,
) -> Learnt | str:
    """The watch list of a class, or why there is none. frozen: as `on_its_rung` takes it.

    until: learn from what was true by then, whenever it was recorded; default: whatever was known.
    """
    asset_class = plant.catalogue.asset_class(definition.asset_class)
    if not definition.watch.keep:
        return "its definition keeps no watch list"
    assets = read_assets(plant.history, asset_class=asset_class.name, known_at=known_at)
    chosen = [name for name, asset in assets.items() if asset.attributes.get("split") != "test"]
    with plant.progress.stage(f"what is normal for {asset_class.name}"):
        end = until or known_at
        readings = ReadingStore(plant.history).scan(asset_class, assets=chosen, end=end, known_at=known_at)
        events = read_events(plant.history, assets=chosen, known_at=known_at)
        if until is not None:
            events = events[~(events["time"] > until)].reset_index(drop=True)
        try:
            return learn_watch(
                readings,
                asset_class,
                definition,
                events,
                read_exclusions(plant.history, known_at=known_at),
                learner=definition.watch.learner,
                inputs=definition.watch.inputs,
                starts=baselines_from(events, asset_class.axis, definition.watch.new_baseline_after),
                frozen=frozen,
            )
        except TooLittleData as error:
            counted = asset_class.axis
            days = f" (a day of it is {counted.per_day:g} {counted.unit})" if counted.kind == "usage" else ""
            return error.message.rstrip(".") + days


def _weighed(plant: Plant, learnt: Learnt | str) -> Learnt | str:
    """The same with what the records of several plants taught, where the plant keeps such a weighing and failure modes have signs."""
    if not isinstance(learnt, Learnt) or "mode" not in learnt.watch.limits:
        return learnt
    return replace(learnt, watch=replace(learnt.watch, weighing=read_weighing(plant.workspace)))


def _weighing_of(learnt: Learnt | str) -> Weighing | None:
    return learnt.watch.weighing if isinstance(learnt, Learnt) else None


def _on(trained: Trained, ladder: Ladder) -> Trained:
    """The same with its rung and the reasons for it."""
    model = replace(trained.model, facts={**trained.model.facts, "ladder": ladder.document()})
    evaluation = replace(trained.evaluation, abstained={**trained.evaluation.abstained, **ladder.abstained})
    return replace(trained, model=model, evaluation=evaluation)


def _with(trained: Trained, learnt: Learnt | str, asked: Mapping[str, Any] | None) -> Trained:
    """The same with the watch list, or why there is none, and with what was asked of the run."""
    document = learnt.document() if isinstance(learnt, Learnt) else {}
    told: dict[str, Any] = {"watch": "" if isinstance(learnt, Learnt) else learnt, **(asked or {})}
    if isinstance(learnt, Learnt):
        told["watch_limits"] = {"false_per_year": learnt.watch.false_per_year, **learnt.watch.facts}
        if weighing := learnt.watch.weighing:
            told["weighing"] = {"words": weighing.words, "content": digest_of(weighing), **weighing.facts}
    model = replace(trained.model, facts={**trained.model.facts, **told}, watch=document)
    return replace(trained, model=model, report=summarise(model, trained.evaluation))


def standing_figures(model: Model) -> dict[str, float]:
    """What a model says without boosters, in figures: its rung, the limits of its watch list, the shapes of its ages.

    `watch.digest` and `age.digest` are the first 48 bits of a hash of everything that was learnt there.
    """
    found = {"rung": float(RUNGS.index(ladder_from(model.facts.get("ladder", {})).rung))}
    for name, document in (("watch", model.watch), ("age", model.age)):
        if document:
            text = json.dumps(document, sort_keys=True, default=float)
            found[f"{name}.digest"] = float(int(hashlib.sha256(text.encode()).hexdigest()[:12], 16))
    learnt, ages = learnt_from(model.watch), age_from(model.age)
    if learnt is not None:
        found |= {f"watch.limit.{name}": limit for name, limit in learnt.watch.limits.items() if math.isfinite(limit)}
    for one in ages.modes if ages else ():
        found |= {f"age.{one.mode}.shape": one.shape, f"age.{one.mode}.failures": float(one.failures)}
    return found


def _without_boosters(
    definition: ModelDefinition,
    table: FeatureTable,
    ladder: Ladder,
    failures: Mapping[str, int],
    counts: Mapping[str, Any],
    *,
    unit: str,
) -> Trained:
    """A model without a single booster: it says why it does not predict. counts: rows and assets behind what it does instead."""
    nothing = "nothing was learnt from failures: there is no answer that could give a label away"
    leaks = LeakReport(tuple(LeakLine(name, None, nothing) for name in QUESTIONS))
    abstained = {step.target: f"{step.target} was left out: {step.why}." for step in ladder.steps}
    answers = pd.DataFrame({name: np.empty(0) for name in COLUMNS})
    facts = {
        "answers": {"sha256": digest(answers), "rows": 0},
        "rows": int(counts.get("rows", 0)),
        "assets": int(counts.get("assets", 0)),
        "from": str(table.frame["time"].min()),
        "until": str(table.frame["time"].max()),
        "lives": {},
        "failures": dict(failures),
        "abstained": abstained,
        "warnings": [],
        "metrics": {},
        "baselines": {},
        "leaks": leaks.plain(),
    }
    model = Model(definition.asset_class, (), unit, (), facts)
    evaluation = Evaluation((), abstained)
    # A bundle proves itself with rows; one without a feature has nothing in them.
    golden = table.frame.head(1) if len(table.frame) else pd.DataFrame({"asset": [""]})
    return Trained(model, evaluation, summarise(model, evaluation), answers, golden)


def _failures(plant: Plant, definition: ModelDefinition, known_at: datetime | None) -> dict[str, int]:
    """Failed lives on record by target."""
    asset_class = plant.catalogue.asset_class(definition.asset_class)
    lives = read_lives(plant.history, asset_class, definition, known_at=known_at)
    failed = lives[lives["ended_by"] == "failure"]
    return {target.name: int(failed["failure_mode"].isin(target.modes).sum()) for target in definition.targets}


def _unit(plant: Plant, definition: ModelDefinition) -> str:
    return plant.catalogue.asset_class(definition.asset_class).axis.unit
