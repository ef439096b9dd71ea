"""Close the circle: what people found becomes labels, and the next model learns from them. The only file that closes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pdm.operations.score_fleet import champion
from pdm.operations.train_model import TrainingResult, train_model
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.registry import read_assets
from pdm.registry.bundle import Bundle

LABELS = ("failure", "repair", "inspection")


@dataclass(frozen=True)
class Retraining:
    """What the new challenger knows that the champion did not."""

    result: TrainingResult
    new_labels: int
    champion: str


def retrain(plant: Plant, asset_class: str, *, author: str) -> Retraining:
    """Train a challenger on everything known now, verdicts included; promotion stays a person's decision.

    Raises:
        TooLittleData: there is still too little to learn from.
        LeakFound: the features know the future.
    """
    in_charge = champion(plant, asset_class)
    labels = new_labels(plant, asset_class)
    result = train_model(plant, asset_class, author=author)
    return Retraining(result, labels, in_charge.version if in_charge else "")


def new_labels(plant: Plant, asset_class: str) -> int:
    """How many failures, repairs and inspections became known after what the champion learnt from."""
    in_charge = champion(plant, asset_class)
    assets = list(read_assets(plant.history, asset_class=asset_class))
    events = read_events(plant.history, assets=assets, kinds=LABELS)
    if in_charge is None:
        return len(events)
    return int((events["recorded_at"] > _learnt_until(in_charge)).sum())


def _learnt_until(bundle: Bundle) -> datetime:
    """Until when a bundle knew its labels; older manifests do not say, and were written soon after."""
    known_at = bundle.manifest.facts.get("known_at")
    return datetime.fromisoformat(str(known_at)) if known_at else bundle.created_at
