"""Ask a trained model: probabilities, remaining life and reasons for rows of features, with LightGBM and numpy alone.

Safe to share between threads: nothing changes after construction.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pdm.errors import BundleError, NotFound
from pdm.learning import boosters
from pdm.learning.boosters import Matrix
from pdm.learning.calibration import apply_platt
from pdm.learning.competing import first_to_fail
from pdm.learning.model import Floats, Model, Prediction, TargetModel
from pdm.learning.survival import monotone, remaining_life

PROBABILITY = "probability"
POINT = "point"


def grid_of(target: TargetModel) -> Floats:
    """The grid horizons for which a remaining-life target has boosters, rising."""
    return np.array(sorted(float(role[1:]) for role in target.boosters if role.startswith("h")))


def role_of(horizon: float) -> str:
    """The role of a grid booster: `h30.0`."""
    return f"h{float(horizon)!r}"


class Predictor:
    """Answers from the boosters of one model.

    model: what training made.
    threads: threads of one call; 1 is fastest for a handful of rows.
    """

    def __init__(self, model: Model, threads: int) -> None:
        self.model, self.threads = model, threads
        self._typical = _typical(model)
        self._boosters = {
            target.target.name: {role: boosters.load(text) for role, text in target.boosters.items()}
            for target in model.targets
        }

    def predict(self, matrix: Matrix) -> Prediction:
        """The answers for n rows.

        matrix: float32 [n, f], columns in the order of `model.feature_names`; NaN where a feature is missing.

        Raises:
            BundleError: the matrix has another number of columns.
        """
        matrix = self._checked(matrix)
        probabilities, remaining, survival = {}, {}, {}
        for target in self.model.targets:
            name = target.target.name
            if target.target.kind == "failure_within":
                probabilities[name] = self._probability(target, matrix)
            else:
                grid, curve = self._curve(target, matrix)
                survival[name] = (grid, curve)
                remaining[name] = remaining_life(
                    grid, curve, self._point(target, matrix), target.target.cap, target.calibration.get("conformal")
                )
        return Prediction(probabilities, remaining, survival, self._first(probabilities))

    def _first(self, probabilities: dict[str, Floats]) -> dict[str, Floats]:
        """The chance that a target's failure comes first, for targets of different modes with one horizon."""
        found: dict[str, Floats] = {}
        asked = [part.target for part in self.model.targets if part.target.name in probabilities]
        for horizon in {target.horizon for target in asked}:
            racing = [target for target in asked if target.horizon == horizon]
            modes = [mode for target in racing for mode in target.modes]
            if len(racing) > 1 and len(modes) == len(set(modes)):
                found |= first_to_fail({target.name: probabilities[target.name] for target in racing})
        return found

    def contributions(self, matrix: Matrix, target: str) -> Floats:
        """How much every feature moved a target's score, float64 [n, f + 1] in log-odds of failure; the last column is the bias.

        A remaining-life target gives the mean over its grid horizons. Shapley values of the trees (Lundberg et al. 2020).

        Raises:
            NotFound: the model has no such target.
        """
        if target not in self._boosters:
            raise NotFound(f"the model has no target {target!r}", hint="targets: " + ", ".join(self._boosters))
        matrix = self._checked(matrix)
        trees = [booster for role, booster in self._boosters[target].items() if role != POINT]
        parts = [
            np.asarray(tree.predict(matrix, pred_contrib=True, num_threads=self.threads), dtype=np.float64)
            for tree in trees
        ]
        return np.asarray(np.mean(parts, axis=0), dtype=np.float64)

    def _checked(self, matrix: Matrix) -> Matrix:
        if matrix.ndim != 2 or matrix.shape[1] != len(self.model.feature_names):
            raise BundleError(
                f"the model of {self.model.asset_class} takes {len(self.model.feature_names)} features, got {matrix.shape}"
            )
        # Training saw float32: a float64 value could fall on the other side of a split.
        matrix = np.ascontiguousarray(matrix, dtype=np.float32)
        gaps = np.isnan(matrix)
        if not len(self._typical) or not gaps.any():
            return matrix
        # What was never missing in training would count as zero in LightGBM: it counts as typical instead.
        return np.where(gaps, self._typical, matrix)

    def _answer(self, target: TargetModel, role: str, matrix: Matrix) -> Floats:
        if not len(matrix):
            return np.zeros(0)
        return boosters.answer(self._booster(target, role), matrix, self.threads)

    def _booster(self, target: TargetModel, role: str) -> Any:
        return self._boosters[target.target.name][role]

    def _probability(self, target: TargetModel, matrix: Matrix) -> Floats:
        raw = self._answer(target, PROBABILITY, matrix)
        platt = target.calibration.get("platt")
        return apply_platt(raw, platt["slope"], platt["intercept"]) if platt else raw

    def _curve(self, target: TargetModel, matrix: Matrix) -> tuple[Floats, Floats]:
        grid = grid_of(target)
        columns = [self._answer(target, role_of(horizon), matrix) for horizon in grid]
        return grid, monotone(np.column_stack(columns))

    def _point(self, target: TargetModel, matrix: Matrix) -> Floats | None:
        return self._answer(target, POINT, matrix) if POINT in target.boosters else None


def _typical(model: Model) -> Matrix:
    """What is typical of each feature; NaN where training has seen gaps itself, nothing where the model came before it was kept."""
    try:
        found = np.array(model.facts.get("typical", ()), dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise BundleError(f"what is typical of the features of {model.asset_class} cannot be read: {error}") from None
    if found.shape not in ((0,), (len(model.feature_names),)):
        raise BundleError(f"{model.asset_class} has {len(model.feature_names)} features, {found.shape} are typical")
    return found
