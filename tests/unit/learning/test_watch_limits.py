"""What the watch list takes for normal: not the faults that nobody wrote down, and not one instrument for a whole machine."""

import numpy as np
import pytest

from pdm.learning.watch.cones import COMPANY, LONE, cone, in_company
from pdm.learning.watch.fit import _allowed, _covariance, _limit
from pdm.learning.watch.sensor import _stands_still

RNG = np.random.default_rng(11)


def test_a_cone_finds_the_best_shift_in_the_ways_of_a_mode():
    inverse = np.array([[1.0, 0.4], [0.4, 2.0]])
    pulled = RNG.normal(0, 2, (40, 2))
    grid = np.linspace(0, 8, 401)
    shifts = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    gain = 2 * pulled @ shifts.T - np.einsum("nq,qr,nr->n", shifts, inverse, shifts)

    together, alone = cone(pulled, inverse)

    assert together == pytest.approx(np.sqrt(gain.max(axis=1)), abs=0.02)
    assert (alone <= together + 1e-12).all()


def test_a_row_is_answered_alike_whoever_stands_beside_it():
    pulled, inverse = RNG.normal(0, 2, (50, 4)), np.eye(4) + 0.3

    assert [float(in_company(row[None], inverse)[0]) for row in pulled] == in_company(pulled, inverse).tolist()


def test_one_channel_alone_must_go_further_than_several_together():
    company = in_company(np.array([[4.0, 3.0]]), np.eye(2))
    lonely = in_company(np.array([[5.0, 0.0]]), np.eye(2))

    assert company[0] == pytest.approx(5.0)
    assert lonely[0] == pytest.approx(5.0 / LONE)
    assert COMPANY < 3 / 5


def test_limits_do_not_rise_with_faults_that_nobody_wrote_down():
    sound = RNG.gumbel(3.0, 0.4, 400)
    with_faults = np.concatenate([sound, np.full(16, 25.0)])

    assert _limit(with_faults, 0.002) == pytest.approx(_limit(sound, 0.002), rel=0.2)
    assert _limit(sound, 0.02) == pytest.approx(3.0 - 0.4 * np.log(-np.log(0.98)), rel=0.1)
    assert _limit(sound[:4], 0.02) == float("inf")


def test_the_covariance_is_that_of_sound_days():
    true = np.array([[1.0, 0.6], [0.6, 2.0]])
    sound = RNG.multivariate_normal([0, 0], true, 4000)
    with_faults = np.concatenate([sound, RNG.normal([9.0, -12.0], 1.0, (150, 2))])

    found = _covariance(with_faults)

    assert np.diag(found) == pytest.approx(np.diag(true), rel=0.15)
    assert found[0, 1] == pytest.approx(0.6, abs=0.12)


def test_a_wrong_setting_hides_no_more_than_is_stated():
    covariance = np.eye(3)
    added = _allowed(np.array([[30.0, 6.0, 0.0], [0.5, 0.0, 0.1]]), covariance)

    assert added[0, 0] == pytest.approx(3.0**2 + 0.5**2)
    assert added[1, 1] == pytest.approx(0.6**2)
    assert _allowed(np.zeros((0, 3)), covariance).tolist() == np.zeros((3, 3)).tolist()


@pytest.mark.parametrize(
    ("days", "still"),
    [
        (np.full(36, 4.0), True),
        (np.concatenate([np.zeros(10), np.full(26, 4.0)]), True),
        (np.linspace(0, 6, 36), False),
        (np.concatenate([np.zeros(26), np.full(10, 4.0)]), False),
        (np.full(12, 4.0), False),
    ],
)
def test_a_channel_that_has_stood_elsewhere_for_weeks_does_not_grow(days, still):
    assert _stands_still(days + RNG.normal(0, 0.2, len(days)), 1) is still
    assert _stands_still(-days, -1) is still
