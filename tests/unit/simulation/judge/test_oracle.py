"""The oracle is a ceiling: it finds what can be found at its rate of false alerts, and nothing that leaves no trace."""

import numpy as np
import pandas as pd
import pytest

from pdm.errors import InputError
from pdm.simulation.judge import judge, oracle_alerts


def growing(hand, failure_id, onset, failure, *, strength):
    """One channel that rises linearly to `strength` standard deviations."""
    steps = np.arange(onset, failure, 0.25)
    return [
        {
            "failure_id": failure_id,
            "time": hand.day(float(at)),
            "channel": "vibration",
            "shift": strength * (at - onset) / (failure - onset),
            "noise_sd": 1.0,
        }
        for at in steps
    ]


def one(hand, strength, **given):
    return hand.truth(
        hand.failure("P-1", onset=50, failure=100, **given),
        signatures=growing(hand, "P-1/100", 50, 100, strength=strength),
    )


def right(alerts):
    return alerts[alerts["failure_mode"] == "bearing_wear"]


def test_a_constant_shift_is_found_when_the_evidence_equals_the_looks_between_two_false_alerts(hand):
    # Without noise each look of a shift of two would add 2; ten looks or so reach log(1461 / 0.05) = 10.3, noise moves it.
    rows = [dict(row, shift=2.0) for row in growing(hand, "P-1/100", 50, 100, strength=1.0)]
    truth = hand.truth(hand.failure("P-1", onset=50, failure=100), signatures=rows)

    days = [
        (right(oracle_alerts(truth, hand.year, seed=seed))["raised_at"].iloc[0] - pd.Timestamp(hand.day(50))).days
        for seed in range(12)
    ]

    assert 0.75 <= np.mean(days) <= 2.0
    assert max(days) <= 4


def test_a_strong_precursor_is_found_in_time_and_named(hand):
    alerts = oracle_alerts(one(hand, 4.0), hand.year)

    verdicts = judge(one(hand, 4.0), right(alerts), hand.year)

    assert verdicts.alerts["kind"].tolist()[0] in ("in time", "early")
    assert verdicts.alerts["named_right"].tolist() == [True]


def test_what_stays_below_the_noise_is_not_found(hand):
    found = [len(right(oracle_alerts(one(hand, 0.05), hand.year, seed=seed))) for seed in range(8)]

    assert sum(found) == 0


def test_what_leaves_no_trace_is_not_found(hand):
    truth = hand.truth(hand.failure("P-1", onset=100, failure=100, precursor="none"))

    assert right(oracle_alerts(truth, hand.year, false_per_year=0.001)).empty


def test_a_life_that_somebody_ended_shows_nothing_afterwards(hand):
    soon = one(hand, 1.0, ended_at=55, ended_by="preventive")

    assert all(right(oracle_alerts(soon, hand.year, seed=seed)).empty for seed in range(10))


def test_more_false_alerts_find_earlier(hand):
    first = [right(oracle_alerts(one(hand, 1.0), hand.year, false_per_year=rate)) for rate in (0.01, 1.0)]

    assert first[1]["raised_at"].iloc[0] < first[0]["raised_at"].iloc[0]


def test_false_alerts_come_at_the_stated_rate(hand):
    truth = hand.truth(assets=tuple(f"P-{number}" for number in range(500)))

    per_year = len(oracle_alerts(truth, hand.year, false_per_year=0.5)) / 500

    assert per_year == pytest.approx(0.5, abs=0.1)


def test_noise_alone_rarely_convinces_it():
    """The bound on false alerts, tried out: nothing but noise, and a shape that is looked for."""
    random = np.random.default_rng(3)
    shape = np.linspace(0, 2, 120)
    threshold = np.log(365.25 * 4 / 0.05)
    crossed = 0
    for _ in range(3000):
        noise = random.standard_normal(120)
        crossed += np.max(np.cumsum(shape * noise - shape**2 / 2)) >= threshold

    # 1461 possible onsets a year, each of which convinces with a chance of at most 0.05 / 1461.
    assert crossed == 0


def test_the_same_seed_gives_the_same_alerts(hand):
    pd.testing.assert_frame_equal(oracle_alerts(one(hand, 2.0), hand.year), oracle_alerts(one(hand, 2.0), hand.year))


def test_an_oracle_without_false_alerts_does_not_exist(hand):
    with pytest.raises(InputError, match="never be sure"):
        oracle_alerts(one(hand, 2.0), hand.year, false_per_year=0.0)
