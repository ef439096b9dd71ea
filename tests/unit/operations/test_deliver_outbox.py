"""Everything that leaves arrives, in order, once."""

from datetime import timedelta

import pytest

from pdm.errors import LeaseHeld, StoreError
from pdm.operations import deliver_outbox as module
from pdm.operations.approve_request import approve_request
from pdm.operations.deliver_outbox import LEASE, DeliveryReport, deliver_outbox
from pdm.testing.builders import NOON, a_case, a_request
from pdm.testing.plants import a_plant
from pdm.work.request import RequestState


@pytest.fixture
def plant(tmp_path):
    return a_plant(tmp_path)


def approved(plant, *assets):
    """One approved request for each asset; a repeated asset gets several."""
    with plant.unit_of_work() as work:
        for n, asset in enumerate(assets):
            case_id = f"ca-{asset}"
            if work.cases.open_for(asset) is None:
                work.cases.save(a_case(asset, id=case_id))
            work.requests.save(a_request(asset, id=f"wr-{n}", external_ref=f"PDM-{n}", case_id=case_id))
        work.commit()
    for n in range(len(assets)):
        approve_request(plant, f"wr-{n}", by="planner")


def state(plant, request_id):
    with plant.unit_of_work() as work:
        return work.requests.get(request_id)


def test_an_approved_request_arrives_and_gets_its_number(plant):
    approved(plant, "P-101")

    report = deliver_outbox(plant)

    assert report == DeliveryReport(sent=1)
    assert state(plant, "wr-0").state is RequestState.ACCEPTED
    assert state(plant, "wr-0").receiver_number == "M-1"
    assert deliver_outbox(plant) == DeliveryReport()


def test_a_receiver_that_is_down_for_a_day_gets_everything_once_in_order(plant):
    approved(plant, "P-101", "P-102", "P-103")
    plant.receiver.down = True
    for _ in range(4):
        assert deliver_outbox(plant).failed == 3
        plant.clock.advance(timedelta(hours=6))
    with plant.unit_of_work() as work:
        assert [(message.attempts, "cannot be reached" in message.last_error) for message in work.outbox.pending()] == [
            (4, True)
        ] * 3
    plant.receiver.down = False

    report = deliver_outbox(plant)

    assert report.sent == 3
    assert [key for key, _ in plant.receiver.orders] == ["PDM-0", "PDM-1", "PDM-2"]


def test_a_lost_answer_does_not_order_twice(plant):
    approved(plant, "P-101")
    plant.receiver.loses_answers = 1

    assert deliver_outbox(plant).failed == 1
    assert deliver_outbox(plant).sent == 1

    assert len(plant.receiver.orders) == 1


def test_a_crash_after_sending_and_before_writing_down_does_not_order_twice(plant):
    approved(plant, "P-101")
    crashing = pytest.MonkeyPatch()
    crashing.setattr(module, "_sent", lambda *_: (_ for _ in ()).throw(StoreError("power cut")))
    with pytest.raises(StoreError, match="power cut"):
        deliver_outbox(plant)
    crashing.undo()

    assert deliver_outbox(plant).sent == 1
    assert len(plant.receiver.orders) == 1


def test_a_refusal_is_final_and_stops_nobody_else(plant):
    approved(plant, "P-101", "P-102")
    plant.receiver.refuses = {"PDM-0"}

    report = deliver_outbox(plant)

    assert (report.sent, report.refused) == (1, 1)
    assert "no such asset" in report.errors[0]
    assert state(plant, "wr-0").state is RequestState.REJECTED
    assert deliver_outbox(plant) == DeliveryReport()


def test_messages_of_one_asset_keep_their_order(plant):
    approved(plant, "P-101", "P-101", "P-102")
    plant.receiver.loses_answers = 1

    report = deliver_outbox(plant)

    assert (report.sent, report.failed, report.waiting) == (1, 1, 1)
    deliver_outbox(plant)
    assert [key for key, _ in plant.receiver.orders] == ["PDM-0", "PDM-2", "PDM-1"]


def test_two_deliverers_never_work_at_once(plant):
    approved(plant, "P-101")
    with plant.unit_of_work() as work:
        work.leases.acquire(LEASE, "somebody", NOON, timedelta(minutes=5))
        work.commit()

    with pytest.raises(LeaseHeld, match="somebody"):
        deliver_outbox(plant)

    plant.clock.advance(timedelta(minutes=6))
    assert deliver_outbox(plant).sent == 1
