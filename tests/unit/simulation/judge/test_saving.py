"""The share of the achievable saving, and the intervals: worked out by hand, and tried on many plants."""

import numpy as np
import pytest

from pdm.errors import InputError
from pdm.simulation.judge import Prices, alert_table, best_baseline, figures, judge, savings
from pdm.simulation.judge.policies import incumbent, perfect, run_to_failure
from pdm.simulation.judge.saving import recall_against

PRICES = Prices(ratios=(0.1, 0.5), waste_per_year=0.0)
BASELINES = ("incumbent", "run_to_failure")


@pytest.fixture
def tallies(hand):
    """Four failures on four assets; the incumbent averts one, the alerts two more, with two false ones."""
    truth = hand.truth(
        *(hand.failure(f"P-{number}", onset=50, failure=100) for number in (1, 2, 3)),
        hand.failure("P-4", onset=50, failure=100, ended_at=99, ended_by="condition"),
        assets=("P-1", "P-2", "P-3", "P-4"),
    )
    alerts = alert_table(
        [hand.alert("P-1", 80), hand.alert("P-2", 80), hand.alert("P-3", 10, closed=11), hand.alert("P-4", 10)]
    )
    judged = [
        judge(truth, alerts, hand.year, policy="product", prices=PRICES),
        *(policy(truth, hand.year, prices=PRICES) for policy in (incumbent, perfect, run_to_failure)),
    ]
    return {one.policy: [one.tally.assign(plant="A")] for one in judged}


def test_the_share_is_of_the_way_from_the_best_baseline_to_perfect_knowledge(tallies):
    found = savings(tallies, BASELINES, draws=20)

    # Best: the incumbent, 3 * 100 + 20. Perfect: 4 * 20. Alone: 2 * 20 + 2 * 100 + 2 * 1.5. Beside: 3 * 20 + 100 + 3.
    assert found["product"]["cost:stated"].value == pytest.approx((320 - 243) / (320 - 80))
    assert found["product"]["beside:stated"].value == pytest.approx((320 - 163) / (320 - 80))
    # At half the price: 350, 200, 2 * 50 + 200 + 3.
    assert found["product"]["cost:0.5"].value == pytest.approx((350 - 303) / (350 - 200))


def test_failures_found_are_compared_with_those_that_another_policy_finds(tallies):
    own, half = tallies["product"], [tallies["product"][0].assign(found_detectable=[1.0, 0.0, 0.0, 0.0])]

    assert recall_against(half, own, draws=20).value == pytest.approx(1 / own[0]["found_detectable"].sum())
    assert recall_against(own, own, draws=20).value == 1.0


def test_perfect_knowledge_is_one_and_the_best_baseline_nought(tallies):
    found = savings(tallies, BASELINES, draws=20)

    assert found["perfect"]["cost:0.1"].value == 1.0
    assert found["incumbent"]["cost:0.1"].value == 0.0
    assert found["run_to_failure"]["cost:0.1"].value < 0.0
    assert best_baseline(tallies, BASELINES, "cost:0.1") == "incumbent"


def test_the_share_is_told_against_a_reference_as_well_which_must_save_something(tallies):
    against_itself = savings(tallies, BASELINES, reference="product", draws=20)
    against_nothing = savings(tallies, BASELINES, reference="incumbent", draws=20)

    assert against_itself["product"]["of_reference:cost:stated"].value == 1.0
    assert against_itself["perfect"]["of_reference:cost:stated"].value == pytest.approx((320 - 80) / (320 - 243))
    assert against_itself["product"]["cost:stated"].value == pytest.approx((320 - 243) / (320 - 80))
    assert np.isnan(against_nothing["product"]["of_reference:cost:stated"].value)


def test_nothing_to_save_is_not_a_number(hand):
    truth = hand.truth()
    judged = [policy(truth, hand.year, prices=PRICES) for policy in (incumbent, perfect, run_to_failure)]

    found = savings({one.policy: [one.tally] for one in judged}, BASELINES, draws=20)

    assert np.isnan(found["incumbent"]["cost:stated"].value)


def test_policies_must_be_judged_on_the_same_plants(tallies):
    with pytest.raises(InputError, match="other plants"):
        savings(tallies | {"product": [tallies["product"][0].iloc[:2]]}, BASELINES, draws=20)


def test_perfect_knowledge_must_be_among_them(tallies):
    del tallies["perfect"]

    with pytest.raises(InputError, match="perfect"):
        savings(tallies, BASELINES, draws=20)


def many(hand, plants, rng, chance):
    """Plants of forty pumps, each with one failure that is found with a chance of its plant's own."""
    tallies = []
    for number in range(plants):
        assets = tuple(f"P-{index}" for index in range(40))
        truth = hand.truth(*(hand.failure(asset, onset=50, failure=100) for asset in assets), assets=assets)
        own = rng.beta(8 * chance, 8 * (1 - chance))
        found = [asset for asset in assets if rng.uniform() < own]
        alerts = alert_table([hand.alert(asset, 80) for asset in found])
        tallies.append(judge(truth, alerts, hand.year, prices=Prices(ratios=()), plant=f"plant {number}").tally)
    return tallies


def test_plants_are_drawn_whole(hand):
    """Plants differ more than their failures: the interval over plants is wider than the binomial one."""
    recall = figures(many(hand, 12, np.random.default_rng(2), 0.5))["recall_detectable"]

    assert recall.low < recall.value < recall.high
    assert recall.high - recall.low > 1.5 * (recall.exact[1] - recall.exact[0])


def test_within_one_plant_assets_are_drawn(hand):
    recall = figures(many(hand, 1, np.random.default_rng(2), 0.5))["recall_detectable"]

    assert recall.high - recall.low == pytest.approx(recall.exact[1] - recall.exact[0], rel=0.25)


def test_the_interval_is_the_same_every_time(hand):
    tallies = many(hand, 3, np.random.default_rng(2), 0.5)

    assert repr(figures(tallies)) == repr(figures(tallies))


def test_a_policy_that_raises_no_alerts_has_no_figures_about_them(tallies):
    found = figures(tallies["incumbent"], alerts=False, draws=20)

    assert "precision" not in found
    assert found["recall_all"].value == 0.25


def test_no_plant_no_figures():
    with pytest.raises(InputError, match="nothing to judge"):
        figures([])
