"""What a plant can have without a model: each policy's acts and costs, worked out by hand."""

import numpy as np
import pytest

from pdm.readings.registry import Installation
from pdm.simulation.judge import Period, Prices
from pdm.simulation.judge.policies import age_replacement, cheapest_age, incumbent, perfect, replacement_ages

STATED = Prices(ratios=())


def test_lives_that_all_end_at_one_age_are_replaced_just_before_it():
    age = cheapest_age(np.zeros(3), np.full(3, 2.0), np.ones(3, dtype=bool), unplanned=10.0, planned=1.0)

    assert age == pytest.approx(1.998)


def test_lives_that_end_at_any_age_are_left_to_run():
    ages = np.array(
        [0.1, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 4.5, 7.0]
    )  # exponential: an old part is as good as a new one

    age = cheapest_age(np.zeros(10), ages, np.ones(10, dtype=bool), unplanned=10.0, planned=5.0)

    assert age == float("inf")


def test_the_cost_rate_is_the_one_of_barlow_and_hunter():
    # Two of four fail at age 1, two at age 2. Before 1: 1 / 1; before 2: (10 * 0.5 + 1 * 0.5) / 1.5; to the end: 10 / 1.5.
    leave = np.array([1.0, 1.0, 2.0, 2.0])

    cheap = cheapest_age(np.zeros(4), leave, np.ones(4, dtype=bool), unplanned=10.0, planned=1.0)
    dear = cheapest_age(np.zeros(4), leave, np.ones(4, dtype=bool), unplanned=10.0, planned=8.0)

    assert cheap == pytest.approx(0.999)
    assert dear == pytest.approx(1.998)  # 8 / 1 against (5 + 4) / 1.5 = 6 against 6.67


def test_a_life_that_came_under_observation_late_says_nothing_about_its_youth():
    # The second item was seen from age 1.5 on: at age 1 only two were at risk, and both of them failed or passed there.
    entry, leave = np.array([0.0, 1.5, 0.0]), np.array([1.0, 3.0, 3.0])

    age = cheapest_age(entry, leave, np.array([True, True, True]), unplanned=3.0, planned=1.0)

    # S: 1 -> 1/2 at age 1 -> 0 at age 3. Before 1: 1 / 1; before 3: (1.5 + 0.5) / 2 = 1; to the end: 3 / 2. The first is taken.
    assert age == pytest.approx(0.999)


@pytest.fixture
def worn(hand):
    """Five pumps whose bearings fail at an age of a hundred days, three in training (to day 150), two in the test."""
    fails = {"P-1": 100, "P-2": 110, "P-3": 120, "P-4": 200, "P-5": 250}
    truth = hand.truth(
        *(hand.failure(asset, onset=day - 20, failure=day, item="first") for asset, day in fails.items()),
        assets=tuple(fails),
    )
    return truth, [Installation(asset, "first", hand.day(day - 100), "bearing") for asset, day in fails.items()]


def test_age_replacement_is_optimised_on_the_training_months_alone(hand, worn):
    truth, installations = worn

    ages = replacement_ages(truth, installations, Period(hand.day(0), hand.day(150)), "stated")
    too_soon = replacement_ages(truth, installations, Period(hand.day(0), hand.day(115)), "stated")

    assert ages["pump", "bearing"] == pytest.approx(100 / 365.25, rel=0.01)
    assert too_soon == {}  # two failures: nothing to optimise on


def test_age_replacement_plans_what_grows_old_in_the_test_months(hand, worn):
    truth, installations = worn
    training, test = Period(hand.day(0), hand.day(150)), Period(hand.day(150), hand.day(365))

    verdicts = age_replacement(truth, installations, training, test, prices=STATED)

    # Replaced at an age of 99.9 days: a tenth of a day of each of two lives is wasted.
    assert verdicts.tally["cost:stated"].sum() == pytest.approx(2 * 20 + 2 * 20 * 0.25 * 0.1 / 365.25)
    assert verdicts.failures["found"].tolist() == [True, True]


def test_an_item_whose_installation_nobody_knows_is_left_to_run(hand, worn):
    truth, installations = worn
    training, test = Period(hand.day(0), hand.day(150)), Period(hand.day(150), hand.day(365))

    verdicts = age_replacement(truth, installations[:-1], training, test, prices=STATED)

    assert verdicts.tally.set_index("asset")["cost:stated"]["P-5"] == 100.0


def test_preventive_work_of_the_incumbent_on_healthy_parts_costs_the_life_it_wastes(hand):
    truth = hand.truth(hand.failure("P-1", onset=390, failure=400, ended_at=300, ended_by="preventive"))

    assert incumbent(truth, hand.year, prices=STATED).tally["cost:stated"].sum() == pytest.approx(
        20 * 0.25 * 100 / 365.25
    )
    assert perfect(truth, hand.year, prices=STATED).tally["cost:stated"].sum() == 0.0


def test_policies_that_raise_no_alerts_say_so(hand, worn):
    assert not incumbent(worn[0], hand.year).counts_alerts
