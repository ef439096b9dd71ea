"""On which rung of the ladder an asset's answer stands, why, and which of its failures nobody can see coming with these sensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pdm.alerts.alert import UNSPECIFIED
from pdm.errors import BundleError, NotFound
from pdm.learning.ladder import ladder_from
from pdm.ports import Plant
from pdm.registry.card import model_card, overdue
from pdm.registry.keys import public_key
from pdm.registry.shelf import BundleShelf
from pdm.registry.signed import read_manifest
from pdm.views import words


@dataclass(frozen=True)
class Standing:
    """rung, why: of the model in charge of the class; empty while there is none.

    abstained: failure mode -> why it cannot be seen coming; blind: these sentences.

    unproven: failure mode (`unspecified` for several) -> why its model's answers disturb nobody.
    left_out: target -> why it was not learnt. owner, review_by: whom to ask, and when somebody should look at the model again.
    overdue: that this moment has passed, in a sentence; empty until then.
    """

    version: str = ""
    rung: str = ""
    why: str = ""
    abstained: Mapping[str, str] = field(default_factory=dict)
    unproven: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    review_by: datetime | None = None
    overdue: str = ""

    @property
    def blind(self) -> tuple[str, ...]:
        return tuple(self.abstained.values())


def standing_of(plant: Plant, asset_class: str) -> Standing:
    """What the model in charge of a class says about itself; a card that cannot be read stands nowhere."""
    shelf = BundleShelf(plant.workspace.bundles)
    try:
        version = shelf.alias(asset_class, "champion")
        if version is None:
            return Standing()
        manifest = read_manifest(shelf.path(asset_class, version), public_key(plant.workspace))
    except (BundleError, NotFound):
        return Standing()  # the four words of every asset of the class say what is wrong with it
    card = model_card(manifest)
    axis, model = manifest.asset_class.axis, manifest.definition
    asked = {target.name: target for target in model.targets}
    return Standing(
        version=version,
        rung=card.rung,
        why=words.readable(card.rung_why, axis, model),
        abstained=card.blind,
        unproven={
            asked[name].modes[0] if len(asked[name].modes) == 1 else UNSPECIFIED: words.readable(why, axis, model)
            for name, why in ladder_from(manifest.facts.get("ladder", {})).unproven.items()
            if name in asked
        },
        left_out={name: words.readable(why, axis, model) for name, why in card.abstained.items()},
        owner=card.owner,
        review_by=card.review_by,
        overdue=overdue(manifest, plant.clock.now()),
    )
