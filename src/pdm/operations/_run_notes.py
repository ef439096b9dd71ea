"""What a tracked run says of itself: from which features, data and code it came, what it is worth, and who answers for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from pdm.learning.train import Trained
from pdm.operations._leak_notes import note
from pdm.operations._rungs import standing_figures
from pdm.ports import Run
from pdm.registry.card import ModelCard, model_card
from pdm.registry.codec import encode
from pdm.registry.manifest import Manifest


def log_run(run: Run, trained: Trained, manifest: Manifest) -> None:
    """Settings, figures, tags and files of one training: feature set, data, code, leak report, model card and boosters."""
    definition, facts, card = manifest.definition, manifest.facts, model_card(manifest)
    run.params(
        {f"learner.{name}": value for name, value in asdict(definition.learner).items()}
        | {f"split.{name}": value for name, value in asdict(definition.split).items()}
        | {name: facts[name] for name in ("rows", "assets") if name in facts}
        | {"features": len(manifest.feature_names)}
    )
    note(run, facts["leaks"])
    run.metrics(trained.evaluation.metrics() | standing_figures(trained.model))
    run.metrics({f"baseline.{name}": value for name, value in trained.evaluation.baselines().items()})
    run.tags(_tags(manifest, card))
    run.tags({f"abstained.{name}": sentence for name, sentence in trained.evaluation.abstained.items()})
    derived = manifest.derived_features
    features = {"raw": encode(manifest.feature_set), "derived": encode(derived) if derived else None}
    texts = {"definitions/features.json": json.dumps(features, indent=1), "card/card.txt": card.text()}
    texts |= {
        f"boosters/{part.target.name}.{role}.txt": text
        for part in trained.model.targets
        for role, text in part.boosters.items()
    }
    _keep(run, texts)


def _tags(manifest: Manifest, card: ModelCard) -> dict[str, str]:
    return {
        "author": manifest.created_by,
        "bundle": manifest.version,
        "feature_set": f"{manifest.feature_set.name}: {card.features} features",
        "extraction_version": manifest.extraction_version,
        "code_version": manifest.code_version,
        "data_sha256": card.data_sha256,
        "owner": card.owner,
        "review_by": f"{card.review_by:%Y-%m-%d}",
        **{f"data_version.{name}": str(version) for name, version in manifest.data_versions.items()},
    }


def _keep(run: Run, texts: Mapping[str, str]) -> None:
    """Text files of a run, by `folder/name`: whoever opens it needs to unpickle nothing."""
    with TemporaryDirectory() as scratch:
        for place, text in texts.items():
            folder, _, name = place.rpartition("/")
            file = Path(scratch) / name
            file.write_text(text, encoding="utf-8")
            run.artifact(file, folder)
