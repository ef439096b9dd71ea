import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pdm.errors import BundleError, NotFound
from pdm.learning.apply import Predictor


@pytest.fixture
def predictor(trained_engines):
    return Predictor(trained_engines.model, 1)


@pytest.fixture
def matrix(engines):
    return engines.features[["wear__mean", "noise__mean", "load__mean"]].to_numpy(dtype=np.float32)[::17]


def test_answers_hang_together(predictor, matrix):
    answers = predictor.predict(matrix)
    life = answers.remaining["remaining_life"]
    grid, curve = answers.survival["remaining_life"]

    assert (np.diff(curve, axis=1) >= 0).all()
    assert grid.tolist() == [10.0, 20.0, 30.0, 45.0, 58.0]
    assert ((life.low <= life.median) & (life.median <= life.high)).all()
    assert life.low.min() >= 0
    assert life.high.max() <= life.cap == 60.0
    assert ((answers.probabilities["wear_within_20"] >= 0) & (answers.probabilities["wear_within_20"] <= 1)).all()


def test_a_row_is_answered_alike_alone_and_among_others(predictor, matrix):
    together = predictor.predict(matrix).remaining["remaining_life"].mean
    alone = [predictor.predict(matrix[row : row + 1]).remaining["remaining_life"].mean[0] for row in range(20)]

    np.testing.assert_array_equal(together[:20], alone)


def test_many_threads_get_the_same_answers(predictor, matrix):
    expected = predictor.predict(matrix).probabilities["wear_within_20"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: predictor.predict(matrix).probabilities["wear_within_20"], range(32)))

    assert all(np.array_equal(answer, expected) for answer in answers)


def test_contributions_add_up_to_the_log_odds(predictor, matrix):
    contributions = predictor.contributions(matrix, "wear_within_20")
    raw = predictor._boosters["wear_within_20"]["probability"].predict(matrix, raw_score=True, num_threads=1)

    assert contributions.shape == (len(matrix), 4)
    np.testing.assert_allclose(contributions.sum(axis=1), raw, atol=1e-9)
    assert np.abs(contributions[:, 0]).mean() > 3 * np.abs(contributions[:, 1:3]).mean()


def test_reasons_for_remaining_life_are_log_odds_of_failure(predictor, matrix):
    contributions = predictor.contributions(matrix, "remaining_life")
    worn = matrix[:, 0] > 4

    assert contributions[worn, 0].mean() > 0 > contributions[~worn, 0].mean()


def test_no_rows_get_no_answers(predictor):
    answers = predictor.predict(np.empty((0, 3), dtype=np.float32))

    assert answers.probabilities["wear_within_20"].shape == (0,)
    assert answers.remaining["remaining_life"].mean.shape == (0,)


def test_a_matrix_of_another_width_is_refused(predictor):
    with pytest.raises(BundleError, match="takes 3 features"):
        predictor.predict(np.zeros((2, 4), dtype=np.float32))


def test_reasons_for_an_unknown_target_are_refused(predictor, matrix):
    with pytest.raises(NotFound, match="targets"):
        predictor.contributions(matrix, "mood")


def test_applying_a_model_imports_no_training_library():
    program = "import sys, pdm.learning.apply; print(' '.join(sorted({m.split('.')[0] for m in sys.modules})))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()

    assert not {"sklearn", "mlflow", "matplotlib", "optuna", "tsfresh"} & set(loaded)
