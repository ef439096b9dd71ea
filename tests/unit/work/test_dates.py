"""The cheapest date against brute force, and what must hold whatever the figures are."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdm.catalogue import Axis, Costs, JobPackage, Planning, Task
from pdm.readings.registry import Asset
from pdm.records.planning import Price, Stop
from pdm.scoring.assessment import RemainingLife, Risk
from pdm.testing.builders import NOON, an_assessment, an_asset
from pdm.work.curve import FailureCurve, failure_curve
from pdm.work.dates import advise_date, expected_life, option_at
from pdm.work.prices import Prices, prices_for
from pdm.work.when import assumptions, sentences

DAY = timedelta(days=1)
PRICES = Prices(unplanned=24000.0, in_stop=3200.0, outside=7000.0, life_per_hour=0.4)
STOP = Stop("spring", NOON + 20 * DAY, NOON + 23 * DAY)
CALM = FailureCurve(NOON, (0.0, 2000.0), (0.0, 0.0))

rates = st.floats(0.0, 0.01)
curves = st.lists(st.tuples(st.floats(6.0, 300.0), rates), min_size=1, max_size=6).map(
    lambda pieces: FailureCurve(
        NOON,
        (0.0, *np.cumsum([length for length, _ in pieces]).tolist()),
        (0.0, *np.cumsum([length * rate for length, rate in pieces]).tolist()),
    )
)
prices = st.builds(
    lambda planned, more, standstill, life: Prices(
        planned + standstill + more, planned, planned + standstill, "EUR", life
    ),
    st.floats(100, 10_000),
    st.floats(0, 100_000),
    st.floats(0, 20_000),
    st.floats(0, 5),
)


def advised(curve=CALM, money=PRICES, stops=(STOP,), ready=NOON + 3 * DAY, budget=0.2, **more):
    return advise_date(curve, money, ready=ready, duration=timedelta(hours=8), budget=budget, stops=stops, **more)


def by_force(curve, money, hours, planned, steps=40_000):
    """The expected cost as an integral over the moment of failure, in small steps."""
    grid = np.linspace(0.0, hours, steps + 1)
    survival = 1 - curve.probability(grid)
    middle = (grid[1:] + grid[:-1]) / 2
    failed = survival[:-1] - survival[1:]
    cost = float(np.sum(failed * (money.unplanned - money.life_per_hour * middle)))
    return cost + float(survival[-1]) * (planned - money.life_per_hour * hours)


@settings(max_examples=40, deadline=None)
@given(curves, prices, st.floats(1.0, 1500.0))
def test_the_expected_cost_is_the_integral_over_the_moment_of_failure(curve, money, hours):
    option = option_at(curve, money, NOON + timedelta(hours=hours), None, NOON)

    wanted = by_force(curve, money, hours, money.outside)

    assert option.cost == pytest.approx(wanted, rel=2e-4, abs=2e-3 * money.life_per_hour * hours + 1e-3)


@settings(max_examples=60, deadline=None)
@given(curves, prices, st.floats(0.01, 0.5))
def test_no_date_of_a_fine_grid_is_cheaper_than_the_best_one(curve, money, budget):
    advice = advised(curve, money, budget=budget)
    grid = [NOON + 3 * DAY + timedelta(hours=6 * n) for n in range(240)]

    safe = [one for one in grid if one <= advice.latest_safe] or grid[:1]

    cheapest = min(option_at(curve, money, one, None, advice.latest_safe).cost for one in safe)
    assert advice.best.cost <= cheapest + 1e-6 * abs(cheapest) + 1e-6


@settings(max_examples=60, deadline=None)
@given(curves, prices, st.floats(0, 40))
def test_it_is_never_before_the_job_is_ready_and_never_after_what_is_safe(curve, money, days):
    ready = NOON + timedelta(days=days)

    advice = advised(curve, money, ready=ready)

    assert advice.best.start >= ready
    assert advice.too_late or advice.best.start <= advice.latest_safe
    assert advice.too_late == (ready > advice.latest_safe)


@settings(max_examples=40, deadline=None)
@given(prices, st.floats(0, 19))
def test_without_risk_it_is_never_before_the_planned_stop(money, days):
    advice = advised(CALM, money, ready=NOON + timedelta(days=days))

    assert advice.best.start >= STOP.start
    assert advice.week == 0


@settings(max_examples=60, deadline=None)
@given(curves, prices, st.floats(0, 200_000))
def test_a_dearer_failure_never_makes_it_later(curve, money, more):
    cheap = advised(curve, money, budget=0.9)
    dear = advised(curve, replace(money, unplanned=money.unplanned + more), budget=0.9)

    same_cost = np.isclose(
        option_at(curve, money, dear.best.start, STOP if dear.best.stop else None, cheap.latest_safe).cost,
        cheap.best.cost,
    )
    assert dear.best.start <= cheap.best.start or same_cost


@settings(max_examples=60, deadline=None)
@given(curves, prices)
def test_waiting_a_week_is_never_a_gain_and_is_the_added_risk_times_what_a_failure_costs_more(curve, money):
    advice = advised(curve, money)
    first = advice.earliest.start

    added = curve.until(first + 7 * DAY) - curve.until(first)

    assert advice.week >= 0
    assert advice.week == pytest.approx(added * (money.unplanned - money.outside))


def test_the_latest_safe_date_uses_up_the_accepted_risk_less_the_reserve():
    curve = FailureCurve(NOON, (0.0, 1000.0), (0.0, 1.0))

    advice = advised(curve, budget=0.1, ready=NOON, reserve=DAY)

    assert curve.until(advice.latest_safe + DAY) == pytest.approx(0.1)


def test_a_stop_that_is_worth_its_risk_is_waited_for_and_one_that_is_not_is_not():
    rate = 1e-4
    curve = FailureCurve(NOON, (0.0, 1000.0), (0.0, 1000 * rate))
    later = replace(STOP, start=NOON + 10 * DAY, end=NOON + 11 * DAY)

    waits = advised(curve, replace(PRICES, outside=7000.0), stops=[later])
    hurries = advised(curve, replace(PRICES, outside=3250.0, life_per_hour=0.0), stops=[later])

    assert waits.best.stop == "spring"
    assert hurries.best.stop == ""
    assert hurries.best.start == NOON + 3 * DAY


@settings(max_examples=40, deadline=None)
@given(curves, prices)
def test_a_stop_costs_its_added_risk_less_the_production_that_it_saves(curve, money):
    money = replace(money, life_per_hour=0.0)
    advice = advised(curve, money)
    stop = advice.stops[0]

    saved = (1 - stop.risk) * (money.outside - money.in_stop)

    assert stop.cost - advice.earliest.cost == pytest.approx(advice.dearer(stop) - saved, rel=1e-6, abs=1e-3)
    assert advice.dearer(stop) >= -1e-9, "waiting never takes risk away"


def test_a_stop_that_is_too_short_or_over_before_the_parts_come_is_no_option():
    short = Stop("short", NOON + 5 * DAY, NOON + 5 * DAY + timedelta(hours=7))
    early = Stop("early", NOON + DAY, NOON + 3 * DAY + timedelta(hours=4))

    assert advised(stops=[short, early]).stops == ()
    assert advised(stops=[STOP], ready=NOON + 21 * DAY).stops[0].start == NOON + 21 * DAY


def test_expected_life_of_a_calm_machine_is_the_time_itself():
    assert expected_life(CALM, 240.0) == pytest.approx(240.0)
    assert expected_life(FailureCurve(NOON, (0.0, 10.0), (0.0, 1.0)), 1e6) == pytest.approx(10.0)


# From an assessment to a curve


def test_the_curve_goes_through_the_points_of_the_assessment():
    assessment = an_assessment(risks=(), curve=((72.0, 0.02), (336.0, 0.2), (1008.0, 0.6)))

    curve = failure_curve(assessment, "unspecified", Axis(), now=NOON)

    assert curve.probability([72.0, 336.0, 1008.0]) == pytest.approx([0.02, 0.2, 0.6])
    assert curve.reaches(0.2) == pytest.approx(336.0)


def test_a_modes_own_probability_says_which_share_of_the_hazard_is_its_own():
    assessment = an_assessment(probability=0.1, curve=((72.0, 0.05), (336.0, 0.3), (1008.0, 0.6)))

    curve = failure_curve(assessment, "bearing_wear", Axis(), now=NOON)

    assert curve.probability(336.0) == pytest.approx(0.1)
    assert curve.probability(1008.0) < 0.6


def test_a_mode_that_is_surer_than_the_whole_machine_is_believed():
    assessment = an_assessment(probability=0.5, curve=((72.0, 0.0), (336.0, 0.1), (1008.0, 0.2)))

    assert failure_curve(assessment, "bearing_wear", Axis(), now=NOON).probability(336.0) == pytest.approx(0.5)


def test_without_a_distribution_the_hazard_is_constant():
    curve = failure_curve(an_assessment(probability=0.2), "bearing_wear", Axis(), now=NOON)

    assert curve.probability(336.0) == pytest.approx(0.2)
    assert curve.probability(672.0) == pytest.approx(1 - 0.8**2)


def test_the_band_of_the_remaining_life_is_a_distribution_of_three_points():
    assessment = an_assessment(risks=(), remaining_life=RemainingLife(240.0, 120.0, 480.0, "h"))

    curve = failure_curve(assessment, "unspecified", Axis(), now=NOON)

    assert curve.probability([120.0, 240.0, 480.0]) == pytest.approx([0.05, 0.5, 0.95])


def test_time_that_passed_without_failure_since_the_reading_is_taken_off():
    old = an_assessment(risks=(), curve=((100.0, 0.5), (200.0, 0.75)), data_time=NOON - timedelta(hours=100))

    assert failure_curve(old, "unspecified", Axis(), now=NOON).probability(100.0) == pytest.approx(0.5)


def test_cycles_become_days_by_the_rate_of_the_class():
    axis = Axis("usage", 1.0, "cycles", 4.0)
    assessment = an_assessment(risks=(Risk("bearing_wear", 40.0, "cycles", 0.3),))

    assert failure_curve(assessment, "bearing_wear", axis, now=NOON).until(NOON + 10 * DAY) == pytest.approx(0.3)


def test_an_assessment_that_says_nothing_gives_no_curve():
    assert failure_curve(an_assessment(risks=()), "bearing_wear", Axis(), now=NOON) is None


# Prices

COSTS = Costs(24000.0, 3200.0, 350.0, secondary_damage=4000.0, standstill_hours=12.0, standstill_price=900.0)
JOB = JobPackage("pump", "bearing_wear", "bearing", tasks=(Task("Do it", "mechanic", 10.0),))


def priced(asset=None, listed=(), costs=COSTS, job=JOB):
    return prices_for(costs, job, asset or an_asset(), Axis(), Planning(), listed=listed, now=NOON)


def test_the_classes_figures_are_what_a_failure_costs_without_a_spare():
    assert priced().unplanned == 24000.0
    assert priced().outside == 3200.0 + 10 * 900.0
    assert priced().in_stop == 3200.0


def test_a_spare_leaves_a_share_of_the_lost_production_and_all_of_the_damage():
    spare = priced(an_asset(redundancy="1 of 2 with P-102"))

    assert spare.unplanned == 24000.0 - 12 * 900.0 * 0.9
    assert "spare" in " ".join(spare.assumptions)


def test_an_isolatable_machine_with_a_spare_is_repaired_while_the_line_runs():
    job = replace(JOB, isolatable_while_running=True)

    assert priced(an_asset(redundancy="1 of 2"), job=job).outside == 3200.0
    assert priced(an_asset(), job=job).outside == 12200.0, "without a spare the line stands"


def test_words_about_redundancy_that_nobody_understands_count_as_no_spare_and_say_so():
    odd = priced(an_asset(redundancy="Reserve im Lager"))

    assert odd.unplanned == 24000.0
    assert any("Reserve im Lager" in sentence for sentence in odd.assumptions)


def test_the_nearest_price_that_holds_now_counts():
    listed = [
        Price("", 100.0),
        Price("pump", 200.0),
        Price("site/area", 300.0),
        Price("site/area/line-1", 400.0, end=NOON),
        Price("P-999", 999.0),
    ]

    assert priced(listed=listed).unplanned == 24000.0 + 12 * (300.0 - 900.0)
    assert priced(listed=[*listed, Price("P-101", 1800.0)]).outside == 3200.0 + 18000.0
    assert priced(Asset("X", "pump"), listed=listed).outside == 3200.0 + 2000.0


def test_the_advice_is_told_in_sentences_with_its_assumptions():
    curve = FailureCurve(NOON, (0.0, 1000.0), (0.0, 0.1), "the remaining-life curve")
    advice = advised(curve)

    told = " ".join(sentences(advice, "UTC"))

    assert "the stop 'spring' on 22 Mar 2026" in told
    assert "more risk" in told
    assert "saves 3,800 EUR of production" in told
    assert "remaining-life curve" in assumptions(advice)[0]
