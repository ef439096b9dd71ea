from dataclasses import replace

import pytest

from pdm.errors import IllegalTransition, InputError, NotFound
from pdm.operations.answer_alert import claim_alert, close_alert
from pdm.operations.answer_case import assign_case, claim_case, release_case
from pdm.operations.consider_assessments import consider_assessments
from pdm.scoring.assessment import Risk
from pdm.testing.builders import an_assessment
from pdm.testing.plants import a_plant
from pdm.views.queue import case_queue, open_cases


@pytest.fixture
def plant(tmp_path):
    """One case with two open alerts."""
    plant = a_plant(tmp_path)
    risks = (Risk("bearing_wear", 336.0, "h", 0.7), Risk("seal_leak", 336.0, "h", 0.5))
    consider_assessments(plant, [an_assessment("P-101", risks=risks)])
    return plant


@pytest.fixture
def case(plant):
    return case_queue(plant)[0].case


def owners(plant) -> tuple[str, list[str], int]:
    with plant.unit_of_work() as work:
        case = work.cases.list()[0]
        return case.owner, [one.owner for one in work.alerts.list()], len(work.audit.list(limit=1000))


def test_claiming_a_case_claims_everything_open_in_it(plant, case):
    claim_case(plant, case.id, by="Ada", why="my pump")

    assert owners(plant)[:2] == ("Ada", ["Ada", "Ada"])
    assert case_queue(plant) == []
    assert [row.case.id for row in open_cases(plant, owners=("Ada",))] == [case.id]
    with plant.unit_of_work() as work:
        said = work.audit.list(subject=f"case:{case.id}")[0]
    assert (said.who, said.verb, said.why, said.details) == ("Ada", "claim", "my pump", {"from": "", "to": "Ada"})


def test_a_case_or_an_alert_of_somebody_else_is_not_claimed_but_may_be_assigned(plant, case):
    with plant.unit_of_work() as work:
        alert = work.alerts.list()[1]
    claim_alert(plant, alert.id, by="Ben")
    before = owners(plant)

    with pytest.raises(IllegalTransition, match="Ben's"):
        claim_case(plant, case.id, by="Ada")
    assert owners(plant) == before
    assign_case(plant, case.id, to="Eve", by="Ada")
    assert owners(plant)[:2] == ("Eve", ["Eve", "Eve"])


def test_a_released_case_is_back_in_the_queue(plant, case):
    claim_case(plant, case.id, by="Ada")
    release_case(plant, case.id, by="Ben", why="Ada is on holiday")

    assert owners(plant)[:2] == ("", ["", ""])
    assert [row.case.id for row in case_queue(plant)] == [case.id]
    with pytest.raises(IllegalTransition, match="nobody's"):
        release_case(plant, case.id, by="Ben")


def test_a_closed_case_an_unknown_one_and_nobody_are_refused_and_nothing_changes(plant, case):
    with pytest.raises(NotFound):
        claim_case(plant, "ca-none", by="Ada")
    with pytest.raises(InputError, match="name"):
        claim_case(plant, case.id, by=" ")
    with pytest.raises(InputError, match="nobody"):
        assign_case(plant, case.id, to=" ", by="Ada")
    with plant.unit_of_work() as work:
        alerts, requests = work.alerts.list(), work.requests.list()
        for request in requests:
            work.requests.save(replace(request, state=type(request.state)("cancelled")))
        work.commit()
    for alert in alerts:
        close_alert(plant, alert.id, by="Ada", why="both looked at")
    before = owners(plant)

    with pytest.raises(IllegalTransition, match="closed"):
        claim_case(plant, case.id, by="Ada")
    assert owners(plant) == before


def test_the_queue_ranks_the_alerts_of_a_case(plant):
    row = case_queue(plant)[0]

    assert [alert.failure_mode for alert in row.alerts] == ["bearing_wear", "seal_leak"]
    assert row.worst == row.alerts[0]
