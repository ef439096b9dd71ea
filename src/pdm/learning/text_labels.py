"""Learn what work-order texts are about from those that bear a code: TF-IDF and a linear model, and how sure it has to be.

Only training needs scikit-learn; what comes out is applied by `pdm.records.text_model`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pdm.errors import MissingExtra, TooLittleData
from pdm.records.text_model import NOTHING, TextModel, accuracy_by_coverage, grams, words

FEWEST = 25
"""An answer with fewer texts than that is not learnt: its texts count as saying nothing that is known."""
FOLDS = 3
STEADY = 0.9
"""How often suggestions have to be right on texts that were not learnt from: this sets the threshold."""
_STRENGTH = (
    8.0  # of scikit-learn's C, a usual one for texts of this length; not tuned on any of the sets that are reported
)
_MOST_FEATURES = 6_000
_LEAST_SURE, _LEAST_CHECKED = 50, 20
_ENOUGH_CHECKED = 50


def train_text_labels(
    field_name: str,
    texts: Sequence[str],
    answers: Sequence[str],
    *,
    groups: Sequence[str],
    checked: Sequence[bool] = (),
    wanted: float = STEADY,
) -> TextModel:
    """A model that suggests answers for texts.

    answers: NOTHING where nobody knows. groups: texts of one group are held out together (their machine), so that what is measured is
    what the next machine brings; where there are fewer than two groups, equal texts are kept together instead.
    checked: answers that a person gave after reading the text; none of them by default.

    The threshold is the lowest probability from which on suggestions on held-out groups were right in `wanted` of all
    cases. Where none reaches that, nothing is ever sure. Codes are often wrong in the same way for the same words, which a model
    learns as well: with fifty checked answers or more, these alone decide what right is.

    Raises:
        TooLittleData: fewer than two answers with enough texts.
        MissingExtra: scikit-learn is not installed.
    """
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GroupKFold
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types
    except ImportError:
        raise MissingExtra("train", "learning from work-order texts") from None
    known = _learnable(answers)
    if len(set(known)) < 2:
        raise TooLittleData(
            f"too few texts with a code for {field_name}", hint=f"{FEWEST} per answer, and two answers, are the least"
        )
    keys = [" ".join(words(text)) for text in texts]
    held = list(groups) if len(set(groups)) >= 2 else keys
    names = sorted(set(known))
    truth = np.array([names.index(answer) for answer in known])

    def fit(rows: npt.NDArray[np.int64]) -> tuple[Any, Any]:
        features = TfidfVectorizer(analyzer=grams, sublinear_tf=True, min_df=2, max_features=_MOST_FEATURES)
        matrix = features.fit_transform([texts[row] for row in rows])
        learner = LogisticRegression(C=_STRENGTH, max_iter=300, tol=1e-3)
        return features, learner.fit(matrix, truth[rows])

    def held_out() -> npt.NDArray[np.float64]:
        found = np.full((len(texts), len(names)), 1e-6)
        folds = min(FOLDS, len(set(held)))
        for fitted, tested in GroupKFold(folds).split(np.zeros(len(texts)), truth, held):
            seen = {keys[row] for row in fitted}
            features, learner = fit(np.asarray(fitted))
            chances = learner.predict_proba(features.transform([texts[row] for row in tested]))
            for place, answer in enumerate(learner.classes_):
                found[tested, answer] = chances[:, place]
            unheard[tested] = [keys[row] not in seen for row in tested]
        return found

    unheard = np.zeros(len(texts), dtype=bool)
    # On sparse texts of this size more threads only get in each other's way.
    with threadpool_limits(1):
        chances = held_out()
    sure, right = chances.max(axis=1), chances.argmax(axis=1) == truth
    suggested = np.array([names[place] != NOTHING for place in chances.argmax(axis=1)])
    by_people = sum(checked) >= _ENOUGH_CHECKED
    judges = suggested & np.asarray(checked, dtype=bool) if by_people else suggested
    threshold = _threshold(sure[judges], right[judges], wanted, _LEAST_CHECKED if by_people else _LEAST_SURE)
    with threadpool_limits(1):
        features, learner = fit(np.arange(len(texts)))
    weights = learner.coef_ if len(names) > 2 else np.vstack([-learner.coef_[0] / 2, learner.coef_[0] / 2])
    bias = learner.intercept_ if len(names) > 2 else np.array([-1.0, 1.0]) * learner.intercept_[0] / 2
    taken = suggested & (sure >= threshold)
    facts = {
        "texts": len(texts),
        "with_an_answer": int(sum(answer != NOTHING for answer in known)),
        "threshold_from": "checked answers" if by_people else "codes",
        "held_out_accuracy": round(float(right.mean()), 4),
        "held_out_accuracy_on_unheard_texts": round(float(right[unheard].mean()), 4) if unheard.any() else None,
        "suggested_share": round(float(taken.mean()), 4),
        "suggestions_right": round(float(right[taken].mean()), 4) if taken.any() else None,
        "accuracy_by_coverage": accuracy_by_coverage(sure.tolist(), right.tolist()),
    }
    return TextModel(field_name, tuple(names), features.vocabulary_, features.idf_, weights, bias, threshold, facts)


def _learnable(answers: Sequence[str]) -> list[str]:
    counts = {answer: answers.count(answer) for answer in set(answers)}
    return [answer if answer and counts[answer] >= FEWEST else NOTHING for answer in answers]


def _threshold(sure: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], wanted: float, fewest: int) -> float:
    """The lowest probability from which on enough answers, and no fewer than `fewest`, are right; above one when there is none."""
    order = np.argsort(-sure, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero((share >= wanted) & (np.arange(1, len(order) + 1) >= min(fewest, len(order))))
    return round(float(sure[order][good[-1]]), 4) if good.size else 1.01
