"""Recall, rates, precision and costs, worked out by hand. An inspection costs 1.5 % of 100; a year of life 25 % of a repair."""

import pytest

from pdm.simulation.judge import Period, Prices, alert_table, figures, judge
from pdm.simulation.judge.policies import incumbent, perfect, run_to_failure

EVERY = Prices(ratios=(0.1, 0.5), inspection=0.015, waste_per_year=0.25)


def figure_values(verdicts):
    return {name: figure.value for name, figure in figures([verdicts.tally], draws=20).items()}


@pytest.fixture
def three(hand):
    """P-1 fails on day 100; P-2 on day 200 without precursor; P-3 would on day 300, but was repaired on day 260."""
    return hand.truth(
        hand.failure("P-1", onset=50, failure=100),
        hand.failure("P-2", onset=200, failure=200, precursor="none", detectable_from=None),
        hand.failure("P-3", onset=250, failure=300, ended_at=260, ended_by="condition", detectable_from=270),
        assets=("P-1", "P-2", "P-3", "P-4"),
    )


def test_recall_is_given_of_what_could_be_found_and_of_everything(hand, three):
    found = figure_values(judge(three, alert_table([hand.alert("P-1", 80)]), hand.year))

    assert found["recall_detectable"] == 1.0  # P-2 shows nothing, P-3 was taken away before it could be seen
    assert found["recall_all"] == pytest.approx(1 / 3)
    assert found["recall_all_upper"] == pytest.approx(2 / 3)  # P-3 is censored: nobody can know
    assert found["failures_per_year"] == pytest.approx(3 / 4)


def test_false_and_early_alerts_are_counted_per_asset_year(hand, three):
    alerts = [hand.alert("P-1", 60), hand.alert("P-4", 10, closed=11), hand.alert("P-4", 100), hand.alert("P-2", 10)]

    found = figure_values(judge(three, alert_table(alerts), hand.year))

    assert found["false_per_year"] == pytest.approx(3 / 4)
    assert found["early_per_year"] == pytest.approx(1 / 4)
    assert found["precision"] == pytest.approx(1 / 4)
    assert found["precision_in_time"] == 0.0


def test_precision_has_the_exact_interval_of_its_counts(hand, three):
    alerts = [hand.alert("P-1", 80), hand.alert("P-4", 10)]

    precision = figures([judge(three, alert_table(alerts), hand.year).tally], draws=20)["precision"]

    assert precision.of == (1, 2)
    assert precision.exact == pytest.approx((0.0126, 0.9874), abs=1e-4)


def test_a_repeat_counts_in_nothing_but_the_repeats(hand, three):
    once = figure_values(judge(three, alert_table([hand.alert("P-1", 80)]), hand.year))
    twice = figure_values(judge(three, alert_table([hand.alert("P-1", 80), hand.alert("P-1", 90)]), hand.year))

    assert twice.pop("repeats_per_year") == pytest.approx(1 / 4)
    once.pop("repeats_per_year")
    assert twice == pytest.approx(once, nan_ok=True)


def test_mode_precision_is_about_alerts_that_name_a_mode_where_there_is_something_to_find(hand, three):
    alerts = [
        hand.alert("P-1", 80, mode="bearing_wear"),
        hand.alert("P-1", 81, mode="seal_leak"),
        hand.alert("P-3", 255),
        hand.alert("P-4", 10, mode="seal_leak"),
    ]

    found = figure_values(judge(three, alert_table(alerts), hand.year))

    assert found["mode_precision"] == pytest.approx(1 / 2)


def test_a_late_alert_is_right_but_not_timely(hand, three):
    found = figure_values(judge(three, alert_table([hand.alert("P-1", 98), hand.alert("P-3", 251)]), hand.year))

    assert (found["precision"], found["timely"]) == (1.0, 0.5)
    assert found["recall_detectable"] == 0.0


def test_a_failure_that_nobody_could_see_in_time_is_not_detectable(hand):
    truth = hand.truth(hand.failure("P-1", onset=50, failure=100, detectable_from=96))

    verdicts = judge(truth, alert_table([]), hand.year)

    assert verdicts.failures["detectable"].tolist() == [False]


def test_only_failures_that_a_policy_on_duty_could_avert_are_judged(hand):
    truth = hand.truth(
        hand.failure("P-1", onset=10, failure=64),  # its deadline, day 59, was before the period
        hand.failure("P-1", onset=10, failure=66),
        hand.failure("P-2", onset=10, failure=90, ended_at=55, ended_by="preventive"),  # gone before the period
        hand.failure("P-2", onset=10, failure=101),  # fails after it
    )

    verdicts = judge(truth, alert_table([]), Period(hand.day(60), hand.day(100)))

    assert verdicts.failures["failure_id"].tolist() == ["P-1/66"]


