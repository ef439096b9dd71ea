"""Fetch a model from the shelf as scoring would: verified, whoever is in charge or any other version."""

from __future__ import annotations

from pdm.ports import Plant
from pdm.registry.bundle import Bundle, load_bundle
from pdm.registry.keys import public_key
from pdm.registry.shelf import BundleShelf


def load_model(plant: Plant, asset_class: str, version: str = "champion") -> Bundle:
    """The bundle of a version of a class, after every check.

    version: a version id, `champion` or `challenger`.

    Raises:
        NotFound: no such class or version.
        BundleError: the bundle cannot be trusted.
    """
    shelf = BundleShelf(plant.workspace.bundles)
    chosen = shelf.resolve(asset_class, version)
    key = public_key(plant.workspace)
    return load_bundle(shelf.path(asset_class, chosen), key, threads=plant.settings.threads, version=chosen)
