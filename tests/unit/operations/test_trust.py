"""Trust in service: verdicts move the ladder, the ladder decides how far a request goes, limits decide when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.catalogue import Policy
from pdm.catalogue.planning import Limits, TrustTerms
from pdm.errors import InputError, NotFound
from pdm.operations.approve_request import approve_request
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.deliver_outbox import deliver_outbox
from pdm.operations.demote_trust import demote_trust
from pdm.operations.read_trust import read_trust
from pdm.operations.record_verdict import record_verdict
from pdm.operations.set_ceiling import set_ceiling
from pdm.testing.builders import an_assessment
from pdm.testing.plants import a_plant
from pdm.views.requests import request_page, requests_page
from pdm.work.request import RequestState

TERMS = TrustTerms(target={"suggest": 0.2, "draft": 0.3, "automatic": 0.31}, least_cases=2)


@pytest.fixture
def plant(tmp_path):
    return with_planning(a_plant(tmp_path), trust=TERMS)


def with_planning(plant, **changes):
    planning = replace(plant.catalogue.planning, **changes)
    return replace(plant, catalogue=replace(plant.catalogue, planning=planning))


def alarm(plant, number, *tags):
    """A suspicion about each machine, a day later each time; the open requests that follow."""
    plant.clock.advance(timedelta(days=1))
    hours = 24 * number
    consider_assessments(plant, [an_assessment(tag, probability=0.01, hours=hours) for tag in tags])
    consider_assessments(plant, [an_assessment(tag, probability=0.6, hours=hours + 6) for tag in tags])
    states = [RequestState.SUGGESTED, RequestState.APPROVED]
    with plant.unit_of_work() as work:
        return [request for tag in tags for request in work.requests.list(asset=tag, states=states)]


def close(plant, tag, found="damage", **said):
    plant.clock.advance(timedelta(hours=1))
    with plant.unit_of_work() as work:
        case = work.cases.open_for(tag)
    said = {"inspected": True, "severity": "degraded" if found == "damage" else "", **said}
    record_verdict(plant, case.id, by="Ada", found=found, action="repaired" if found == "damage" else "nothing", **said)


def rung(plant, mode="bearing_wear"):
    return next(
        line.trust for line in read_trust(plant) if (line.trust.asset_class, line.trust.failure_mode) == ("pump", mode)
    )


def test_by_default_nothing_goes_further_than_a_suggestion_however_right_it_is(plant):
    for number in range(6):
        alarm(plant, number, "P-1")
        close(plant, "P-1")

    assert rung(plant).rung == "suggest"
    with plant.unit_of_work() as work:
        assert work.outbox.pending() == []


def test_under_a_ceiling_that_a_person_raised_rungs_are_earned_one_by_one_and_audited(plant):
    set_ceiling(plant, "pump", "bearing_wear", "automatic", by="Ada", why="two good years")
    seen = []
    for number in range(6):
        seen += [(one.state.value, one.body.get("review", "")) for one in alarm(plant, number, "P-1")]
        close(plant, "P-1")

    assert [state for state, _ in seen] == ["suggested"] * 2 + ["approved"] * 4
    assert [review for _, review in seen] == ["", "", "draft", "draft", "automatic", "automatic"]
    with plant.unit_of_work() as work:
        steps = [(entry.verb, entry.details["to"]) for entry in work.audit.list(subject="trust:pump/bearing_wear")]
    assert steps == [("trust", "automatic"), ("trust", "draft"), ("ceiling", "suggest")]


def test_two_no_fault_founds_take_a_rung_and_then_nothing_is_drafted_by_itself(plant):
    for number in range(2):
        alarm(plant, number, "P-1")
        close(plant, "P-1", found="nothing")

    assert rung(plant).rung == "show"
    assert "no-fault-founds" in rung(plant).why
    assert alarm(plant, 9, "P-1") == []


def test_nobody_looked_or_another_mode_says_nothing_about_trust(plant):
    for number in range(3):
        alarm(plant, number, "P-1")
        close(plant, "P-1", found="nothing", inspected=False)

    assert rung(plant).rung == "suggest"
    assert rung(plant, "seal_leak").rung == "suggest"


def test_drift_takes_a_rung_of_every_mode_of_the_class(tmp_path):
    plant = a_plant(tmp_path, policy=Policy(raise_at=0.4, clear_at=0.2, persistence=(1, 1), auto_request="draft"))

    demote_trust(plant, "pump", by="monitoring", why="drift of vibration")

    assert {
        line.trust.failure_mode: line.trust.rung for line in read_trust(plant) if line.trust.asset_class == "pump"
    } == {
        "bearing_wear": "suggest",
        "seal_leak": "suggest",
    }
    assert [request.state.value for request in alarm(plant, 1, "P-1")] == ["suggested"]


def test_a_lowered_ceiling_holds_at_once(plant):
    set_ceiling(plant, "pump", "bearing_wear", "draft", by="Ada", why="good")
    for number in range(2):
        alarm(plant, number, "P-1")
        close(plant, "P-1")
    assert rung(plant).rung == "draft"

    set_ceiling(plant, "pump", "bearing_wear", "show", by="Eve", why="new process")

    assert rung(plant).rung == "show"


@pytest.mark.parametrize(
    ("attempt", "kind"),
    [
        (("pump", "bearing_wear", "always", "Ada", "x"), InputError),
        (("pump", "bearing_wear", "draft", " ", "x"), InputError),
        (("pump", "bearing_wear", "draft", "Ada", ""), InputError),
        (("pump", "rust", "draft", "Ada", "x"), NotFound),
        (("boat", "bearing_wear", "draft", "Ada", "x"), NotFound),
    ],
)
def test_a_ceiling_needs_a_rung_a_name_a_reason_and_something_to_hang_over(plant, attempt, kind):
    asset_class, mode, ceiling, by, why = attempt
    with pytest.raises(kind):
        set_ceiling(plant, asset_class, mode, ceiling, by=by, why=why)


# Limits


def approved(plant, *tags):
    return [approve_request(plant, request.id, by="Ada") for request in alarm(plant, 1, *tags)]


def test_over_the_daily_budget_requests_wait_until_tomorrow_and_say_why(tmp_path):
    plant = with_planning(a_plant(tmp_path), limits=Limits(per_day=1))
    approved(plant, "P-1", "P-2", "P-3")

    first = deliver_outbox(plant)
    again = deliver_outbox(plant)

    assert (first.sent, first.waiting, len(first.held)) == (1, 2, 2)
    assert "limit is 1 a day" in first.held[0]
    assert again.sent == 0
    held = [row.held for row in requests_page(plant).open if row.held]
    assert len(held) == 2
    plant.clock.advance(timedelta(days=1))
    assert deliver_outbox(plant).sent == 1


def test_a_machine_with_its_fill_of_open_requests_waits_for_one_to_be_closed(tmp_path):
    plant = with_planning(a_plant(tmp_path), limits=Limits(open_per_asset=1))
    approved(plant, "P-1")
    deliver_outbox(plant)
    consider_assessments(plant, [an_assessment("P-1", probability=0.7, hours=40, mode="seal_leak")])
    with plant.unit_of_work() as work:
        second = next(one for one in work.requests.list(asset="P-1") if one.failure_mode == "seal_leak")
    approve_request(plant, second.id, by="Ada")

    report = deliver_outbox(plant)

    assert report.sent == 0
    assert "1 work requests of P-1 are open" in request_page(plant, second.id).row.held
    with plant.unit_of_work() as work:
        first = next(one for one in work.requests.list(asset="P-1") if one.failure_mode == "bearing_wear")
        work.requests.save(replace(first, state=RequestState.DONE))
        work.commit()
    assert deliver_outbox(plant).sent == 1


def test_what_was_withdrawn_today_is_not_counted_as_handed_over(tmp_path):
    from pdm.operations.cancel_request import cancel_request

    plant = with_planning(a_plant(tmp_path), limits=Limits(per_day=1))
    withdrawn, _ = approved(plant, "P-1", "P-2")
    cancel_request(plant, withdrawn.id, by="Ada", why="duplicate")

    assert deliver_outbox(plant).sent == 1
