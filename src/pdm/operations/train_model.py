"""Train the model of one asset class: features and lives in, a signed bundle, a tracked run and a report out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pdm.catalogue import ModelDefinition
from pdm.errors import LeakFound, TooLittleData
from pdm.learning.answers import write_answers
from pdm.learning.ladder import Ladder, ladder_from
from pdm.learning.leak_report import LeakReport, report_from
from pdm.learning.report import write_report
from pdm.learning.train import Trained, train
from pdm.operations._leak_notes import note_refused
from pdm.operations._made_from import code_version, data_sha256
from pdm.operations._model_rows import read_source
from pdm.operations._run_notes import log_run
from pdm.operations._rungs import frozen_by, in_charge, on_its_rung
from pdm.operations.build_features import FeatureTable, build_features, no_features
from pdm.operations.check_leaks import check_leaks
from pdm.operations.promote_model import tell_what_it_missed
from pdm.ports import Plant
from pdm.readings.exclusions import read_exclusions
from pdm.readings.lives import read_lives
from pdm.readings.registry import Asset, read_assets
from pdm.registry.bundle import write_bundle
from pdm.registry.card import hidden_by_repairs
from pdm.registry.keys import plant_key
from pdm.registry.shelf import BundleShelf
from pdm.registry.write import check_kernels


@dataclass(frozen=True)
class TrainingResult:
    """What a training run left behind.

    bundle: folder of the bundle, whose `version` is now the class's challenger. report: the HTML page; the same as JSON lies beside it.
    leaks: what the leak guard was asked, and what it answered. ladder: the rung it stands on, and why.
    selection: how many features were kept, in a sentence; empty where all were learnt from.
    hidden: what repairs before failure leave unknown, a sentence for each target.
    """

    name: str
    version: str
    bundle: Path
    metrics: Mapping[str, float]
    run_id: str
    report: Path
    leaks: LeakReport
    ladder: Ladder
    selection: str = ""
    hidden: tuple[str, ...] = ()


def train_model(
    plant: Plant,
    asset_class: str,
    *,
    author: str,
    features: FeatureTable | None = None,
    known_at: datetime | None = None,
) -> TrainingResult:
    """Train, evaluate, sign and register a challenger; who is in charge stays as it is.

    author: who asked for it. features: a table that was built before; without one it is built now.
    known_at: learn only from what was known at that moment (default: now), for a replay that is no hindsight; a table that is
        handed in was then built with the same `known_at`.
    Assets whose attribute `split` is `test` are never learnt from.

    Raises:
        NotFound: no such class, or no model is defined for it.
        TooLittleData: nothing can be learnt yet.
        LeakFound: the features know the future.
        MissingExtra: the training extra is not installed. StoreError: the tracker is away.
        BundleError: a calculator without a kernel, told before anything is computed.
    """
    definition = plant.catalogue.model(asset_class)
    check_kernels(asset_class, plant.catalogue.asset_class(asset_class).feature_set, definition)
    tracker = plant.tracker()
    tracker.alias(asset_class, "challenger")  # a tracker that is away says so now, and not after an hour of training
    tell_what_it_missed(plant, tracker, asset_class)
    assets = read_assets(plant.history, asset_class=asset_class, known_at=known_at)
    asked = Asked(
        features.until if features else None,
        known_at,
        tuple(sorted(kept_for_test(assets))),
        in_charge(plant, asset_class),
    )
    try:
        trained, table = learn(plant, definition, asked, frozen_by(plant, asset_class, asked.champion), features)
    except LeakFound as refusal:
        note_refused(tracker, asset_class, refusal)
        raise
    manifest = write_bundle(
        plant.workspace.bundles,
        trained.model,
        feature_set=plant.catalogue.asset_class(asset_class).feature_set,
        asset_class=plant.catalogue.asset_class(asset_class),
        definition=definition,
        extraction_version=table.extraction_version,
        data_versions={**table.versions, "exclusions": plant.history.version("exclusions")},
        golden=trained.golden,
        key=plant_key(plant.workspace),
        created_by=author,
        created_at=plant.clock.now(),
        code_version=code_version(),
    )
    shelf = BundleShelf(plant.workspace.bundles)
    bundle = shelf.path(asset_class, manifest.version)
    folder = plant.workspace.reports / asset_class / manifest.version
    page, data = write_report(
        folder, trained.evaluation, trained.report, title=f"{definition.title}: {manifest.version}"
    )
    answers = write_answers(folder, trained.answers)
    with tracker.run(asset_class, manifest.version) as run:
        log_run(run, trained, manifest)
        for file in (page, data):
            run.artifact(file, "report")
        run.artifact(answers, "evaluation")
    tracker.register(asset_class, run.id, bundle, manifest.version)
    tracker.set_alias(asset_class, "challenger", manifest.version)
    shelf.set_alias(asset_class, "challenger", manifest.version)
    leaks = report_from(trained.model.facts["leaks"]) or LeakReport(())
    ladder = ladder_from(trained.model.facts["ladder"])
    selection = str(trained.model.facts.get("selection", {}).get("words", ""))
    return TrainingResult(
        asset_class,
        manifest.version,
        bundle,
        trained.evaluation.metrics(),
        run.id,
        page,
        leaks,
        ladder,
        selection,
        hidden_by_repairs(trained.model.facts),
    )


@dataclass(frozen=True)
class Asked:
    """What a run was asked for: with it, its definition and the versions of its tables it can be done again.

    until, known_at: as `build_features` takes them. held_out: assets that are never learnt from.
    champion: who was in charge then, since a level that it has learnt is not moved by training again.
    """

    until: datetime | float | None
    known_at: datetime | None
    held_out: tuple[str, ...]
    champion: str | None

    def document(self) -> dict[str, Any]:
        """As JSON."""
        until, known_at = (
            value.isoformat() if isinstance(value, datetime) else value for value in (self.until, self.known_at)
        )
        return {"until": until, "known_at": known_at, "held_out": list(self.held_out), "champion": self.champion}


def asked_from(document: Mapping[str, Any]) -> Asked:
    """The inverse of `Asked.document`; what an older run did not write down was not asked."""
    until, known_at = document.get("until"), document.get("known_at")
    return Asked(
        datetime.fromisoformat(until) if isinstance(until, str) else until,
        datetime.fromisoformat(known_at) if known_at else None,
        tuple(document.get("held_out", ())),
        document.get("champion"),
    )


def learn(
    plant: Plant,
    definition: ModelDefinition,
    asked: Asked,
    frozen: Mapping[str, float],
    features: FeatureTable | None = None,
) -> tuple[Trained, FeatureTable]:
    """What a class's history teaches on the rung it can bear, and the table it was learnt from; nothing is written anywhere.

    frozen: levels that are not moved (`frozen_by`). features: a table that was built before, as `asked`.

    Raises:
        TooLittleData, LeakFound: as `train_model`.
    """
    table, unread = features, ""
    if table is None:
        try:
            table = build_features(plant, definition.asset_class, until=asked.until, known_at=asked.known_at)
        except TooLittleData as error:
            table, unread = no_features(plant, definition.asset_class, known_at=asked.known_at), error.message
    chosen = table

    def trained_model() -> Trained:
        if unread:
            raise TooLittleData(unread, hint="`plantpdm ingest` brings some in")
        return trained_on(plant, definition, chosen, asked.known_at, asked.held_out)

    lives = read_lives(
        plant.history, plant.catalogue.asset_class(definition.asset_class), definition, known_at=asked.known_at
    )
    facts = {
        "known_at": (asked.known_at or plant.clock.now()).isoformat(),
        "asked": asked.document(),
        "data_sha256": data_sha256(chosen.frame, lives),
    }
    return (
        on_its_rung(plant, definition, chosen, asked.known_at, trained_model, frozen=frozen, asked=facts),
        chosen,
    )


def trained_on(
    plant: Plant,
    definition: ModelDefinition,
    table: FeatureTable,
    known_at: datetime | None,
    held_out: tuple[str, ...],
) -> Trained:
    """What a feature table teaches, with nothing written anywhere. held_out: assets that are never learnt from."""
    asset_class = plant.catalogue.asset_class(definition.asset_class)
    return train(
        table.frame,
        read_lives(plant.history, asset_class, definition, known_at=known_at),
        definition,
        asset_class,
        threads=plant.settings.threads,
        progress=plant.progress,
        exclusions=read_exclusions(plant.history, known_at=known_at),
        held_out=held_out,
        leaks=check_leaks(plant, asset_class.name, table, known_at=known_at),
        source=read_source(plant, asset_class, definition, known_at=known_at),
    )


def kept_for_test(assets: Mapping[str, Asset]) -> list[str]:
    """Assets that are kept for a final test and never learnt from."""
    return [name for name, asset in assets.items() if asset.attributes.get("split") == "test"]
