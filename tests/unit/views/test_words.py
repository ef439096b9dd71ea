from datetime import UTC, datetime, timedelta

import pytest

from pdm.catalogue import Axis
from pdm.scoring.assessment import RemainingLife, Risk
from pdm.views import words

HOURS = Axis()
CYCLES = Axis("usage", 1.0, "cycles", 4.0)
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(2, 9, "2–9 hours"), (24, 71, "24–71 hours"), (24, 96, "1–4 days"), (288, 744, "12–31 days"), (1, 1, "1 hour")],
)
def test_a_band_is_said_in_the_unit_that_people_plan_in(low, high, said):
    assert words.band(RemainingLife((low + high) / 2, low, high, "h"), HOURS) == said


def test_a_machine_beyond_the_models_sight_has_more_than_the_cap():
    life = RemainingLife(1080, 1080, 1080, "h", at_cap=True)

    assert words.band(life, HOURS) == "more than 45 days"
    assert words.band(RemainingLife(125, 125, 125, "cycles", at_cap=True), CYCLES) == "more than 125 cycles"


def test_a_counter_brings_its_calendar_along():
    assert words.band(RemainingLife(50, 37, 62, "cycles"), CYCLES) == "37–62 cycles (about 9–16 days)"


def test_no_band_is_a_dash_and_never_a_number():
    assert words.band(None, HOURS) == "–"


@pytest.mark.parametrize("probability", [0.0, 0.004, 0.5, 0.996, 1.0])
def test_no_probability_is_called_certain(probability):
    assert words.percent(probability) not in ("0 %", "100 %")


def test_a_risk_names_its_horizon():
    assert words.risk(Risk("bearing_wear", 24, "h", 0.5), HOURS, None) == "bearing wear 50 % within 24 h"
    assert words.risk(Risk("unspecified", 30, "cycles", 0.5), CYCLES, None) == "failure 50 % within 30 cycles"


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 minutes ago"),
        (timedelta(minutes=95), "2 hours ago"),
        (timedelta(hours=47), "47 hours ago"),
        (timedelta(days=20), "20 days ago"),
        (-timedelta(hours=3), "in 3 hours"),
    ],
)
def test_ages_are_said_roughly(age, said):
    assert words.ago(NOON - age, NOON) == said


def test_moments_are_told_on_the_plants_clock_summer_time_included():
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)

    assert words.when(before, "Europe/Berlin") == "28 Mar 2026, 13:00"
    assert words.when(NOON, "Europe/Berlin") == "29 Mar 2026, 14:00"
    assert words.when(None, "Europe/Berlin") == "–"
