import numpy as np
import pytest

from pdm.learning.baselines import Weibull, age_only, fit_weibull
from pdm.learning.targets import Labels


def test_a_weibull_is_found_again_although_lives_are_truncated_and_censored():
    random = np.random.default_rng(2)
    lives = 100 * random.weibull(2.0, 20_000)
    entry, censored = random.uniform(0, 60, 20_000), random.uniform(20, 200, 20_000)
    seen = (lives > entry) & (censored > entry)

    found = fit_weibull(entry[seen], np.minimum(lives, censored)[seen], (lives <= censored)[seen])

    assert (found.shape, found.scale) == pytest.approx((2.0, 100.0), rel=0.03)


def test_without_wear_the_chance_of_failure_does_not_depend_on_age():
    flat = Weibull(1.0, 100.0)
    ages = np.array([0.0, 50.0, 500.0])

    np.testing.assert_allclose(flat.failure_within(ages, 10.0), 1 - np.exp(-0.1))
    np.testing.assert_allclose(flat.mean_remaining(ages, 200.0), 100 * (1 - np.exp(-2)), rtol=0.01)


def test_lives_are_read_off_their_rows():
    life = np.repeat([3, 8], 5)
    age = np.concatenate([np.arange(10.0, 15.0), np.arange(0.0, 5.0)])
    labels = Labels(np.concatenate([20.0 - np.arange(5.0), 9.0 - np.arange(5.0)]), life == 3, age, life)

    expected = fit_weibull(np.array([10.0, 0.0]), np.array([30.0, 9.0]), np.array([True, False]))

    assert age_only(labels, np.ones(10, dtype=bool)) == expected
