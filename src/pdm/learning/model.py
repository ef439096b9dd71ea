"""A trained model as plain data: booster texts, calibration tables and the names of its features. It can be printed, hashed and signed.

Training makes one of these, the registry writes it into a bundle, and `Predictor` (in `pdm.learning.apply`) answers from it without
scikit-learn or mlflow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pdm.catalogue import Target

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TargetModel:
    """The boosters of one target.

    boosters: role -> LightGBM model text. Roles: `probability` for `failure_within`; `h<native units>` (one per grid horizon)
        and `point` for `remaining_life`.
    calibration: JSON tables: `platt` (slope, intercept), `conformal` (per band of the prediction: lower and upper correction).
    modes: failure modes that this target answers for.
    """

    target: Target
    boosters: Mapping[str, str]
    calibration: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """Everything that was learnt about one asset class.

    feature_names: names in the order of the matrix's columns; the boosters know them as `f0..fn`.
    unit: native unit of remaining life and horizons.
    transforms: JSON of the fitted transforms (`pdm.learning.transforms`) that make the derived channels; empty: there are none.
    watch: JSON of the watch list (`pdm.learning.watch`); empty: the class keeps none.
    age: JSON of what age alone says (`pdm.learning.age`); empty: something above it answers.
    cases: JSON of the past cases (`pdm.learning.cases`) by target, which a score is likened to; empty: there are none.
    facts: JSON: counts of lives and failures, split, metrics, data versions, seeds: what a model card prints.
    """

    asset_class: str
    feature_names: tuple[str, ...]
    unit: str
    targets: tuple[TargetModel, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    transforms: Mapping[str, Any] = field(default_factory=dict)
    watch: Mapping[str, Any] = field(default_factory=dict)
    age: Mapping[str, Any] = field(default_factory=dict)
    cases: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RemainingLifeArrays:
    """Remaining life of n rows, float64 [n], native units, within [0, cap]: mean, median and the 5 % and 95 % bounds."""

    mean: Floats
    median: Floats
    low: Floats
    high: Floats
    cap: float

    def take(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> RemainingLifeArrays:
        """The same for some of the rows."""
        return RemainingLifeArrays(self.mean[rows], self.median[rows], self.low[rows], self.high[rows], self.cap)


@dataclass(frozen=True)
class Prediction:
    """Answers for n rows.

    probabilities: target name -> calibrated P(failure within the target's horizon), float64 [n].
    remaining: target name -> remaining life.
    first: target name -> P(its failure comes first within its horizon), where several targets ask for different modes within the same
        horizon: competing risks, whose chances add up to that of any failure.
    survival: target name -> (grid horizons [g], P(failure within them) [n, g]), monotone in the horizon.
    """

    probabilities: Mapping[str, Floats]
    remaining: Mapping[str, RemainingLifeArrays]
    survival: Mapping[str, tuple[Floats, Floats]] = field(default_factory=dict)
    first: Mapping[str, Floats] = field(default_factory=dict)

    def take(self, rows: npt.NDArray[np.int64]) -> Prediction:
        """The same for some of the rows."""
        return Prediction(
            {name: values[rows] for name, values in self.probabilities.items()},
            {name: life.take(rows) for name, life in self.remaining.items()},
            {name: (grid, values[rows]) for name, (grid, values) in self.survival.items()},
            {name: values[rows] for name, values in self.first.items()},
        )

    def replaced(self, rows: npt.NDArray[np.intp], other: Prediction) -> Prediction:
        """The same with other answers for some of the rows. other: of the same model, for these rows in their order."""

        def put(mine: Floats, theirs: Floats) -> Floats:
            changed = mine.copy()
            changed[rows] = theirs
            return changed

        remaining = {
            name: RemainingLifeArrays(
                put(life.mean, other.remaining[name].mean),
                put(life.median, other.remaining[name].median),
                put(life.low, other.remaining[name].low),
                put(life.high, other.remaining[name].high),
                life.cap,
            )
            for name, life in self.remaining.items()
        }
        return Prediction(
            {name: put(values, other.probabilities[name]) for name, values in self.probabilities.items()},
            remaining,
            {name: (grid, put(values, other.survival[name][1])) for name, (grid, values) in self.survival.items()},
            {name: put(values, other.first[name]) for name, values in self.first.items()},
        )
