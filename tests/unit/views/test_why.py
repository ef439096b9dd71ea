"""Why is there no alert: every reason there can be, told with its numbers, now and at any earlier moment."""

from datetime import timedelta

import pytest

from pdm.alerts.alert import AlertState
from pdm.catalogue import Policy
from pdm.errors import InputError, NotFound
from pdm.operations.answer_alert import acknowledge_alert, close_alert, shelve_alert, take_out_of_service
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.exclude_interval import exclude_interval
from pdm.operations.record_verdict import record_verdict
from pdm.operations.reopen_case import reopen_case
from pdm.readings.registry import register
from pdm.scoring.assessment import Deviation, Risk
from pdm.testing.builders import NOON, an_assessment, an_asset
from pdm.testing.plants import a_plant
from pdm.views.why import why_no_alert

HOUR = timedelta(hours=1)
POLICY = Policy(raise_at=0.4, clear_at=0.2, persistence=(2, 3), by_criticality={2: 0.35}, raise_below=240.0)


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path, policy=POLICY)
    register(plant.history, [an_asset(criticality=2)], [], now=NOON - 24 * HOUR)
    return plant


def score(plant, hour, probability=0.1, **changes):
    plant.clock.set(NOON + hour * HOUR)
    consider_assessments(plant, [an_assessment(probability=probability, hours=hour, **changes)])


def the_alert(plant):
    with plant.unit_of_work() as work:
        return work.alerts.list()[0]


def test_below_its_limits_with_the_numbers(plant):
    score(plant, 0, 0.1, life=480.0)

    found = why_no_alert(plant, "P-101")

    assert found.sentence == "No alert: Bearing wear, drive end: below its limits (10 % against 35 %)."
    told = {one.question: one.sentence for one in found.modes[0].answers}
    assert told["Is the probability of failure at its limit?"] == (
        "No: 10 % within 14 d; 35 % raise on an asset of criticality 2."
    )
    assert told["Is the remaining life below its limit?"] == "No: 10–40 days, median 20 days; less than 10 days raise."


def test_seen_once_but_not_often_enough(plant):
    score(plant, 0, 0.1)
    score(plant, 1, 0.9)

    found = why_no_alert(plant, "P-101")

    assert found.modes[0].state == "pending"
    assert "but not yet 2 of 3 times" in found.sentence
    told = {one.question: one.sentence for one in found.modes[0].answers}
    assert told["Often and long enough?"] == "1 of the last 1 assessments were at a limit, 2 of 3 are needed."


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"data": "stale"}, "Could the data be trusted? No: stale"),
        ({"data": "bad quality", "quality_flags": ("vibration is stuck",)}, "vibration is stuck"),
        ({"data": "no data", "data_time": None}, "No: no data (without readings)"),
        ({"model": "no model"}, "Was there a model? No: no model"),
        ({"model": "error"}, "Was there a model? No: error"),
        ({"equipment": "standby"}, "Did it run? No: standby"),
        ({"equipment": "transient"}, "Did it run? No: transient"),
    ],
)
def test_what_says_nothing_is_named(plant, changes, says):
    score(plant, 0, 0.9, **changes)
    score(plant, 1, 0.9, **changes)

    assert says in why_no_alert(plant, "P-101").sentence


def test_never_assessed_and_scoring_that_stopped(plant):
    assert "had not been assessed" in why_no_alert(plant, "P-101").sentence
    score(plant, 0)
    plant.clock.set(NOON + 48 * HOUR)

    assert "scoring had stopped" in why_no_alert(plant, "P-101").sentence


def test_a_marked_interval_with_its_reason(plant):
    exclude_interval(plant, asset="P-101", start=NOON, end=NOON + 9 * HOUR, reason="planned stop", by="ada")
    score(plant, 1, 0.9)
    score(plant, 2, 0.9)

    assert "suppressed until" in why_no_alert(plant, "P-101").sentence
    assert "(planned stop)" in why_no_alert(plant, "P-101").sentence


