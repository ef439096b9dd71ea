"""What an alert's page says of its evidence: the channels that speak, lengths with an open end, and where to begin."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.catalogue import Axis, load_catalogue
from pdm.scoring.assessment import Contribution, Deviation, RemainingLife, Risk
from pdm.testing.builders import NOON, an_alert, an_assessment
from pdm.views.ahead import ahead
from pdm.views.alert import alert_page
from pdm.views.alert_sentences import trend
from pdm.views.asset import deviation_sentences, life_band
from pdm.views.evidence import speaking_channels
from pdm.views.rung import Standing
from pdm.workspace import Workspace

AWAY = Deviation(
    "bearing_wear", 2.94, ("vibration",), "vibration velocity 1.3 mm/s above expected, for 22 days; flow 3 m3/h below expected, for 2 days"
)  # fmt: skip
LIFE = RemainingLife(
    480.0, 120.0, 1080.0, "h", NOON, NOON + timedelta(days=5), NOON + timedelta(days=45), open_end=True
)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    return load_catalogue(Workspace(tmp_path_factory.mktemp("home")))


def test_the_alert_draws_the_channels_that_speak_for_it(plant):
    with plant.unit_of_work() as work:
        alert = work.alerts.list(asset="P-101")[0].id

    page = alert_page(plant, alert)

    assert [chart.name for chart in page.charts] == ["vibration", "bearing_temperature", "motor_current"]
    assert page.charts[0].summary.startswith("Latest 7.76 mm/s")


def test_channels_that_lower_the_risk_do_not_speak_and_deviations_come_last(catalogue):
    told = [Contribution("a", "speed", "", 1.0, "rpm", -2.0), Contribution("b", "flow", "", 1.0, "m3/h", 0.5)]
    told += [Contribution("c", "vibration", "", 1.0, "mm/s", 1.5), Contribution("d", "", "", 1.0, "h", 9.0)]
    latest = an_assessment(deviations=(Deviation("bearing_wear", 1.2, ("bearing_temperature", "flow")),))

    found = speaking_channels(told, latest, catalogue.asset_class("pump"))

    assert found == ["vibration", "flow", "bearing_temperature"]


def test_a_deviation_is_told_channel_by_channel_with_its_level_in_words(catalogue):
    model = catalogue.model("pump")
    unknown = replace(AWAY, mode="unspecified", level=0.8, sentence="flow 3 m3/h below expected, for 2 days")

    assert deviation_sentences(an_assessment(deviations=(unknown, AWAY)), model) == (
        "Vibration velocity 1.3 mm/s above expected, for 22 days.",
        "Flow 3 m3/h below expected, for 2 days.",
        "Together 2.9 times the alert limit; these are signs of bearing wear, drive end.",
        "Flow 3 m3/h below expected, for 2 days.",
        "Together 80 % of the alert limit; it fits no failure mode in particular.",
    )


def test_a_life_that_reaches_to_where_the_model_stops_looking_has_an_open_end_and_a_name(catalogue):
    pump, model = catalogue.asset_class("pump"), catalogue.model("pump")
    race = (Risk("bearing_wear", 336.0, "h", 0.2), Risk("seal_leak", 336.0, "h", 0.05))
    one = an_assessment(remaining_life=LIFE, curve=((336.0, 0.3), (1008.0, 0.6)), first=race)

    band = life_band(one, pump, "UTC", ahead(one, pump, model, Standing()))

    assert (band.until, band.sentence) == ("Bearing wear, drive end", "5 to more than 45 days")
    assert band.high == 1.0
    assert " to after " in band.dates


def test_an_alert_without_a_probability_has_the_trend_of_its_remaining_life():
    alert = an_alert(mode="unspecified", horizon=0.0, remaining={"median": 300.0})
    longer = replace(LIFE, low=480.0, high=960.0, open_end=False)
    history = [an_assessment(remaining_life=longer), an_assessment(hours=24, remaining_life=LIFE)]

    assert trend(history, alert, Axis()) == "remaining life was 20–40 days, and is 5 to more than 45 days"
    assert trend(history[:1], alert, Axis()) == "too few assessments for a trend"


def test_a_failure_of_unknown_kind_begins_with_the_likeliest(catalogue):
    from pdm.views.alert import _first_of  # what the page shows where the alert's mode is unknown

    pump, model = catalogue.asset_class("pump"), catalogue.model("pump")
    race = (Risk("bearing_wear", 336.0, "h", 0.02), Risk("seal_leak", 336.0, "h", 0.2))
    one = an_assessment(curve=((336.0, 0.3), (1008.0, 0.6)), first=race)

    said = _first_of(ahead(one, pump, model, Standing()), model)

    assert said.startswith(
        "Nobody knows which failure it is. Begin with the likeliest, Leaking mechanical seal: Look at the"
    )
    assert _first_of(None, model) == ""
