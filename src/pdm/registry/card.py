"""The model card: what a model is, what it learnt from and how good it was, as data that a page or a report prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pdm.learning.ladder import ladder_from
from pdm.registry.manifest import Manifest

REVIEW_AFTER = timedelta(days=180)
"""A model nobody has looked at for half a year is nobody's model: most programmes die when the owner leaves."""


@dataclass(frozen=True)
class ModelCard:
    """One model on one page.

    owner: who trained it and answers questions. lives, failures: how much each target learnt from.
    rung, rung_why: where it stands on the ladder. blind: failure mode -> why these sensors do not show it coming, and what would help.
    metrics: as evaluated on assets and times that it had not seen. abstained: targets that were not learnt, and why.
    review_by: when someone should look at it again. selection: how its features were chosen; empty: it learnt from all.
    """

    asset_class: str
    title: str
    version: str
    owner: str
    trained_at: datetime
    data_versions: Mapping[str, int]
    extraction_version: str
    features: int
    targets: tuple[str, ...]
    abstained: Mapping[str, str]
    lives: Mapping[str, Any]
    failures: Mapping[str, Any]
    metrics: Mapping[str, float]
    facts: Mapping[str, Any]
    review_by: datetime
    rung: str = ""
    rung_why: str = ""
    blind: Mapping[str, str] = field(default_factory=dict)
    selection: str = ""

    @property
    def words(self) -> str:
        """Rung, blind spots and choice of features, a line each."""
        lines = [f"stands on the rung: {self.rung}, because {self.rung_why}"]
        lines += [self.selection] if self.selection else []
        return "\n".join([*lines, *(f"not predictable: {sentence}" for sentence in self.blind.values())])


def model_card(manifest: Manifest) -> ModelCard:
    """The card of the model in a bundle."""
    learnt = tuple(entry.target.name for entry in manifest.targets)
    reasons = manifest.facts.get("abstained", {})
    ladder = ladder_from(manifest.facts.get("ladder", {}))
    return ModelCard(
        asset_class=manifest.asset_class.name,
        title=manifest.definition.title,
        version=manifest.version,
        owner=manifest.created_by,
        trained_at=manifest.created_at,
        data_versions=manifest.data_versions,
        extraction_version=manifest.extraction_version,
        features=len(manifest.feature_names),
        targets=learnt,
        abstained={
            target.name: str(reasons.get(target.name, "no reason on record"))
            for target in manifest.definition.targets
            if target.name not in learnt
        },
        lives=manifest.facts.get("lives", {}),
        failures=manifest.facts.get("failures", {}),
        metrics=metrics(manifest),
        facts=manifest.facts,
        review_by=manifest.created_at + REVIEW_AFTER,
        rung=ladder.rung,
        rung_why=ladder.why,
        blind=ladder.abstained,
        selection=str(manifest.facts.get("selection", {}).get("words", "")),
    )


def overdue(manifest: Manifest, now: datetime) -> str:
    """That a model's review is due, in a sentence; empty while it is not."""
    due = manifest.created_at + REVIEW_AFTER
    if now <= due:
        return ""
    owner = manifest.created_by or "nobody named"
    return f"the model's review was due on {due:%Y-%m-%d} (owner: {owner}); look at its figures and retrain it"


def metrics(manifest: Manifest) -> dict[str, float]:
    """The evaluation's figures, flat: nested tables become `target.metric`."""
    return dict(_flat(manifest.facts.get("metrics", {}), ""))


def _flat(table: Mapping[str, Any], prefix: str) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for name, value in table.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{prefix}{name}.")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found.append((prefix + name, float(value)))
    return found
