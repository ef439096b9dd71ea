"""Age alone: how long parts last, counted as it must be, and whether age says anything at all."""

import warnings

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Axis, Costs, FailureMode, ModelDefinition, Target
from pdm.errors import BundleError, TooLittleData
from pdm.learning.age import age_from, fit_ages
from pdm.readings.registry import LIFE_COLUMNS
from pdm.scoring.aging import NO_AGE, age_sentence, aged
from pdm.testing.builders import NOON

COUNTER = Axis("usage", 1.0, "snapshots", 100.0)
BEARING = ModelDefinition(
    "bearing",
    "Bearings",
    (FailureMode("wear", "Bearing wear", "bearing"),),
    (Target("soon", "failure_within", ("wear",), 100.0),),
    Costs(100.0, 10.0, 1.0),
)
FEMTO = (2803.0, 871.0, 911.0, 797.0, 515.0, 1637.0)
"""Lives of the six bearings of the FEMTO challenge that ran until they failed, in snapshots."""


def lives(ends, failed=None, starts=0.0, mode="wear", item="bearing"):
    ends = np.asarray(ends, dtype=float)
    failed = np.ones(len(ends), dtype=bool) if failed is None else np.asarray(failed)
    table = {
        "asset": [f"B-{n}" for n in range(len(ends))],
        "maintainable_item": item,
        "item": "",
        "life": "",
        "start": np.broadcast_to(np.asarray(starts, dtype=float), ends.shape),
        "end": ends,
        "ended_by": np.where(failed, "failure", "open"),
        "failure_mode": np.where(failed, mode, ""),
        "severity": "",
        "known_at": pd.NaT,
    }
    return pd.DataFrame(table)[list(LIFE_COLUMNS)]


def of(ends, failed=None, starts=0.0, **more):
    return fit_ages(lives(ends, failed, starts), BEARING, COUNTER, **more).modes[0]


def test_parts_that_wear_out_fail_sooner_the_older_they_are():
    one = of(1000 * np.random.default_rng(3).weibull(3.5, 20))

    young, old = (1 - one.survival(age, np.array([100.0]))[0] for age in (0.0, 1000.0))

    assert one.says == "wears out"
    assert old > 5 * young
    assert 2.2 < one.low < 3.5 < one.high < 6.0


def test_six_bearings_do_not_show_that_age_matters_and_still_give_a_rate():
    one = of(FEMTO)

    at_any_age = [1 - one.survival(age, np.array([100.0]))[0] for age in (0.0, 500.0, 2000.0)]

    assert one.says == "nothing"
    assert "age tells nothing here" in age_sentence(one, 500.0, BEARING.failure_modes[0], COUNTER)
    assert np.ptp(at_any_age) < 1e-12
    assert at_any_age[0] == pytest.approx(6 * 100 / sum(FEMTO), rel=0.1)


def test_of_two_hundred_sets_without_wear_hardly_any_is_said_to_wear():
    random = np.random.default_rng(5)

    said = [of(100 * random.exponential(size=8)).says for _ in range(200)]

    assert said.count("wears out") <= 24


def test_a_life_that_began_before_the_records_counts_only_from_there_on():
    ends = 1000 * np.random.default_rng(1).weibull(3.0, 400)
    seen = ends > 600  # whoever failed before the records began is on no list
    begun = {f"B-{n}": 600.0 for n in range(int(seen.sum()))}

    naive, right = of(ends[seen]), of(ends[seen], records_begin=begun)

    assert right.entered == int(seen.sum())
    assert abs(right.shape - 3.0) < 0.6
    assert naive.shape > right.shape + 0.8


def test_parts_that_were_replaced_in_time_count_as_lived_until_then():
    ends = 1000 * np.random.default_rng(2).weibull(2.5, 300)
    planned = np.minimum(ends, 700.0)

    one = of(planned, failed=ends <= 700.0)

    assert abs(one.shape - 2.5) < 0.5
    assert one.survival(0.0, np.array([1000.0]))[0] == pytest.approx(np.exp(-1.0), abs=0.08)


def test_few_failures_give_a_wide_band_and_many_a_narrow_one():
    ends = 1000 * np.random.default_rng(4).weibull(1.0, 200)

    few, many = (
        aged(fit_ages(lives(ends[:n]), BEARING, COUNTER), {"bearing": 10.0}, BEARING, COUNTER, now=NOON)
        for n in (3, 200)
    )

    width = [one.remaining_life.high / one.remaining_life.median for one in (few, many)]
    assert width[0] > 1.2 * width[1]
    assert few.remaining_life.low < few.remaining_life.median < few.remaining_life.high
    assert few.remaining_life.high_date > few.remaining_life.low_date > NOON


def test_the_answer_holds_risk_remaining_life_and_a_rising_curve():
    model = fit_ages(lives(FEMTO), BEARING, COUNTER)

    found = aged(model, {"bearing": 300.0}, BEARING, COUNTER, now=NOON)

    (risk,) = found.risks
    assert (risk.mode, risk.horizon, risk.unit) == ("wear", 100.0, "snapshots")
    horizons, chances = np.array(found.curve).T
    assert (np.diff(horizons) > 0).all()
    assert (np.diff(chances) > 0).all()
    assert chances[-1] == pytest.approx(0.95, abs=0.01)
    assert "6 failures in 6 lives" in found.contributions[0].sentence


def test_a_machine_without_a_known_age_gets_no_number():
    found = aged(fit_ages(lives(FEMTO), BEARING, COUNTER), {}, BEARING, COUNTER, now=NOON)

    assert (found.risks, found.remaining_life, found.curve) == ((), None, ())
    assert found.flags == (NO_AGE,)


def test_what_was_written_is_what_is_read():
    model = fit_ages(lives(FEMTO), BEARING, COUNTER)

    assert age_from(model.document()) == model
    assert age_from({}) is None


@pytest.mark.parametrize(
    "change",
    [
        {"weights": [0.5]},
        {"shapes": [float("nan")]},
        {"exposures": [0.0]},
        {"failures": 0},
        {"says": "soon"},
        {"unit": None},
        {"shapes": [1.0, 2.0]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_numbers_that_no_lives_can_give_are_refused(change):
    document = fit_ages(lives(FEMTO), BEARING, COUNTER).document()
    document["modes"][0] |= change

    with pytest.raises(BundleError, match="age model cannot be read"):
        age_from(document)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (lives(FEMTO, failed=np.zeros(6, dtype=bool)), "0 failures .* age alone needs 2"),
        (lives(FEMTO[:1]), "1 failures .* age alone needs 2"),
        (lives(FEMTO, mode="leak"), "none names one of its failure modes"),
        (lives(FEMTO[:0]), "0 failures"),
    ],
    ids=["all censored", "one failure", "another mode", "no life"],
)
def test_what_cannot_be_learnt_from_ages_is_told(table, sentence):
    with pytest.raises(TooLittleData, match=sentence):
        fit_ages(table, BEARING, COUNTER)


def test_failures_at_the_moment_of_installation_are_no_accident_of_arithmetic():
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        one = of([0.0, 0.0, 1000.0])

    assert np.isfinite(one.survival(0.0, np.array([1.0, 1e9]))).all()