def test_an_alert_that_is_there_shelved_or_out_of_service(plant):
    score(plant, 0, 0.9)
    score(plant, 1, 0.9)
    raised = why_no_alert(plant, "P-101").sentence
    shelve_alert(plant, the_alert(plant).id, by="ada", why="parts on Monday", until=NOON + 30 * HOUR)
    shelved = why_no_alert(plant, "P-101").sentence
    take_out_of_service(plant, "P-101", "seal_leak", by="ada", why="no seal in this pump")
    modes = {one.mode: one.state for one in why_no_alert(plant, "P-101").modes}

    assert raised.startswith("There is an alert: Bearing wear, drive end.")
    assert "shelved until 3 Mar 2026, 19:00: parts on Monday" in shelved
    assert modes == {"bearing_wear": "shelved", "seal_leak": "out of service"}


def test_an_alert_that_a_person_raised_again_is_there_too(plant):
    score(plant, 0, 0.9)
    score(plant, 1, 0.9)
    case = the_alert(plant).case_id
    record_verdict(plant, case, by="ada", found="damage", inspected=True, severity="degraded", action="repaired")
    plant.clock.set(NOON + 3 * HOUR)
    reopen_case(plant, case, by="ben", why="the whine is still there")

    assert why_no_alert(plant, "P-101", at=NOON + 2 * HOUR).modes[0].state == "normal"
    found = why_no_alert(plant, "P-101")
    assert found.sentence.startswith("There is an alert: Bearing wear, drive end.")
    with plant.unit_of_work() as work:
        (follower,) = work.alerts.list(states=[AlertState.UNACKNOWLEDGED])
    assert found.modes[0].alert == follower.id


def test_any_earlier_moment_is_decided_again_from_what_is_stored(plant):
    for hour, probability in enumerate((0.1, 0.9, 0.9, 0.1)):
        score(plant, hour, probability)
    alert = the_alert(plant)
    acknowledge_alert(plant, alert.id, by="ada")
    plant.clock.set(NOON + 4 * HOUR)
    close_alert(plant, alert.id, by="ada", why="filter changed")
    score(plant, 6, 0.1)

    states = {}
    for hours in (0.5, 1.5, 2.5, 3.5, 6):
        found = why_no_alert(plant, "P-101", at=NOON + hours * HOUR)
        states[hours] = found.modes[0].state
    assert states == {0.5: "normal", 1.5: "pending", 2.5: "unacknowledged", 3.5: "acknowledged", 6: "normal"}


def test_a_deviation_is_told_in_its_own_words(plant):
    away = Deviation("bearing_wear", 0.6, ("vibration",), "vibration 1 mm/s above expected")
    score(plant, 0, 0.1, deviations=(away,))

    told = {one.question: one.sentence for one in why_no_alert(plant, "P-101").modes[0].answers}
    assert told["Does it deviate from what is expected?"] == (
        "No: it stands at 0.60 of its limit, 1.00 raise (vibration 1 mm/s above expected)."
    )


def test_nobody_knows_the_future_or_a_stranger(plant):
    with pytest.raises(InputError, match="nobody knows"):
        why_no_alert(plant, "P-101", at=NOON + HOUR)
    with pytest.raises(NotFound):
        why_no_alert(plant, "P-999")


def test_a_failure_mode_that_the_model_abstains_from_is_told_with_its_number_and_raises_nothing(plant):
    risks = (Risk("bearing_wear", 336.0, "h", 0.1), Risk("seal_leak", 336.0, "h", 0.9, abstained=True))
    for hour in range(3):
        score(plant, hour, risks=risks)

    found = why_no_alert(plant, "P-101")

    with plant.unit_of_work() as work:
        assert work.alerts.list() == []
    told = {one.mode: one for one in found.modes}["seal_leak"]
    assert told.state == "normal"
    assert told.answers[0].question == "May it raise an alert?"
    assert told.sentence == "no alert rests on it: 90 % within 14 d is shown, and the model abstains."
    assert told.sentence.rstrip(".") in found.sentence
