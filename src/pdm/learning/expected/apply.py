"""What each reading should have been, and how far it is from that: the same few lines of numpy in training and in service."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.learning.expected.design import Floats, values_of
from pdm.learning.expected.model import ChannelModel, ExpectedModel


@dataclass(frozen=True)
class Expected:
    """Per row and channel, float64 [n, channels]: what was read, what was expected, and the spread of a sound machine around that.

    NaN in `expected` where an input is missing, or the machine has no baseline.
    """

    names: tuple[str, ...]
    read: Floats
    expected: Floats
    spread: Floats

    @property
    def residual(self) -> Floats:
        """In the channel's unit."""
        return self.read - self.expected

    @property
    def standardised(self) -> Floats:
        """In spreads of a sound machine."""
        return self.residual / self.spread


def expect(model: ExpectedModel, readings: pd.DataFrame, asset_class: AssetClass) -> Expected:
    """Expected values of every row of `readings` (sorted by asset and time)."""
    inputs = values_of(readings, model.design.inputs, asset_class)
    terms = model.design.terms(inputs)
    codes, assets = pd.factorize(readings["asset"].to_numpy(dtype=object), sort=True)
    expected = np.full((len(readings), len(model.channels)), np.nan)
    spread = np.full_like(expected, np.nan)
    for column, channel in enumerate(model.channels):
        expected[:, column] = class_part(channel, terms, len(model.design.inputs))
        level = np.full(len(assets), np.nan)
        gains, width = np.zeros((len(assets), terms.shape[1])), np.full(len(assets), channel.spread)
        for place, asset in enumerate(assets):
            own = channel.own.get(str(asset))
            if own is not None:
                level[place], gains[place], width[place] = own.level, own.gains, own.spread
        expected[:, column] += level[codes] + (terms * gains[codes]).sum(axis=1)
        spread[:, column] = width[codes]
    return Expected(model.names, values_of(readings, model.names, asset_class), expected, spread)


def class_part(channel: ChannelModel, terms: Floats, inputs: int) -> Floats:
    """What the class as a whole says about each row of terms, [n]; machines' own levels and gains come on top."""
    if not channel.booster:
        # Summed row by row: a matrix product may round a row differently beside other rows.
        return np.asarray((terms * np.asarray(channel.coefficients)).sum(axis=1))
    scaled = terms[:, 1 : 1 + inputs]
    known = np.isfinite(scaled).all(axis=1)
    answer = np.full(len(terms), np.nan)
    if known.any():
        answer[known] = _booster(channel.booster).predict(scaled[known], num_threads=1)
    return answer


@lru_cache(maxsize=64)
def _booster(text: str) -> Any:
    import lightgbm

    return lightgbm.Booster(model_str=text)
