"""The derived part of the training table: computed once per fold, by transforms that never saw the fold's assets.

A health index fitted on an engine knows how that engine ended. Out-of-fold answers are honest only when the whole chain, from
transform to booster, was fitted on the other folds: hence a table of its own for every fold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass, ModelDefinition
from pdm.errors import InputError
from pdm.learning.boosters import Matrix
from pdm.learning.splits import TimeCut
from pdm.learning.targets import Bools, Ints
from pdm.learning.transforms import FittedTransforms, fit_transforms
from pdm.learning.transforms.derive import KEYS, derive_features, derived_names
from pdm.readings.exclusions import excluded
from pdm.readings.registry import Asset


@dataclass(frozen=True)
class Source:
    """What derived channels are computed from.

    readings: `asset`, `time` and the class's channels. events, assets, known_at: as `pdm.extraction.extract` takes them.
    """

    readings: pd.DataFrame
    events: pd.DataFrame | None = None
    assets: dict[str, Asset] | None = None
    known_at: datetime | None = None


@dataclass
class Derived:
    """Derived columns of the rows of one training table, by period and fold left out.

    rows: `asset` and `time` of every row. fold: its fold. cut: where the past ends; None: there is no later period.
    fitted: what was learnt for each (period, fold left out); None: no fold was left out.
    """

    source: Source
    lives: pd.DataFrame
    definition: ModelDefinition
    asset_class: AssetClass
    rows: pd.DataFrame
    fold: Ints
    cut: TimeCut | None
    usable: Bools
    fitted: dict[tuple[str, int | None], FittedTransforms] = field(default_factory=dict)
    _blocks: dict[tuple[str, int | None], Matrix] = field(default_factory=dict)
    _locks: dict[tuple[str, int | None], Lock] = field(default_factory=dict)
    _guard: Lock = field(default_factory=Lock)

    @property
    def names(self) -> tuple[str, ...]:
        """The derived columns, in order."""
        return derived_names(self.definition, self.asset_class)

    def block(self, period: str, without: int | None) -> Matrix:
        """The derived columns of all rows, float32 [n, d], by transforms fitted on a period without one fold.

        Raises:
            TooLittleData: a transform cannot be learnt from the rest.
        """
        key = (period if self.cut else "all", without)
        with self._guard:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            if key not in self._blocks:
                self._blocks[key] = self._compute(*key)
        return self._blocks[key]

    def _compute(self, period: str, without: int | None) -> Matrix:
        learnt_from = self.rows["asset"][self.fold != without] if without is not None else self.rows["asset"]
        fitted = fit_transforms(
            self.source.readings,
            self.lives,
            self.definition,
            self.asset_class,
            fit_on=learnt_from.unique().tolist(),
            until=self.cut.train_until if self.cut and period == "past" else None,
            usable=self.usable,
        )
        self.fitted[period, without] = fitted
        table = derive_features(
            self.source.readings,
            fitted.joined_by(self.source.readings, self.asset_class),
            self.definition,
            self.asset_class,
            events=self.source.events,
            lives=self.lives,
            assets=self.source.assets,
            known_at=self.source.known_at,
        )
        return _aligned(table, self.rows, self.names)


def derived_of(
    source: Source | None,
    lives: pd.DataFrame,
    definition: ModelDefinition,
    asset_class: AssetClass,
    rows: pd.DataFrame,
    fold: Ints,
    cut: TimeCut | None,
    exclusions: pd.DataFrame | None,
) -> Derived | None:
    """The derived part of a table; None where the model has no derived features.

    Raises:
        InputError: the model has transforms, and nobody handed over the readings.
    """
    if definition.derived_features is None:
        return None
    if source is None:
        raise InputError(
            f"the model of class {asset_class.name} has derived channels, which are learnt from readings",
            hint="hand over `source=Source(readings)`",
        )
    readings = source.readings
    readings = readings[readings["asset"].isin(rows["asset"].unique())].reset_index(drop=True)
    marked = (
        excluded(readings, exclusions, use="learn") if exclusions is not None else np.zeros(len(readings), dtype=bool)
    )
    own = Source(readings, source.events, source.assets, source.known_at)
    return Derived(own, lives, definition, asset_class, rows[list(KEYS)], fold, cut, ~marked)


def _aligned(table: pd.DataFrame, rows: pd.DataFrame, names: tuple[str, ...]) -> Matrix:
    """The columns of a table in the order of `rows`; NaN where the table has no such row."""
    place = pd.MultiIndex.from_frame(table[list(KEYS)]).get_indexer(pd.MultiIndex.from_frame(rows[list(KEYS)]))
    values: npt.NDArray[np.float32] = table[list(names)].to_numpy(dtype=np.float32)
    if len(place) == len(values) and bool((place == np.arange(len(values))).all()):
        return np.ascontiguousarray(values)
    block = np.full((len(rows), len(names)), np.nan, dtype=np.float32)
    block[place >= 0] = values[place[place >= 0]]
    return block
