from pathlib import Path

import pytest

from pdm.catalogue import AssetClass, Catalogue, load_catalogue
from pdm.workspace import Workspace


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(Workspace(Path("no-such-home")))


@pytest.fixture(scope="session")
def turbofan(catalogue: Catalogue) -> AssetClass:
    return catalogue.asset_class("turbofan")


@pytest.fixture(scope="session")
def azure_machine(catalogue: Catalogue) -> AssetClass:
    return catalogue.asset_class("azure_machine")
