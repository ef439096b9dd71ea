"""On which rung of the ladder an asset's answer stands, why, and which of its failures nobody can see coming with these sensors."""

from __future__ import annotations

from dataclasses import dataclass

from pdm.errors import BundleError, NotFound
from pdm.ports import Plant
from pdm.registry.card import model_card
from pdm.registry.keys import public_key
from pdm.registry.shelf import BundleShelf
from pdm.registry.signed import read_manifest


@dataclass(frozen=True)
class Standing:
    """rung, why: of the model in charge of the class; empty while there is none. blind: sentences, one per failure mode."""

    rung: str = ""
    why: str = ""
    blind: tuple[str, ...] = ()


def standing_of(plant: Plant, asset_class: str) -> Standing:
    """What the model in charge of a class says about itself; a card that cannot be read stands nowhere."""
    shelf = BundleShelf(plant.workspace.bundles)
    try:
        version = shelf.alias(asset_class, "champion")
        if version is None:
            return Standing()
        card = model_card(read_manifest(shelf.path(asset_class, version), public_key(plant.workspace)))
    except (BundleError, NotFound):
        return Standing()  # the four words of every asset of the class say what is wrong with it
    return Standing(card.rung, card.rung_why, tuple(card.blind.values()))
