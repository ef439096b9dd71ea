"""Golden rows: a few feature rows with the answers they got when the model was made, so that a loaded model can prove itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.errors import BundleError
from pdm.learning import boosters
from pdm.learning.age import age_from
from pdm.learning.apply import Predictor
from pdm.learning.model import Model, Prediction
from pdm.registry.manifest import Golden

ROWS = 32
# Booster scores are sums and compared bit for bit (pdm.registry.probe). Calibration takes exponentials, whose last bit differs
# between processors, and a bundle must survive a move to another machine.
_AGREE = 1e-9


def golden_rows(model: Model, texts: Mapping[str, str], table: pd.DataFrame) -> Golden:
    """Up to 32 rows, spread over the table, with the raw scores of every booster and the answers of the whole model.

    texts: file name -> booster text.

    Raises:
        BundleError: no rows, or features missing from them.
    """
    if missing := [name for name in model.feature_names if name not in table.columns]:
        raise BundleError(f"golden rows lack {len(missing)} features, first {missing[0]!r}")
    if table.empty:
        raise BundleError("a bundle needs golden rows, and there are none", hint="hand over rows of the feature table")
    chosen = np.unique(np.linspace(0, len(table) - 1, ROWS).round().astype(int))
    rows = table.iloc[chosen][list(model.feature_names)].to_numpy(np.float32)
    scores = {}
    for file, text in texts.items():
        scores[file] = np.asarray(boosters.load(text).predict(rows, raw_score=True, num_threads=1), np.float64)
    answered = answers(Predictor(model, 1).predict(rows)) | by_age(model)
    _refuse_senseless(model.asset_class, answered)
    return Golden(rows, scores, answered)


def prove(folder: Path, golden: Golden, predictor: Predictor) -> None:
    """Ask the loaded model for the golden answers again.

    Raises:
        BundleError: which answer is another one now.
    """
    now = answers(predictor.predict(golden.rows)) | by_age(predictor.model)
    for name in sorted(now.keys() | golden.answers.keys()):
        then, again = golden.answers.get(name), now.get(name)
        if then is None or again is None or not np.allclose(again, then, rtol=_AGREE, atol=_AGREE, equal_nan=True):
            raise BundleError(
                f"{folder}: the golden rows get another {name} than when the bundle was made",
                hint="this version of the platform reads it differently: train again",
            )
    _refuse_senseless(str(folder), now)


def _refuse_senseless(where: str, answered: Mapping[str, npt.NDArray[np.float64]]) -> None:
    """A coefficient that is no number gives the same nonsense every time, so that agreeing with itself is not enough.

    Raises:
        BundleError: a probability outside of 0 to 1, or a length of life that is no number.
    """
    for name, values in answered.items():
        chance = name.startswith(("probability:", "survival:", "age:"))
        wrong = ~((values >= -_AGREE) & (values <= 1 + _AGREE)) if chance else np.isnan(values)
        if wrong.any():
            raise BundleError(
                f"{where}: {name} of the golden rows is {values[wrong][0]:g}, which is no answer",
                hint="a coefficient is no number, or was changed: train again",
            )


def by_age(model: Model) -> dict[str, npt.NDArray[np.float64]]:
    """What age alone says of a new item and of an old one, by failure mode; nothing where the model has no ages."""
    found = age_from(model.age)
    if found is None:
        return {}
    lengths = np.geomspace(0.01, 10.0, 9)
    return {
        f"age:{one.mode}:{name}": one.survival(age * one.unit, lengths * one.unit)
        for one in found.modes
        for name, age in (("new", 0.0), ("old", 1.0))
    }


def answers(prediction: Prediction) -> dict[str, npt.NDArray[np.float64]]:
    """All numbers of a prediction by name, such as `remaining:life:median`, float64 [n] each."""
    found = {f"probability:{name}": values for name, values in prediction.probabilities.items()}
    for name, life in prediction.remaining.items():
        for part in ("mean", "median", "low", "high"):
            found[f"remaining:{name}:{part}"] = getattr(life, part)
    for name, (grid, matrix) in prediction.survival.items():
        found |= {f"survival:{name}:{horizon:g}": matrix[:, column] for column, horizon in enumerate(grid)}
    return {name: np.asarray(values, np.float64) for name, values in found.items()}
