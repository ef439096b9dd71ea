"""The model card: what a model is, what it learnt from and how good it was, as data that a page or a report prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pdm.learning.ladder import ladder_from
from pdm.learning.leak_report import LeakReport, report_from
from pdm.registry.manifest import Manifest
from pdm.registry.promotion import way

REVIEW_AFTER = timedelta(days=180)
"""A model nobody has looked at for half a year is nobody's model: most programmes die when the owner leaves."""


@dataclass(frozen=True)
class ModelCard:
    """One model on one page.

    owner: who trained it and answers questions. lives, failures: how much each target learnt from.
    rung, rung_why: where it stands on the ladder. blind: failure mode -> why these sensors do not show it coming, and what would help.
    metrics: as evaluated on assets and times that it had not seen. abstained: targets that were not learnt, and why.
    review_by: when someone should look at it again. selection: how its features were chosen; empty: it learnt from all.
    data_sha256, code_version: of what it learnt from and of the platform that learnt it; empty where the model came before they were kept.
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
    data_sha256: str = ""
    code_version: str = ""

    @property
    def words(self) -> str:
        """Rung, blind spots, choice of features and what repairs have hidden, a line each."""
        lines = [f"stands on the rung: {self.rung}, because {self.rung_why}"]
        lines += [self.selection] if self.selection else []
        lines += [f"levels: {weighing['words']}"] if (weighing := self.facts.get("weighing")) else []
        lines += [f"not predictable: {sentence}" for sentence in self.blind.values()]
        return "\n".join([*lines, *hidden_by_repairs(self.facts)])

    def overdue(self, now: datetime) -> str:
        """That its review is due, in a sentence; empty while it is not."""
        if now <= self.review_by:
            return ""
        owner = self.owner or "nobody named"
        return f"the model's review was due on {self.review_by:%Y-%m-%d} (owner: {owner}); look at its figures and retrain it"

    def text(self, now: datetime | None = None) -> str:
        """The card on one page, with the figures that decide. now: what it is held against; past its review date it says so first."""
        due = self.overdue(now) if now else ""
        versions = ", ".join(f"{name} {at}" for name, at in sorted(self.data_versions.items()) if at >= 0)
        leaks = report_from(self.facts.get("leaks")) or LeakReport(())
        lines = [
            *([due] if due else []),
            f"{self.title}: {self.asset_class} {self.version}",
            f"owner {self.owner or 'nobody named'}, trained {self.trained_at:%Y-%m-%d}, review by {self.review_by:%Y-%m-%d}",
            f"answers {', '.join(self.targets) or 'no question about failures'} from {self.features} features",
            f"learnt from {versions}; sha256 {self.data_sha256 or 'not kept'}",
            f"code {self.code_version or 'not kept'}, extraction {self.extraction_version}",
            self.words,
            *(f"does not answer {name}: {why}" for name, why in self.abstained.items()),
            *(
                f"{name}: learnt from {count} failures in {self.lives.get(name, 0)} lives"
                for name, count in self.failures.items()
            ),
            *(f"{name}: {value:.4g}" for name, value in sorted(self.metrics.items()) if way(name)),
            "leak guard:",
            leaks.words or "not asked",
        ]
        return "\n".join(lines) + "\n"


def hidden_by_repairs(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """What condition-triggered repairs leave unknown about each target's failures, a sentence each."""
    told = {name: account.get("censoring", {}).get("words") for name, account in facts.get("calibration", {}).items()}
    return tuple(f"{name}: {words}" for name, words in told.items() if words)


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
        data_sha256=str(manifest.facts.get("data_sha256", "")),
        code_version=manifest.code_version,
    )


def overdue(manifest: Manifest, now: datetime) -> str:
    """That a model's review is due, in a sentence; empty while it is not."""
    return model_card(manifest).overdue(now)


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
