"""What new assessments lead to: all of it or nothing, once."""

import time
from datetime import timedelta

import pytest

from pdm.adapters.sql.stores import SqlAlerts
from pdm.alerts.alert import AlertState
from pdm.catalogue import Policy
from pdm.errors import StoreError
from pdm.operations.answer_alert import close_alert, shelve_alert
from pdm.operations.cancel_request import cancel_request
from pdm.operations.consider_assessments import AlertReport, consider_assessments
from pdm.operations.record_verdict import record_verdict
from pdm.readings.exclusions import exclude
from pdm.readings.registry import register
from pdm.scoring.assessment import Risk
from pdm.testing.builders import NOON, an_assessment, an_asset
from pdm.testing.plants import a_plant
from pdm.work.request import RequestState

HOUR = timedelta(hours=1)
PERSISTENT = Policy(raise_at=0.4, clear_at=0.2, persistence=(2, 3))


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    register(plant.history, [an_asset(), an_asset("P-102", criticality=1)], [], now=NOON - 24 * HOUR)
    return plant


def score(plant, hour, probability, **changes):
    """One hour of scoring P-101."""
    plant.clock.set(NOON + hour * HOUR)
    return consider_assessments(plant, [an_assessment(probability=probability, hours=hour, **changes)])


def alerts(plant, **filters):
    with plant.unit_of_work() as work:
        return work.alerts.list(**filters)


def requests(plant):
    with plant.unit_of_work() as work:
        return work.requests.list()


def test_a_high_score_becomes_an_alert_a_case_and_a_suggested_request(plant):
    report = score(plant, 0, 0.9)

    assert report == AlertReport(raised=1, cases_opened=1, requests_drafted=1)
    with plant.unit_of_work() as work:
        (alert,) = work.alerts.list(states=[AlertState.UNACKNOWLEDGED])
        (case,) = work.cases.list(state="open")
        (request,) = work.requests.list()
        assert alert.case_id == case.id == request.case_id
        assert request.state is RequestState.SUGGESTED
        assert work.outbox.pending() == []
        assert {entry.verb for entry in work.audit.list()} == {"raise", "open", "suggest"}
        assert work.audit.verify() == 3


def test_a_policy_of_drafting_approves_and_queues_in_its_own_name(tmp_path):
    plant = a_plant(tmp_path, policy=Policy(raise_at=0.4, clear_at=0.2, persistence=(1, 1), auto_request="draft"))

    score(plant, 0, 0.9)

    (request,) = requests(plant)
    with plant.unit_of_work() as work:
        (message,) = work.outbox.pending()
        (approval,) = [entry for entry in work.audit.list() if entry.verb == "approve"]
    assert request.state is RequestState.APPROVED
    assert message.key == request.external_ref
    assert message.body["title"] == request.title
    assert approval.who == "policy"


def test_the_same_assessments_twice_change_nothing(plant):
    batch = [an_assessment(probability=value, hours=hour) for hour, value in enumerate([0.9, 0.1, 0.1, 0.9])]
    first = consider_assessments(plant, batch)
    before = alerts(plant), requests(plant)

    second = consider_assessments(plant, batch)

    assert first.raised == 1
    assert second == AlertReport()
    assert (alerts(plant), requests(plant)) == before
    with plant.unit_of_work() as work:
        assert len(work.assessments.history("P-101", NOON, NOON + 5 * HOUR)) == 4


def test_scoring_the_same_reading_again_is_no_persistence(tmp_path):
    plant = a_plant(tmp_path, policy=PERSISTENT)

    for hour in range(4):
        score(plant, hour, 0.9, data_time=NOON)

    (alert,) = alerts(plant)
    assert alert.state is AlertState.PENDING


def test_an_older_assessment_is_stored_but_decides_nothing(plant):
    score(plant, 5, 0.1)

    report = score(plant, 3, 0.9)

    assert report == AlertReport()
    with plant.unit_of_work() as work:
        assert [one.as_of for one in work.assessments.latest()] == [NOON + 5 * HOUR]
        assert len(work.assessments.history("P-101", NOON, NOON + 9 * HOUR)) == 2


def test_two_modes_of_one_asset_share_a_case(plant):
    risks = (Risk("bearing_wear", 336.0, "h", 0.9), Risk("seal_leak", 336.0, "h", 0.6))

    report = consider_assessments(plant, [an_assessment(risks=risks)])

    assert report == AlertReport(raised=2, cases_opened=1, requests_drafted=2)
    assert len({alert.case_id for alert in alerts(plant)}) == 1