def test_false_alerts_while_a_sensor_lied_are_told_apart(hand):
    fault = {"asset": "P-2", "channel": "vibration", "kind": "drift", "start": hand.day(10), "end": hand.day(20)}
    truth = hand.truth(faults=[fault])

    verdicts = judge(truth, alert_table([hand.alert("P-2", 15, closed=16), hand.alert("P-2", 40)]), hand.year)

    assert verdicts.alerts["false_on_sensor_fault"].tolist() == [True, False]
    assert verdicts.tally["false_on_sensor_fault"].sum() == 1


def cost(verdicts, label="stated", world="cost"):
    return verdicts.tally[f"{world}:{label}"].sum()


def test_nobody_acts_and_everything_fails(hand, three):
    assert cost(run_to_failure(three, hand.year, prices=EVERY)) == 300.0


def test_perfect_knowledge_plans_everything_and_wastes_nothing(hand, three):
    verdicts = perfect(three, hand.year, prices=EVERY)

    assert cost(verdicts) == 60.0
    assert cost(verdicts, "0.1") == pytest.approx(30.0)
    assert cost(verdicts, "0.5") == pytest.approx(150.0)


def test_the_incumbent_pays_for_what_it_did(hand, three):
    # P-1 and P-2 failed; P-3 was repaired 40 days early: 20 + 20 * 0.25 * 40 / 365.25
    assert cost(incumbent(three, hand.year, prices=EVERY)) == pytest.approx(220 + 20 * 0.25 * 40 / 365.25)


def test_an_alert_in_time_makes_a_planned_repair_and_an_early_one_wastes_life(hand, three):
    in_the_last_moment = judge(three, alert_table([hand.alert("P-1", 95)]), hand.year, prices=EVERY)
    early = judge(three, alert_table([hand.alert("P-1", 58.475)]), hand.year, prices=EVERY)

    assert cost(in_the_last_moment) == pytest.approx(20 + 200)
    # Acted upon on day 63.475: 36.525 days, a tenth of a year, are wasted.
    assert cost(early) == pytest.approx(20 + 20 * 0.25 * 0.1 + 200)
    assert cost(early, "0.5") == pytest.approx(50 + 50 * 0.25 * 0.1 + 200)


def test_a_late_alert_saves_nothing(hand, three):
    assert cost(judge(three, alert_table([hand.alert("P-1", 96)]), hand.year, prices=EVERY)) == 300.0


def test_every_unfounded_episode_costs_one_inspection(hand, three):
    alerts = [hand.alert("P-4", 10, closed=11), hand.alert("P-4", 12), hand.alert("P-1", 80, mode="seal_leak")]

    assert cost(judge(three, alert_table(alerts), hand.year, prices=EVERY)) == pytest.approx(300 + 2 * 1.5)


def test_beside_the_incumbent_whoever_acts_first_ends_the_life(hand, three):
    nothing = judge(three, alert_table([]), hand.year, prices=EVERY)
    # Raised on day 252, possible on day 257: three days before the incumbent.
    sooner = judge(three, alert_table([hand.alert("P-3", 252)]), hand.year, prices=EVERY)
    # Possible on day 263: the incumbent was there on day 260.
    later = judge(three, alert_table([hand.alert("P-3", 258)]), hand.year, prices=EVERY)
    as_it_was = cost(incumbent(three, hand.year, prices=EVERY))

    assert cost(nothing, world="beside") == pytest.approx(as_it_was)
    assert cost(sooner, world="beside") == pytest.approx(as_it_was + 20 * 0.25 * 3 / 365.25)
    assert cost(later, world="beside") == pytest.approx(as_it_was)


def test_a_repair_of_what_would_have_failed_after_the_period_costs_the_life_it_wastes(hand):
    truth = hand.truth(hand.failure("P-1", onset=50, failure=100 + 73.05))
    period = Period(hand.day(0), hand.day(120))

    verdicts = judge(truth, alert_table([hand.alert("P-1", 95)]), period, prices=EVERY)

    # Acted upon on day 100, a fifth of a year before the failure, which is not this period's.
    assert cost(verdicts) == pytest.approx(20 * 0.25 * 0.2)
    assert cost(perfect(truth, period, prices=EVERY)) == 0.0


def test_wasted_life_never_costs_more_than_the_repair(hand):
    truth = hand.truth(hand.failure("P-1", onset=0.5, failure=360))

    verdicts = judge(truth, alert_table([hand.alert("P-1", 1)]), hand.year, prices=Prices(waste_per_year=50.0))

    assert cost(verdicts) == pytest.approx(40.0)


def test_a_plant_without_any_failure_has_no_recall_and_no_costs(hand):
    found = judge(hand.truth(), alert_table([]), hand.year)

    assert cost(found) == 0.0
    assert figures([found.tally], draws=20)["recall_all"].exact == (0.0, 1.0)
