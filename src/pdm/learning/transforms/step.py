"""What every fitted transform has in common, and what it is fitted on.

A fitted transform is plain numbers: it goes into a bundle as JSON and comes back, and applying it needs numpy alone. Its columns are
a function of the same row (or of what the same life showed before), so that one new reading gets the value it would get among all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, Channel
from pdm.learning.model import Floats
from pdm.learning.targets import Labels

POSITION, AGE, COUNTS = "life_position", "life_age", "life_counts"
"""What steps that look at a whole life find beside the readings: `pdm.learning.transforms.clock`."""


class Step(Protocol):
    """One fitted transform."""

    @property
    def over_life(self) -> bool:
        """Whether a value depends on what the same life showed before, and on when that life began."""
        ...

    @property
    def outputs(self) -> tuple[Channel, ...]:
        """The channels that it adds."""
        ...

    def columns(self, readings: pd.DataFrame) -> Mapping[str, Floats]:
        """The values of its channels for every row, in the order of the rows; NaN where an input is missing."""
        ...

    @property
    def origins(self) -> Mapping[str, tuple[str, ...]]:
        """For every output the channels, measured or of a step before, that it is computed from."""
        ...

    def document(self) -> dict[str, Any]:
        """Everything that was learnt, as JSON; `kind` says who reads it."""
        ...

    def describe(self) -> tuple[str, ...]:
        """Its channels in plain words."""
        ...


@dataclass(frozen=True)
class Lesson:
    """What one transform may learn from: rows of assets it is allowed to know, with the columns of the transforms before it.

    readings: sorted by asset and time, running rows only where the class has a running rule.
    labels: remaining life of every row, as far as history knows it. cap: of remaining life, native units.
    channels: measured and derived so far.
    """

    readings: pd.DataFrame
    labels: Labels
    cap: float
    asset_class: AssetClass
    channels: tuple[Channel, ...]
    threads: int
    seed: int


def values(readings: pd.DataFrame, names: tuple[str, ...]) -> Floats:
    """Some columns as float64 [n, names]; a column that is not there is missing everywhere."""
    columns = [
        readings[name].to_numpy(dtype=np.float64, na_value=np.nan)
        if name in readings
        else np.full(len(readings), np.nan)
        for name in names
    ]
    return np.ascontiguousarray(np.column_stack(columns)) if columns else np.empty((len(readings), 0))


def channel_document(channel: Channel) -> dict[str, str]:
    """A derived channel as JSON."""
    return {"name": channel.name, "title": channel.title, "unit": channel.unit, "role": channel.role}


def channel_from(document: Mapping[str, Any]) -> Channel:
    """The inverse of `channel_document`."""
    return Channel(document["name"], document["title"], document["unit"], role=document["role"])