def test_a_critical_asset_gets_a_higher_priority(plant):
    consider_assessments(plant, [an_assessment("P-101", 0.9), an_assessment("P-102", 0.9)])

    assert {request.asset: request.priority for request in requests(plant)} == {"P-101": 2, "P-102": 1}


def test_a_score_that_goes_back_waits_for_an_answer_and_a_retrip_drafts_no_second_request(plant):
    score(plant, 0, 0.9)

    assert score(plant, 1, 0.1).returned == 1
    assert score(plant, 2, 0.9).reopened == 1

    assert len(alerts(plant)) == 1
    assert len(requests(plant)) == 1


def test_what_comes_after_closing_is_a_repeat_in_a_new_case_with_a_new_request(plant):
    score(plant, 0, 0.9)
    (first,) = alerts(plant)
    cancel_request(plant, requests(plant)[0].id, by="planner", why="known resonance")
    close_alert(plant, first.id, by="ada", why="known resonance")

    score(plant, 1, 0.9)

    (second,) = alerts(plant, states=[AlertState.UNACKNOWLEDGED])
    assert second.repeat_of == first.id
    assert second.case_id != first.case_id
    assert len(requests(plant)) == 2


def test_a_shelved_alert_comes_back_even_when_nothing_is_scored(plant):
    score(plant, 0, 0.9)
    (alert,) = alerts(plant)
    shelve_alert(plant, alert.id, by="ada", why="stop on Friday", until=NOON + 2 * HOUR)
    plant.clock.set(NOON + 3 * HOUR)

    consider_assessments(plant, [])

    (back,) = alerts(plant)
    assert back.state is AlertState.UNACKNOWLEDGED
    with plant.unit_of_work() as work:
        assert work.audit.list()[0].verb == "expire"


def test_an_exclusion_keeps_an_asset_quiet(plant):
    exclude(plant.history, "P-101", NOON - HOUR, NOON + HOUR, reason="trial run", now=NOON - HOUR, alert=False)

    report = consider_assessments(plant, [an_assessment("P-101", 0.9), an_assessment("P-102", 0.9)])

    assert report.raised == 1
    assert [alert.asset for alert in alerts(plant)] == ["P-102"]


def test_an_exclusion_from_learning_alone_keeps_nobody_quiet(plant):
    exclude(plant.history, "P-101", NOON - HOUR, NOON + HOUR, reason="odd", now=NOON - HOUR, learn=False, alert=True)

    assert score(plant, 0, 0.9).raised == 1


@pytest.mark.parametrize("changes", [{"data": "stale"}, {"data": "bad quality"}, {"model": "error"}])
def test_bad_data_alone_never_disturbs_anybody(plant, changes):
    reports = [score(plant, hour, 0.99, **changes) for hour in range(4)]

    assert reports == [AlertReport()] * 4
    assert alerts(plant) == []


def test_no_alert_joins_a_case_that_a_verdict_closes_meanwhile(plant, monkeypatch):
    score(plant, 0, 0.9)
    (case_id,) = {alert.case_id for alert in alerts(plant)}
    list_alerts = SqlAlerts.list

    def meanwhile(self, **filters):
        found = list_alerts(self, **filters)
        monkeypatch.undo()
        record_verdict(plant, case_id, by="ada", found="nothing", inspected=True)
        return found

    monkeypatch.setattr(SqlAlerts, "list", meanwhile)
    score(plant, 1, 0.9, mode="seal_leak")

    (alert,) = alerts(plant, states=[AlertState.UNACKNOWLEDGED])
    assert alert.case_id != case_id
    with plant.unit_of_work() as work:
        assert work.cases.get(case_id).state == "closed"
        assert work.cases.get(alert.case_id).state == "open"


def test_a_crash_before_the_commit_leaves_nothing_behind(plant, monkeypatch):
    monkeypatch.setattr(
        "pdm.adapters.sql.unit_of_work.SqlUnitOfWork.commit", lambda _: (_ for _ in ()).throw(StoreError("power cut"))
    )
    with pytest.raises(StoreError, match="power cut"):
        score(plant, 0, 0.9)
    monkeypatch.undo()

    with plant.unit_of_work() as work:
        assert work.alerts.list() == []
        assert work.assessments.latest() == []
        assert work.audit.verify() == 0


def test_a_fleet_of_sixty_is_considered_in_no_time(plant):
    fleet = [an_assessment(f"P-{n}", 0.9 if n % 6 == 0 else 0.1) for n in range(60)]
    consider_assessments(plant, [an_assessment("warm-up", 0.1)])

    start = time.process_time()
    report = consider_assessments(plant, fleet)

    assert report.raised == 10
    assert time.process_time() - start < 1.0  # measured 0.1; generous for a busy machine
