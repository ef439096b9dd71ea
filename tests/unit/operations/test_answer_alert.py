"""What people may do with an alert, and that every step is on record."""

from datetime import timedelta

import pytest

from pdm.alerts.alert import AlertState
from pdm.errors import IllegalTransition, InputError, NotFound
from pdm.operations.answer_alert import (
    acknowledge_alert,
    claim_alert,
    close_alert,
    release_alert,
    shelve_alert,
    unshelve_alert,
)
from pdm.operations.consider_assessments import consider_assessments
from pdm.testing.builders import NOON, an_assessment
from pdm.testing.plants import a_plant

HOUR = timedelta(hours=1)


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    consider_assessments(plant, [an_assessment(probability=0.9)])
    return plant


@pytest.fixture
def alert_id(plant):
    with plant.unit_of_work() as work:
        return work.alerts.list()[0].id


def test_acknowledging_is_on_record_with_who_when_and_why(plant, alert_id):
    plant.clock.advance(HOUR)

    alert = acknowledge_alert(plant, alert_id, by="ada", why="looks real")

    assert alert.state is AlertState.ACKNOWLEDGED
    with plant.unit_of_work() as work:
        entry = work.audit.list(subject=f"alert:{alert_id}")[0]
    assert (entry.who, entry.verb, entry.why, entry.at) == ("ada", "acknowledge", "looks real", NOON + HOUR)
    assert entry.details == {"from": "unacknowledged", "to": "acknowledged"}


def test_an_illegal_step_names_the_state_and_leaves_no_trace(plant, alert_id):
    acknowledge_alert(plant, alert_id, by="ada")

    with pytest.raises(IllegalTransition, match="is acknowledged: it cannot acknowledge"):
        acknowledge_alert(plant, alert_id, by="bob")

    with plant.unit_of_work() as work:
        assert "bob" not in {entry.who for entry in work.audit.list()}


def test_one_owner_at_a_time(plant, alert_id):
    assert claim_alert(plant, alert_id, by="ada").owner == "ada"
    with pytest.raises(IllegalTransition, match="ada's"):
        claim_alert(plant, alert_id, by="bob")

    assert release_alert(plant, alert_id, by="bob", why="ada is on holiday").owner == ""
    assert claim_alert(plant, alert_id, by="bob").owner == "bob"


def test_what_nobody_has_cannot_be_released(plant, alert_id):
    with pytest.raises(IllegalTransition, match="nobody's"):
        release_alert(plant, alert_id, by="ada")


def test_shelving_and_unshelving(plant, alert_id):
    shelved = shelve_alert(plant, alert_id, by="ada", why="stop on Friday", until=NOON + 48 * HOUR)

    assert shelved.state is AlertState.SHELVED
    assert shelved.shelved_reason == "stop on Friday"
    assert unshelve_alert(plant, alert_id, by="ada").state is AlertState.UNACKNOWLEDGED


def test_shelving_never_deletes(plant, alert_id):
    shelve_alert(plant, alert_id, by="ada", why="stop on Friday", until=NOON + 48 * HOUR)

    with plant.unit_of_work() as work:
        assert [alert.id for alert in work.alerts.list()] == [alert_id]


def test_closing_needs_a_reason(plant, alert_id):
    with pytest.raises(InputError, match="why alert"):
        close_alert(plant, alert_id, by="ada", why="")


def test_closing_by_hand_leaves_the_case_open_while_work_is_open(plant, alert_id):
    alert = close_alert(plant, alert_id, by="ada", why="resonance")

    with plant.unit_of_work() as work:
        assert work.cases.get(alert.case_id).state == "open"


def test_a_returned_alert_is_answered_with_a_reason(plant, alert_id):
    plant.clock.advance(HOUR)
    consider_assessments(plant, [an_assessment(probability=0.1, hours=1)])

    with pytest.raises(InputError, match="went back"):
        acknowledge_alert(plant, alert_id, by="ada")

    assert acknowledge_alert(plant, alert_id, by="ada", why="load was reduced").state is AlertState.CLOSED


def test_nobody_answers_anonymously(plant, alert_id):
    with pytest.raises(InputError, match="needs a name"):
        acknowledge_alert(plant, alert_id, by=" ")


def test_an_unknown_alert_is_not_found(plant):
    with pytest.raises(NotFound, match="no alert nowhere"):
        acknowledge_alert(plant, "nowhere", by="ada")
