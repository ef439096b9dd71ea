"""What a sound machine would have shown, beside what it showed: the expected band of every channel chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.errors import BundleError
from pdm.learning.expected import ExpectedModel, expect
from pdm.ports import Plant
from pdm.readings.running import RunningState, running_state
from pdm.registry.in_charge import in_charge
from pdm.registry.keys import public_key
from pdm.registry.shelf import BundleShelf

Floats = npt.NDArray[np.float64]

SPREADS = 3.0
"""Half the width of a band, in spreads of a sound machine: one reading in some hundred lies outside by chance."""


@dataclass(frozen=True)
class Band:
    """By reading, in the channel's unit; NaN where a setting is missing."""

    middle: Floats
    low: Floats
    high: Floats


def expected_bands(plant: Plant, asset_class: AssetClass, readings: pd.DataFrame) -> dict[str, Band]:
    """Bands of the readings of one asset by channel; none while no model with expected values is in charge.

    A model that cannot be trusted draws nothing: the four words on the page say what is wrong with it.
    """
    shelf = BundleShelf(plant.workspace.bundles)
    if readings.empty or shelf.alias(asset_class.name, "champion") is None:
        return {}
    try:
        bundle = in_charge(shelf, asset_class.name, public_key(plant.workspace), threads=1).bundle
    except BundleError:
        return {}
    return bands_of(bundle.watch.expected, asset_class, readings) if bundle and bundle.watch else {}


def bands_of(model: ExpectedModel, asset_class: AssetClass, readings: pd.DataFrame) -> dict[str, Band]:
    """The bands of a fitted model, for channels in which the asset has a baseline; nothing is expected while it does not run."""
    told = expect(model, readings, asset_class)
    state = running_state(readings, asset_class)
    still = (state == RunningState.STANDBY) | (state == RunningState.TRANSIENT)
    found = {}
    for place, name in enumerate(told.names):
        middle, width = np.where(still, np.nan, told.expected[:, place]), SPREADS * told.spread[:, place]
        if np.isfinite(middle).any():
            found[name] = Band(middle, middle - width, middle + width)
    return found
