from dataclasses import replace

import pytest

from pdm.alerts.alert import AlertState
from pdm.errors import IllegalTransition, InputError, NotFound
from pdm.operations.answer_alert import close_alert
from pdm.operations.cancel_request import cancel_request
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.raise_request import raise_request
from pdm.operations.record_verdict import record_verdict
from pdm.operations.reopen_case import reopen_case
from pdm.scoring.assessment import Risk
from pdm.testing.builders import an_assessment
from pdm.testing.plants import a_plant
from pdm.views.queue import case_queue

WHY = "the whine is still there"
RISKS = (Risk("bearing_wear", 336.0, "h", 0.7), Risk("seal_leak", 336.0, "h", 0.5))


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    consider_assessments(plant, [an_assessment("P-101", risks=RISKS)])
    return plant


@pytest.fixture
def repaired(plant):
    """The id of a case that a repair has closed."""
    case = case_queue(plant)[0].case
    record_verdict(plant, case.id, by="Ada", found="damage", inspected=True, severity="degraded", action="repaired")
    return case.id


def open_now(plant):
    with plant.unit_of_work() as work:
        return work.cases.list(state="open"), work.alerts.list(states=[AlertState.UNACKNOWLEDGED])


def test_a_new_case_follows_with_the_same_suspicions_as_repeats(plant, repaired):
    follower = reopen_case(plant, repaired, by="Ben", why=WHY)

    assert [row.case.id for row in case_queue(plant)] == [follower.id]
    with plant.unit_of_work() as work:
        before = {one.failure_mode: one.id for one in work.alerts.list(case_id=repaired)}
        said = {entry.verb: entry for entry in work.audit.list(subject=f"case:{repaired}")}
        assert work.cases.get(repaired).state == "closed"
        assert len(work.verdicts.for_case(repaired)) == 1
    _, alerts = open_now(plant)
    assert {one.failure_mode: one.repeat_of for one in alerts} == before
    assert {one.case_id for one in alerts} == {follower.id} != {repaired}
    assert (said["reopen"].who, said["reopen"].why, said["reopen"].details) == ("Ben", WHY, {"as": follower.id})


def test_the_follower_lives_like_any_other_case(plant, repaired):
    follower = reopen_case(plant, repaired, by="Ben", why=WHY)

    request = raise_request(plant, follower.id, by="Ben")
    consider_assessments(plant, [an_assessment("P-101", hours=6, risks=RISKS)])
    verdict = record_verdict(plant, follower.id, by="Ada", found="nothing", inspected=True)

    assert request.case_id == verdict.case_id == follower.id
    assert open_now(plant) == ([], [])


def test_what_the_scores_had_begun_to_suspect_again_is_raised_and_not_doubled(plant, repaired):
    with plant.unit_of_work() as work:
        closed = next(one for one in work.alerts.list(case_id=repaired) if one.failure_mode == "bearing_wear")
        begun = replace(
            closed, id="al-begun", state=AlertState.PENDING, raised_at=None, closed_at=None, case_id="", version=0
        )
        work.alerts.save(begun)
        work.commit()

    reopen_case(plant, repaired, by="Ben", why=WHY)

    _, alerts = open_now(plant)
    assert [one.id for one in alerts if one.failure_mode == "bearing_wear"] == ["al-begun"]


def test_it_is_refused_where_nothing_can_be_opened_again_and_nothing_changes(plant):
    case = case_queue(plant)[0].case
    with pytest.raises(IllegalTransition, match="is open"):
        reopen_case(plant, case.id, by="Ben", why=WHY)
    with pytest.raises(NotFound):
        reopen_case(plant, "ca-none", by="Ben", why=WHY)
    record_verdict(plant, case.id, by="Ada", found="damage", inspected=True, severity="degraded", action="repaired")
    with pytest.raises(InputError, match="reason"):
        reopen_case(plant, case.id, by="Ben", why=" ")
    assert open_now(plant) == ([], [])

    reopen_case(plant, case.id, by="Ben", why=WHY)
    before = open_now(plant)
    with pytest.raises(IllegalTransition, match="open case already"):
        reopen_case(plant, case.id, by="Ben", why=WHY)
    assert open_now(plant) == before


def test_a_refusal_is_an_answer_and_nothing_is_asked_twice(plant, repaired):
    reopen_case(plant, repaired, by="Ben", why=WHY)
    opened = []

    def counted():
        opened.append(1)
        return plant.unit_of_work()

    with pytest.raises(IllegalTransition):
        reopen_case(replace(plant, unit_of_work=counted), repaired, by="Ben", why=WHY)
    assert len(opened) == 1


def test_a_case_may_be_opened_again_once_more_though_the_clock_stands_still(plant, repaired):
    first = reopen_case(plant, repaired, by="Ben", why=WHY)
    record_verdict(plant, first.id, by="Ada", found="damage", inspected=True, severity="degraded", action="repaired")

    second = reopen_case(plant, repaired, by="Ben", why=WHY)

    assert second.id not in (first.id, repaired)


def test_a_case_that_ended_without_a_verdict_names_no_repair_that_could_have_failed(plant):
    case = case_queue(plant)[0].case
    with plant.unit_of_work() as work:
        alerts, requests = work.alerts.list(case_id=case.id), work.requests.list(case_id=case.id)
    for one in requests:
        cancel_request(plant, one.id, by="Ada", why="not needed")
    for alert in alerts:
        close_alert(plant, alert.id, by="Ada", why="a test run")

    with pytest.raises(IllegalTransition, match="without a verdict"):
        reopen_case(plant, case.id, by="Ben", why=WHY)
