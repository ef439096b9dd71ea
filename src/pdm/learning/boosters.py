"""LightGBM as this platform uses it: reproducible, one thread per booster, and kept as text.

Features are renamed `f0..fn`, because LightGBM refuses names with commas, brackets and quotes; the model keeps the real names.
One binned matrix serves all boosters of a target: only the labels change, and rows whose answer is unknown weigh nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from pdm.catalogue import Learner
from pdm.learning.model import Floats

_INFINITE = re.compile(r"(?m)^threshold=.*\binf\b.*$")
_LARGEST = repr(float(np.finfo(np.float32).max))

Matrix = npt.NDArray[np.float32]

COARSE = 3
"""A grid horizon takes a third of the rounds at twice the learning rate: nine of them average each other's noise."""


@dataclass(frozen=True)
class Recipe:
    """Settings of one booster."""

    objective: Literal["binary", "regression"]
    rounds: int
    learning_rate: float


def fine(learner: Learner, objective: Literal["binary", "regression"]) -> Recipe:
    """The learner's own rounds and rate."""
    return Recipe(objective, learner.rounds, learner.learning_rate)


def coarse(learner: Learner) -> Recipe:
    """For one of many horizons."""
    return Recipe("binary", max(learner.rounds // COARSE, 10), learner.learning_rate * 2)


class Trainer:
    """A matrix binned once, from which boosters for different labels are grown."""

    def __init__(self, matrix: Matrix, learner: Learner) -> None:
        import lightgbm

        self.learner = learner
        self._rows = len(matrix)
        names = [f"f{number}" for number in range(matrix.shape[1])]
        self._data = lightgbm.Dataset(
            matrix,
            label=np.zeros(len(matrix)),
            weight=np.ones(len(matrix)),
            feature_name=names,
            params=self._parameters(),
            free_raw_data=True,
        ).construct()

    def grow(self, label: Floats, weight: Floats, recipe: Recipe) -> Any:
        """A `lightgbm.Booster` for these labels; rows with NaN labels weigh nothing."""
        import lightgbm

        known = ~np.isnan(label)
        self._data.set_label(np.where(known, label, 0.0))
        self._data.set_weight(np.where(known, weight, 0.0))
        parameters = self._parameters() | {"objective": recipe.objective, "learning_rate": recipe.learning_rate}
        booster = lightgbm.Booster(parameters, self._data)
        for _ in range(recipe.rounds):
            if booster.update():
                break
        return booster

    def _parameters(self) -> dict[str, Any]:
        learner = self.learner
        # A few hundred rows could never fill leaves meant for tens of thousands.
        smallest = min(learner.min_rows_in_leaf, max(5, self._rows // 40))
        return {
            "num_leaves": learner.leaves,
            "min_data_in_leaf": smallest,
            "feature_fraction": learner.feature_fraction,
            "bagging_fraction": learner.bagging_fraction,
            "bagging_freq": 1,
            "lambda_l2": learner.l2,
            "max_bin": 127,
            "seed": learner.seed,
            "deterministic": True,
            "force_row_wise": True,
            "feature_pre_filter": False,
            # OpenMP threads that wait for a busy core spin for minutes; folds are spread over our own threads instead.
            "num_threads": 1,
            "verbosity": -1,
        }


def text_of(booster: Any) -> str:
    """The booster as text in which every number is finite.

    LightGBM writes a split between present and missing values as "at most infinity"; the largest float32 says the same about every
    finite feature, and lets whoever reads the text later take any infinity for damage.
    """
    text = str(booster.model_to_string())
    if not _INFINITE.search(text):
        return text
    # The sizes of trees stand in the header and change with the text; LightGBM reads without them and writes them anew.
    finite = _INFINITE.sub(lambda line: line[0].replace("inf", _LARGEST), text)
    return str(load(re.sub(r"(?m)^tree_sizes=.*\n", "", finite)).model_to_string())


def load(text: str) -> Any:
    """A booster from its text."""
    import lightgbm

    return lightgbm.Booster(model_str=text)


def answer(booster: Any, matrix: Matrix, threads: int) -> Floats:
    """What a booster says about n rows: probabilities for `binary`, values for `regression`."""
    return np.asarray(booster.predict(matrix, num_threads=threads), dtype=np.float64)
