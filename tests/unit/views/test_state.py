from dataclasses import replace
from datetime import timedelta

from pdm.testing.builders import NOON, an_assessment
from pdm.views.state import four_words

DAY = timedelta(days=1)


def test_a_fresh_assessment_keeps_its_words():
    state = four_words(an_assessment(), NOON, DAY)

    assert (state.equipment, state.condition, state.data, state.model, state.why) == (
        "running",
        "normal",
        "fresh",
        "ok",
        "",
    )


def test_nothing_is_normal_once_the_data_have_stopped():
    old = replace(an_assessment(), data_time=NOON - timedelta(hours=20))

    state = four_words(old, NOON + timedelta(hours=5), DAY)

    assert (state.condition, state.data, state.equipment) == ("unknown", "stale", "unknown")
    assert "25 hours ago" in state.why


def test_nothing_is_normal_once_scoring_has_stopped():
    state = four_words(an_assessment(), NOON + timedelta(days=3), DAY)

    assert (state.condition, state.data) == ("unknown", "stale")
    assert "scoring has stopped" in state.why


def test_an_asset_that_was_never_assessed_is_unknown():
    state = four_words(None, NOON, DAY)

    assert (state.condition, state.model) == ("unknown", "no model")


def test_bad_readings_are_named():
    bad = replace(an_assessment(), condition="unknown", data="bad quality", quality_flags=("vibration is stuck",))

    assert "vibration is stuck" in four_words(bad, NOON, DAY).why


def test_a_machine_that_stands_by_is_unknown_for_that_reason():
    idle = replace(an_assessment(), condition="unknown", equipment="standby")

    assert "wear is judged when it runs" in four_words(idle, NOON, DAY).why
