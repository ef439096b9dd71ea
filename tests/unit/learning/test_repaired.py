import numpy as np
import pytest

from pdm.errors import TooLittleData
from pdm.learning.repaired import fit_crow_amsaa


def failures_of(shape, scale, entry, end, random):
    """Failure ages of a power-law process between two ages: a Poisson number of them, at ages drawn by its growth."""
    low, high = scale * entry**shape, scale * end**shape
    count = random.poisson(high - low)
    return np.sort((random.uniform(low, high, count) / scale) ** (1 / shape))


@pytest.mark.parametrize("shape", [0.7, 1.0, 2.2])
def test_the_process_is_found_again_although_items_are_older_than_their_records(shape):
    random = np.random.default_rng(8)
    entry, end = random.uniform(0, 300, 2000), np.full(2000, 1000.0)
    scale = 6 / 1000**shape

    age = np.concatenate([failures_of(shape, scale, *ages, random) for ages in zip(entry, end, strict=True)])
    found = fit_crow_amsaa(entry, end, age)

    assert found.shape == pytest.approx(shape, rel=0.08)
    assert float(found.expected(np.zeros(1), 1000.0)[0]) == pytest.approx(6.0, rel=0.08)
    assert found.wears_out == (found.shape > 1)


def test_the_textbook_case_by_hand():
    """One item seen from new to 100: shape = n / sum(log(T / t)) = 3 / (log 4 + log 2 + 0)."""
    found = fit_crow_amsaa(np.zeros(1), np.array([100.0]), np.array([25.0, 50.0, 100.0]))

    assert found.shape == pytest.approx(3 / (np.log(4) + np.log(2)))
    assert float(found.expected(np.zeros(1), 100.0)[0]) == pytest.approx(3.0)
    nearly = 1 - np.exp(-float(found.expected(np.array([100.0]), 10.0)[0]))
    assert float(found.failure_within(np.array([100.0]), 10.0)[0]) == pytest.approx(nearly)


def test_one_failure_tells_nothing_about_how_they_come():
    with pytest.raises(TooLittleData, match="1 failures of repaired items; 2 are needed"):
        fit_crow_amsaa(np.zeros(1), np.array([100.0]), np.array([25.0]))
