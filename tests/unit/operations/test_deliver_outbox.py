"""Everything that leaves arrives, in order, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.errors import Conflict, LeaseHeld, NotFound, ReceiverError, StoreError
from pdm.operations import deliver_outbox as module
from pdm.operations.approve_request import approve_request
from pdm.operations.cancel_request import cancel_request
from pdm.operations.deliver_outbox import AWAY_AFTER, LEASE, DeliveryReport, deliver_outbox
from pdm.operations.replay_message import replay_message
from pdm.operations.show_payload import show_payload
from pdm.testing.builders import NOON, a_case, a_request
from pdm.testing.plants import a_plant
from pdm.testing.receiver import MemoryReceiver
from pdm.work.request import RequestState
from pdm.work.retries import DEFAULT


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


class Moody(MemoryReceiver):
    """Raises what it is told to, for as long as it is."""

    mood = None

    def submit(self, body):
        if self.mood is not None:
            raise self.mood
        return super().submit(body)


@pytest.fixture
def moody(tmp_path):
    return a_plant(tmp_path, receiver=Moody())


def attempts(plant):
    with plant.unit_of_work() as work:
        return [message.attempts for message in work.outbox.pending()]


def test_waiting_times_grow_and_the_first_retry_is_due_at_once(plant):
    approved(plant, "P-101")
    plant.receiver.down = True

    for minutes in (0, 0, 0, 1):
        plant.clock.advance(timedelta(minutes=minutes))
        deliver_outbox(plant)

    assert attempts(plant) == [3]  # the third call came too early
    assert deliver_outbox(plant) == DeliveryReport(waiting=1)
    assert deliver_outbox(plant, at_once=True).failed == 1


def test_a_receiver_that_asks_to_wait_is_left_alone_for_so_long_by_everybody(moody):
    approved(moody, "P-101", "P-102")
    moody.receiver.mood = ReceiverError("slow down", failure="busy", retry_after=600)

    assert (deliver_outbox(moody).failed, attempts(moody)) == (1, [1, 0])
    moody.receiver.mood = None
    moody.clock.advance(timedelta(seconds=599))
    assert deliver_outbox(moody) == DeliveryReport(waiting=2)
    moody.clock.advance(timedelta(seconds=1))

    assert deliver_outbox(moody).sent == 2


def test_a_receiver_that_is_away_is_not_asked_for_every_message(plant):
    approved(plant, *[f"P-{n}" for n in range(20)])
    plant.receiver.down = True

    report = deliver_outbox(plant)

    assert (report.failed, report.waiting) == (AWAY_AFTER, 20 - AWAY_AFTER)


def test_what_was_given_up_steps_aside_and_is_sent_after_a_replay(moody):
    approved(moody, "P-101", "P-101")
    moody.receiver.mood = ReceiverError("created without its key", failure="unsafe")
    assert deliver_outbox(moody, limit=1).dead == 1
    moody.receiver.mood = None

    assert deliver_outbox(moody).sent == 1
    assert state(moody, "wr-0").state is RequestState.APPROVED
    replay_message(moody, "wr-0", by="ada")

    assert deliver_outbox(moody).sent == 1
    with moody.unit_of_work() as work:
        verbs = [entry.verb for entry in work.audit.list(subject="request:wr-0")]
    assert verbs == ["deliver", "replay", "give up", "approve"]


def test_a_receiver_that_is_gone_gets_nothing_more_until_a_replay(moody):
    approved(moody, "P-101", "P-102")
    moody.receiver.mood = ReceiverError("410", failure="gone")
    deliver_outbox(moody)
    moody.receiver.mood = None

    report = deliver_outbox(moody, at_once=True)

    assert (report.sent, report.waiting) == (0, 1)
    assert "410 Gone" in report.errors[0]
    replay_message(moody, "wr-0", by="ada")
    assert deliver_outbox(moody).sent == 2


def test_after_too_many_attempts_it_is_given_up_and_said_so(plant):
    approved(plant, "P-101")
    plant.receiver.down = True
    with plant.unit_of_work() as work:
        [message] = work.outbox.pending()
        work.outbox.save(replace(message, attempts=DEFAULT.attempts - 2))
        work.commit()

    assert deliver_outbox(plant).dead == 0
    assert deliver_outbox(plant, at_once=True).dead == 1

    with plant.unit_of_work() as work:
        [given_up] = work.outbox.dead()
        assert "cannot be reached" in given_up.last_error
        assert work.audit.list(subject="request:wr-0", limit=1)[0].verb == "give up"


def test_cancelling_withdraws_what_was_given_up_too(moody):
    approved(moody, "P-101")
    moody.receiver.mood = ReceiverError("410", failure="gone")
    deliver_outbox(moody)

    cancel_request(moody, "wr-0", by="ada", why="done by hand")

    with moody.unit_of_work() as work:
        assert work.outbox.dead() == []
    with pytest.raises(Conflict, match="nothing of work request wr-0 waits"):
        replay_message(moody, "wr-0", by="ada")


def test_what_has_left_or_never_was_cannot_be_replayed(plant):
    approved(plant, "P-101")
    deliver_outbox(plant)

    with pytest.raises(Conflict):
        replay_message(plant, "wr-0", by="ada")
    with pytest.raises(NotFound):
        replay_message(plant, "wr-9", by="ada")
    assert len(plant.receiver.orders) == 1


def test_a_payload_is_shown_and_nothing_happens(plant):
    approved(plant, "P-101")

    payload = show_payload(plant, "wr-0")

    assert payload.body["external_ref"] == "PDM-0"
    assert "case_id" not in payload.body
    assert plant.receiver.orders == []
