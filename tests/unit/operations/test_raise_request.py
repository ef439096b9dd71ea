"""One case and mode, one request, however often and by however many it is raised and approved."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pdm.errors import Conflict, IllegalTransition, InputError, NotFound
from pdm.operations.answer_alert import close_alert
from pdm.operations.approve_request import approve_request
from pdm.operations.cancel_request import cancel_request
from pdm.operations.deliver_outbox import deliver_outbox
from pdm.operations.raise_request import raise_request
from pdm.testing.builders import a_case, an_alert
from pdm.testing.plants import a_plant
from pdm.work.request import RequestState


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    with plant.unit_of_work() as work:
        case = work.cases.save(a_case())
        work.alerts.save(an_alert(case_id=case.id))
        work.commit()
    return plant


def test_a_request_raised_by_hand_waits_for_approval(plant):
    request = raise_request(plant, "ca-P-101", by="ada")

    assert request.state is RequestState.SUGGESTED
    with plant.unit_of_work() as work:
        assert work.outbox.pending() == []
        assert [entry.who for entry in work.audit.list(subject=f"request:{request.id}")] == ["ada"]


def test_raising_it_again_gives_the_same_request(plant):
    first = raise_request(plant, "ca-P-101", by="ada")
    second = raise_request(plant, "ca-P-101", by="bob")

    assert second == first


def test_approving_queues_one_message_and_again_changes_nothing(plant):
    request = raise_request(plant, "ca-P-101", by="ada")
    first = approve_request(plant, request.id, by="planner")
    second = approve_request(plant, request.id, by="planner")

    assert first == second
    assert first.state is RequestState.APPROVED
    with plant.unit_of_work() as work:
        assert [message.key for message in work.outbox.pending()] == [request.external_ref]


def test_a_storm_of_a_hundred_ends_in_one_request_one_message_one_order(plant):
    def ask(n):
        request = raise_request(plant, "ca-P-101", by=f"engineer {n}")
        return approve_request(plant, request.id, by=f"planner {n}").external_ref

    with ThreadPoolExecutor(100) as pool:
        references = set(pool.map(ask, range(100)))
    for _ in range(3):
        deliver_outbox(plant)

    assert len(references) == 1
    with plant.unit_of_work() as work:
        assert len(work.requests.list()) == 1
        assert [entry.verb for entry in work.audit.list()] == ["deliver", "approve", "raise"]
        assert work.audit.verify() == 3
    assert len(plant.receiver.orders) == 1


def test_a_cancelled_request_withdraws_its_message(plant):
    request = raise_request(plant, "ca-P-101", by="ada")
    approve_request(plant, request.id, by="planner")
    cancel_request(plant, request.id, by="planner", why="bundled with the stop")

    assert deliver_outbox(plant).sent == 0
    assert plant.receiver.orders == []
    assert cancel_request(plant, request.id, by="planner", why="again").state is RequestState.CANCELLED


def test_a_case_with_nothing_left_open_closes(plant):
    request = raise_request(plant, "ca-P-101", by="ada")
    close_alert(plant, "al-P-101-bearing_wear", by="ada", why="resonance")
    cancel_request(plant, request.id, by="planner", why="no need")

    with plant.unit_of_work() as work:
        assert work.cases.get("ca-P-101").state == "closed"
    with pytest.raises(IllegalTransition, match="is closed"):
        raise_request(plant, "ca-P-101", by="ada")


def test_a_cancelled_request_is_not_raised_again_from_the_same_case(plant):
    request = raise_request(plant, "ca-P-101", by="ada")
    cancel_request(plant, request.id, by="planner", why="no")

    with pytest.raises(Conflict, match="is cancelled"):
        raise_request(plant, "ca-P-101", by="ada")
    with pytest.raises(IllegalTransition, match="is cancelled: it cannot approve"):
        approve_request(plant, request.id, by="planner")


def test_what_the_receiver_has_is_cancelled_over_there(plant):
    request = raise_request(plant, "ca-P-101", by="ada")
    approve_request(plant, request.id, by="planner")
    deliver_outbox(plant)

    with pytest.raises(IllegalTransition, match="cancel it there"):
        cancel_request(plant, request.id, by="planner", why="too late")


def test_a_mode_that_nobody_suspects_gives_no_request(plant):
    with pytest.raises(NotFound, match="no open alert of seal_leak"):
        raise_request(plant, "ca-P-101", by="ada", failure_mode="seal_leak")


def test_nobody_asks_or_approves_anonymously(plant):
    with pytest.raises(InputError):
        raise_request(plant, "ca-P-101", by="")
    with pytest.raises(InputError):
        approve_request(plant, "wr", by="")
