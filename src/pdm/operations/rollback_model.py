"""Take a promotion back: the former champion is in charge again, in one step."""

from __future__ import annotations

from pdm.errors import Conflict, InputError
from pdm.operations.load_model import load_model
from pdm.operations.promote_model import Promotion, put_in_charge
from pdm.ports import Plant
from pdm.registry.shelf import BundleShelf


def rollback_model(plant: Plant, asset_class: str, *, by: str, reason: str) -> Promotion:
    """Put the former champion in charge again, on the shelf and (where it can be reached) in the tracker, with an audit entry.

    The model that leaves becomes the challenger, so that it can be looked at and promoted again.

    Raises:
        InputError: nobody's name, or no reason.
        Conflict: there is no former champion.
        BundleError: the former champion cannot be trusted.
    """
    if not by.strip() or not reason.strip():
        raise InputError("a rollback needs a name and a reason", hint="by=..., reason=...")
    shelf = BundleShelf(plant.workspace.bundles)
    on_shelf = [item for item in shelf.former(asset_class) if item in shelf.versions(asset_class)]
    if not on_shelf:
        raise Conflict(f"class {asset_class} has no former champion to go back to", hint="promote another version")
    former = on_shelf[-1]
    load_model(plant, asset_class, former)
    promotion = Promotion(asset_class, former, shelf.alias(asset_class, "champion"), by, plant.clock.now(), reason, ())
    return put_in_charge(plant, shelf, promotion, "roll back")
