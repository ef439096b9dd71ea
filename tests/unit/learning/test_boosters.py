import re

import numpy as np

from pdm.catalogue import Learner
from pdm.learning.boosters import Recipe, Trainer, answer, load, text_of

LEARNER = Learner(min_rows_in_leaf=5, feature_fraction=1.0, bagging_fraction=1.0, l2=0.0)


def grown_on(matrix, label):
    trainer = Trainer(matrix.astype(np.float32), LEARNER)
    return trainer.grow(label, np.ones(len(label)), Recipe("binary", 20, 0.2))


def test_a_split_on_missing_values_is_written_with_finite_numbers():
    random = np.random.default_rng(1)
    matrix = random.normal(size=(400, 3))
    missing = random.uniform(size=400) < 0.4
    matrix[missing, 1] = np.nan
    booster = grown_on(matrix, missing.astype(float))

    text = text_of(booster)

    assert re.search(r"threshold=.*\binf\b", booster.model_to_string())
    assert not re.search(r"=.*\b(inf|nan)\b", text)
    np.testing.assert_array_equal(answer(load(text), matrix, 1), answer(booster, matrix, 1))


def test_rows_whose_answer_is_unknown_teach_nothing():
    random = np.random.default_rng(2)
    matrix = random.normal(size=(600, 2)).astype(np.float32)
    label = (matrix[:, 0] > 0).astype(float)
    nonsense = label.copy()
    nonsense[300:] = np.nan

    unknown = answer(grown_on(matrix, nonsense), matrix, 1)

    assert np.mean((unknown > 0.5) == (label > 0.5)) > 0.98


def test_one_binned_matrix_serves_many_labels():
    random = np.random.default_rng(3)
    matrix = random.normal(size=(500, 2)).astype(np.float32)
    first, second = (matrix[:, 0] > 0).astype(float), (matrix[:, 1] > 0.5).astype(float)
    shared, own = Trainer(matrix, LEARNER), Trainer(matrix, LEARNER)
    recipe, weight = Recipe("binary", 10, 0.1), np.ones(500)
    shared.grow(first, weight, recipe)

    again = shared.grow(second, weight, recipe)

    assert again.model_to_string() == own.grow(second, weight, recipe).model_to_string()
