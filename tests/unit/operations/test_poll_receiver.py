"""What planners decide in their own system is heard here, once, and no case closes without a verdict."""

from datetime import timedelta

import pytest

from pdm.errors import ReceiverError
from pdm.operations.approve_request import approve_request
from pdm.operations.deliver_outbox import AWAY_AFTER, deliver_outbox
from pdm.operations.poll_receiver import VERB, PollReport, poll_receiver
from pdm.operations.record_verdict import record_verdict
from pdm.ports import ReceiverStatus
from pdm.testing.builders import NOON, a_case, a_request
from pdm.testing.plants import a_plant
from pdm.work.request import RequestState


@pytest.fixture
def plant(tmp_path):
    """Two requests that the receiver has accepted as M-1 and M-2."""
    plant = a_plant(tmp_path)
    with plant.unit_of_work() as work:
        for n, asset in enumerate(("P-101", "P-102")):
            work.cases.save(a_case(asset))
            work.requests.save(a_request(asset, id=f"wr-{n}", external_ref=f"PDM-{n}"))
        work.commit()
    for n in range(2):
        approve_request(plant, f"wr-{n}", by="planner")
    deliver_outbox(plant)
    return plant


def heard(plant, request_id="wr-0"):
    with plant.unit_of_work() as work:
        entries = work.audit.list(subject=f"request:{request_id}")
        return work.requests.get(request_id).state, [entry for entry in entries if entry.verb == VERB]


def test_news_is_written_down_once(plant):
    assert poll_receiver(plant) == PollReport(asked=2, changed=2)
    assert poll_receiver(plant) == PollReport(asked=2)

    plant.receiver.says["M-1"] = ReceiverStatus("APPR", RequestState.ACCEPTED, start=NOON + timedelta(days=3))

    assert poll_receiver(plant) == PollReport(asked=2, changed=1)
    state, entries = heard(plant)
    assert state is RequestState.ACCEPTED
    assert [entry.details["says"] for entry in entries] == ["APPR", "NEW"]
    assert entries[0].details["start"] == "2026-03-05T12:00:00+00:00"


def test_a_rejection_ends_the_request_and_keeps_its_reason(plant):
    plant.receiver.says["M-1"] = ReceiverStatus("rejected", RequestState.REJECTED, "bearing was replaced last week")

    assert poll_receiver(plant).rejected == 1

    state, [entry] = heard(plant)
    assert (state, entry.why) == (RequestState.REJECTED, "bearing was replaced last week")
    with plant.unit_of_work() as work:
        assert work.cases.get("ca-P-101").state == "open"  # somebody still has to say what was found
    assert poll_receiver(plant).asked == 1


def test_what_was_cancelled_over_there_is_cancelled_here(plant):
    plant.receiver.says["M-1"] = ReceiverStatus("CAN", RequestState.CANCELLED)

    poll_receiver(plant)

    assert heard(plant)[0] is RequestState.CANCELLED


def test_work_done_over_there_waits_for_its_verdict(plant):
    plant.receiver.says["M-1"] = ReceiverStatus("COMP", RequestState.DONE)

    assert poll_receiver(plant).verdict_due == ("wr-0",)
    assert poll_receiver(plant).verdict_due == ("wr-0",)
    assert heard(plant)[0] is RequestState.ACCEPTED

    record_verdict(plant, "ca-P-101", by="dora", found="damage", inspected=True, severity="degraded", action="repaired")
    assert heard(plant)[0] is RequestState.DONE
    assert poll_receiver(plant).verdict_due == ()


def test_a_receiver_that_says_nothing_changes_nothing(plant):
    plant.receiver.says |= {"M-1": ReceiverStatus(), "M-2": ReceiverStatus("OURWORD")}

    assert poll_receiver(plant) == PollReport(asked=2, changed=1)
    assert heard(plant) == (RequestState.ACCEPTED, [])
    assert heard(plant, "wr-1")[0] is RequestState.ACCEPTED


def test_a_receiver_that_is_away_is_asked_again_next_time(plant):
    plant.receiver.down = True

    report = poll_receiver(plant)

    assert (report.changed, len(report.errors)) == (0, 2)
    plant.receiver.down = False
    assert poll_receiver(plant).changed == 2


def test_a_receiver_that_is_away_is_not_asked_about_everything(tmp_path, monkeypatch):
    plant = a_plant(tmp_path)
    with plant.unit_of_work() as work:
        for n in range(12):
            work.cases.save(a_case(f"P-{n}"))
            request = a_request(f"P-{n}", state=RequestState.ACCEPTED, receiver_number=f"M-{n}")
            work.requests.save(request)
        work.commit()

    def away(_number):
        raise ReceiverError("away")

    monkeypatch.setattr(plant.receiver, "status", away)

    assert poll_receiver(plant).asked == AWAY_AFTER
