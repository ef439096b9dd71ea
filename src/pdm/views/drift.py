"""Which models are asked about another world than the one they have learnt from, as the last look at it found."""

from __future__ import annotations

from pdm.errors import BundleError
from pdm.ports import Plant, UnitOfWork
from pdm.registry.shelf import BundleShelf
from pdm.views import words


def drifting(plant: Plant, work: UnitOfWork) -> tuple[str, ...]:
    """A sentence for each class whose model in charge has been found to drift, and since when."""
    shelf, found = BundleShelf(plant.workspace.bundles), []
    for name in sorted(plant.catalogue.models):
        newest = next(iter(work.audit.list(subject=f"drift:{name}", limit=1)), None)
        if newest is None or newest.verb != "drift" or newest.details.get("version") != _in_charge(shelf, name):
            continue
        title = plant.catalogue.asset_class(name).title
        found.append(f"{title}, since {words.day(newest.at, plant.settings.time_zone)}. {newest.why}.")
    return tuple(found)


def _in_charge(shelf: BundleShelf, name: str) -> str | None:
    """Who is in charge; the page of the platform's health must come up when nobody can read it."""
    try:
        return shelf.alias(name, "champion")
    except BundleError:
        return None
