"""A verdict closes the case and becomes rows that learning reads."""

from datetime import timedelta

import pandas as pd
import pytest

from pdm.alerts.alert import AlertState
from pdm.errors import IllegalTransition, InputError, StoreError
from pdm.feedback.outcome import derive
from pdm.operations.approve_request import approve_request
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.deliver_outbox import deliver_outbox
from pdm.operations.record_verdict import record_verdict
from pdm.readings.events import read_events
from pdm.readings.lives import build_lives
from pdm.scoring.assessment import Risk
from pdm.testing.builders import NOON, an_assessment, an_asset
from pdm.testing.plants import a_plant
from pdm.work.request import RequestState

DAY = timedelta(days=1)


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    consider_assessments(plant, [an_assessment(probability=0.9)])
    plant.clock.advance(DAY)
    return plant


def case_of(plant):
    with plant.unit_of_work() as work:
        return work.cases.list()[0].id


def damaged(plant, **changes):
    said = {"by": "ada", "found": "damage", "inspected": True, "severity": "degraded", "action": "replaced"}
    return record_verdict(plant, case_of(plant), **said | {"restores": True} | changes)


def test_a_verdict_closes_case_alerts_and_requests(plant):
    verdict = damaged(plant)

    with plant.unit_of_work() as work:
        assert work.cases.get(verdict.case_id).state == "closed"
        assert [alert.state for alert in work.alerts.list()] == [AlertState.CLOSED]
        assert [request.state for request in work.requests.list()] == [RequestState.DONE]
        assert work.verdicts.for_case(verdict.case_id) == [verdict]
        assert work.audit.list(subject=f"case:{verdict.case_id}")[0].details["outcome"] == "averted"
        assert work.audit.verify() > 0


def test_what_is_not_said_comes_from_the_suspicion(plant):
    verdict = damaged(plant)

    assert (verdict.failure_mode, verdict.maintainable_item, verdict.mechanism) == ("bearing_wear", "bearing", "wear")
    assert verdict.at == verdict.recorded_at == NOON + DAY


def test_damage_becomes_a_failure_and_a_repair_that_learning_reads(plant):
    damaged(plant, at=NOON + DAY / 2, comment="outer race pitted")

    events = read_events(plant.history)

    assert events["kind"].tolist() == ["failure", "repair"]
    assert events["severity"].tolist() == ["degraded", ""]
    assert events["restores"].tolist() == [False, True]
    assert events["text"].tolist() == ["outer race pitted"] * 2
    assert events["source"].unique().tolist() == ["verdict"]
    assert (events["recorded_at"] >= NOON + DAY).all()
    assert events["time"].iloc[0] == NOON + DAY / 2
    assert events["time"].iloc[1] - events["time"].iloc[0] == pd.Timedelta(seconds=1)


def test_a_past_view_does_not_know_the_verdict(plant):
    damaged(plant, at=NOON + DAY / 2)

    assert read_events(plant.history, known_at=NOON + 0.9 * DAY).empty


def test_the_life_of_the_bearing_ends_with_the_verdict(plant):
    damaged(plant)
    asset_class = plant.catalogue.asset_class("pump")
    readings = pd.DataFrame(
        {"asset": ["P-101"], "time": [NOON + 5 * DAY], "recorded_at": [NOON + 5 * DAY], "first": [NOON - 90 * DAY]}
    ).astype(dict.fromkeys(["time", "recorded_at", "first"], "datetime64[us, UTC]"))

    lives = build_lives(
        asset_class,
        {"P-101": an_asset()},
        pd.DataFrame(columns=["asset", "item", "maintainable_item", "start", "start_usage", "end", "end_usage"]).assign(
            recorded_at=pd.Series(dtype="datetime64[us, UTC]"),
            start=pd.Series(dtype="datetime64[us, UTC]"),
            end=pd.Series(dtype="datetime64[us, UTC]"),
        ),
        read_events(plant.history),
        readings,
        counts_as_failure={"bearing_wear": ("critical", "degraded")},
    )

    bearing = lives[lives["maintainable_item"] == "bearing"]
    assert bearing["ended_by"].tolist() == ["failure", "open"]
    assert bearing["failure_mode"].tolist()[0] == "bearing_wear"


def test_nothing_found_is_an_inspection(plant):
    record_verdict(plant, case_of(plant), by="ada", found="nothing", inspected=True)

    assert read_events(plant.history)["kind"].tolist() == ["inspection"]


def test_a_process_change_is_an_event_of_its_own(plant):
    record_verdict(plant, case_of(plant), by="ada", found="process change", inspected=False, comment="new product")

    assert read_events(plant.history)["kind"].tolist() == ["process_change"]


def test_the_same_verdict_again_is_the_same_verdict(plant):
    first = damaged(plant, at=NOON)
    second = damaged(plant, at=NOON)

    assert second == first
    assert len(read_events(plant.history)) == 2


def test_another_verdict_on_a_closed_case_is_refused(plant):
    damaged(plant)

    with pytest.raises(IllegalTransition, match="closed already"):
        record_verdict(plant, case_of(plant), by="bob", found="nothing", inspected=True)


def test_a_crash_between_history_and_commit_is_mended_by_recording_again(plant):
    crashing = pytest.MonkeyPatch()
    crashing.setattr(
        "pdm.adapters.sql.unit_of_work.SqlUnitOfWork.commit", lambda _: (_ for _ in ()).throw(StoreError("power cut"))
    )
    with pytest.raises(StoreError):
        damaged(plant, at=NOON)
    crashing.undo()
    plant.clock.advance(DAY)

    damaged(plant, at=NOON)

    assert len(read_events(plant.history)) == 2
    with plant.unit_of_work() as work:
        assert len(work.verdicts.list()) == 1


def test_a_message_that_has_not_left_is_withdrawn(plant):
    with plant.unit_of_work() as work:
        request = work.requests.list()[0]
    approve_request(plant, request.id, by="planner")

    damaged(plant)

    assert deliver_outbox(plant).sent == 0
    assert plant.receiver.orders == []


def test_on_a_usage_axis_the_label_knows_its_position(tmp_path):
    plant = a_plant(tmp_path)
    engine = an_assessment(
        "E-1", asset_class="engine", data_usage=180.0, risks=(Risk("bearing_wear", 30.0, "cycles", 0.9),)
    )
    consider_assessments(plant, [engine])
    plant.clock.advance(DAY)

    damaged(plant)

    assert read_events(plant.history)["usage"].tolist() == [180.0, 180.0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"found": "ghosts"}, "found is 'ghosts'"),
        ({"action": "painted"}, "action is 'painted'"),
        ({"severity": "awful"}, "severity is 'awful'"),
        ({"severity": ""}, "needs its severity"),
        ({"action": "monitored"}, "only a repair"),
        ({"by": ""}, "needs a name"),
        ({"at": NOON + 9 * DAY}, "future"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_the_case_stays_open(plant, changes, message):
    with pytest.raises(InputError, match=message):
        damaged(plant, **changes)

    with plant.unit_of_work() as work:
        assert len(work.cases.list(state="open")) == 1


def test_averted_and_false_are_derived_never_typed(plant):
    verdict = damaged(plant)

    assert derive(verdict) == "averted"
    assert not hasattr(verdict, "outcome")
