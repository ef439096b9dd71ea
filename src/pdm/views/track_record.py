"""How far an alert of one kind can be trusted: what came of the earlier ones, and from how many failures the model learnt."""

from __future__ import annotations

from pdm.errors import BundleError, NotFound
from pdm.feedback.track_record import TrackRecord, track_record
from pdm.ports import Plant
from pdm.registry.card import ModelCard, model_card
from pdm.registry.keys import public_key
from pdm.registry.manifest import Manifest
from pdm.registry.shelf import BundleShelf
from pdm.registry.signed import read_manifest
from pdm.views import words


def track_record_sentences(plant: Plant, asset_class: str, failure_mode: str) -> tuple[str, ...]:
    """The record of this class and mode, and what the model in charge learnt from."""
    with plant.unit_of_work() as work:
        records = track_record(work.alerts.list(asset_class=asset_class), work.verdicts.list())
    record = records.get((asset_class, failure_mode), TrackRecord(asset_class, failure_mode))
    sentence = record.sentence
    return (f"{sentence[0].upper()}{sentence[1:]}.", *_about_the_model(plant, asset_class, failure_mode))


def _about_the_model(plant: Plant, asset_class: str, failure_mode: str) -> tuple[str, ...]:
    """A page that explains an alert must come up even when the model behind it cannot be read any more."""
    shelf = BundleShelf(plant.workspace.bundles)
    try:
        version = shelf.alias(asset_class, "champion")
        if version is None:
            return ("No model is in charge of this class at the moment.",)
        manifest = read_manifest(shelf.path(asset_class, version), public_key(plant.workspace))
    except (BundleError, NotFound) as error:
        return (f"The model's card cannot be read: {error}.",)
    card = model_card(manifest)
    due = card.overdue(plant.clock.now())
    late = (f"{due[0].upper()}{due[1:]}.",) if due else ()
    return (_learnt_from(plant, manifest, card, failure_mode), *late)


def _learnt_from(plant: Plant, manifest: Manifest, card: ModelCard, failure_mode: str) -> str:
    names = [target.name for target in manifest.definition.targets if failure_mode in target.modes]
    counted = [(int(card.failures[name]), int(card.lives.get(name, 0))) for name in names if name in card.failures]
    if not counted:
        return "The model does not say from how many failures it learnt."
    failures, lives = counted[0]
    trained = words.day(card.trained_at, plant.settings.time_zone)
    of_lives = f" in {lives} lives" if lives else ""
    return f"The model learnt from {words.plural(failures, 'failure')}{of_lives}; it was trained on {trained}."
