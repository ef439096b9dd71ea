"""The chance that a mode comes first, against lives that were simulated with two causes racing each other."""

import numpy as np
import pytest

from pdm.learning.competing import aalen_johansen, first_to_fail


def two_causes(lives=20000, seed=3):
    """Wear (Weibull, shape 3) and leaks (exponential): whichever comes first ends the life."""
    random = np.random.default_rng(seed)
    wear, leak = 100 * random.weibull(3.0, lives), random.exponential(150.0, lives)
    return np.minimum(wear, leak), np.where(wear < leak, 1, 2)


def alone(horizons):
    """P(failure within h) of each mode if nothing else could happen: what a mode's own model learns."""
    return {
        "wear": (1 - np.exp(-((horizons / 100) ** 3)))[None, :],
        "leak": (1 - np.exp(-horizons / 150))[None, :],
    }


@pytest.mark.parametrize("horizon", [20.0, 60.0, 120.0])
def test_stated_chances_of_two_causes_are_the_shares_that_come(horizon):
    duration, cause = two_causes()
    horizons = np.arange(1.0, horizon + 1)

    chances = first_to_fail(alone(horizons))

    for number, name in ((1, "wear"), (2, "leak")):
        came = float(((cause == number) & (duration <= horizon)).mean())
        assert float(chances[name][0, -1]) == pytest.approx(came, abs=0.012)


def test_one_minus_kaplan_meier_overstates_each_cause_and_the_incidence_does_not():
    horizons = np.arange(1.0, 121.0)
    curves = alone(horizons)

    chances = first_to_fail(curves)

    naive = sum(float(curve[0, -1]) for curve in curves.values())
    assert naive > 1.2
    any_failure = 1 - np.prod([1 - float(curve[0, -1]) for curve in curves.values()])
    assert sum(float(chance[0, -1]) for chance in chances.values()) == pytest.approx(any_failure)


def test_a_mode_without_rivals_keeps_its_chance():
    chance = np.array([0.0, 0.2, 0.999999, 1.0])

    np.testing.assert_allclose(first_to_fail({"wear": chance})["wear"], chance, atol=1e-9)
    np.testing.assert_allclose(first_to_fail({"wear": chance, "leak": np.zeros(4)})["wear"], chance, atol=1e-9)


def test_censored_lives_count_while_they_were_seen():
    """Uncensored, the estimate is the plain share; with a third of the lives cut at random it stays there."""
    duration, cause = two_causes(4000)
    cut = np.random.default_rng(5).uniform(0, 300, len(duration))
    seen, told = np.minimum(duration, cut), np.where(duration <= cut, cause, 0)

    whole, partial = aalen_johansen(duration, cause, 90.0), aalen_johansen(seen, told, 90.0)

    for number in (1, 2):
        assert whole[number] == pytest.approx(float(((cause == number) & (duration <= 90)).mean()))
        assert partial[number] == pytest.approx(whole[number], abs=0.03)
