"""A worn bearing becomes an alert, a case, a request, a verdict and a label, and the next training sees it."""

import csv
import shutil
from datetime import timedelta
from types import SimpleNamespace

import pytest

from pdm.alerts.alert import AlertState
from pdm.operations.approve_request import approve_request
from pdm.operations.deliver_outbox import deliver_outbox
from pdm.operations.record_verdict import record_verdict
from pdm.operations.retrain import new_labels, retrain
from pdm.operations.score_fleet import champion
from pdm.operations.verify_audit import verify_audit
from pdm.readings.events import read_events
from pdm.readings.lives import read_lives
from pdm.registry.bundle import read_manifest
from pdm.registry.keys import public_key
from pdm.registry.shelf import BundleShelf
from pdm.wiring import build_plant
from pdm.work.draft import external_ref
from pdm.work.request import RequestState

TARGET = "bearing_wear_within_14d"


@pytest.fixture(scope="module")
def plant(tmp_path_factory, warned_home, opened):
    """The plant on the day of the alert; the chapters below happen to it one after the other."""
    home, moment = warned_home
    return opened(shutil.copytree(home, tmp_path_factory.mktemp("circle") / "plant"), moment)


@pytest.fixture(scope="module")
def suspected(plant):
    """Chapter 1: the alert with its case and the request that was suggested."""
    with plant.unit_of_work() as work:
        [alert] = work.alerts.list(states=[AlertState.UNACKNOWLEDGED])
        return SimpleNamespace(
            alert=alert,
            case=work.cases.get(alert.case_id),
            request=work.requests.list()[0],
            requests=len(work.requests.list()),
            waiting=work.outbox.pending(),
            at=plant.clock.now(),
        )


@pytest.fixture(scope="module")
def ordered(plant, suspected):
    """Chapter 2: a planner approves, the outbox is emptied twice."""
    plant.clock.advance(timedelta(hours=2))
    request = approve_request(plant, suspected.request.id, by="Cleo", why="next stop is on Tuesday")
    with plant.unit_of_work() as work:
        waiting = work.outbox.pending()
    reports = [deliver_outbox(plant), deliver_outbox(plant)]
    file = plant.workspace.home / "outgoing" / "work_requests.csv"
    with file.open(encoding="utf-8", newline="") as lines, plant.unit_of_work() as work:
        return SimpleNamespace(
            approved=request,
            waiting=waiting,
            reports=reports,
            lines=list(csv.DictReader(lines)),
            request=work.requests.get(request.id),
        )


@pytest.fixture(scope="module")
def answered(plant, suspected, ordered):  # noqa: ARG001  first the order, then the answer
    """Chapter 3: the pump was opened."""
    lives = _bearings(plant, suspected.alert.asset)
    plant.clock.advance(timedelta(hours=20))
    verdict = record_verdict(
        plant,
        suspected.case.id,
        by="Dora",
        found="damage",
        inspected=True,
        severity="degraded",
        action="replaced",
        restores=True,
        actual_hours=7.5,
        comment="Outer race pitted, grease black.",
    )
    with plant.unit_of_work() as work:
        return SimpleNamespace(
            verdict=verdict,
            alert=work.alerts.get(suspected.alert.id),
            case=work.cases.get(suspected.case.id),
            request=work.requests.get(suspected.request.id),
            audit=work.audit.list(limit=1000)[::-1],
            lives_before=lives,
            lives=_bearings(plant, suspected.alert.asset),
        )


@pytest.fixture(scope="module")
def learnt(plant, answered):  # noqa: ARG001  there is something new to learn
    """Chapter 4: the next training."""
    in_charge = champion(plant, "pump")
    labels = new_labels(plant, "pump")
    plant.clock.advance(timedelta(hours=1))
    return SimpleNamespace(before=in_charge.manifest, labels=labels, retraining=retrain(plant, "pump", author="Ada"))


def test_the_alert_stands_on_a_pump_whose_bearing_really_wears(world, suspected):
    alert = suspected.alert

    assert world.wearing(alert.asset, suspected.at)
    assert alert.failure_mode == "bearing_wear"
    assert alert.raised_at == suspected.at
    assert alert.probability > 0.3
    assert alert.evidence["contributions"]
    assert all(reason["sentence"] for reason in alert.evidence["contributions"])


def test_the_alert_opens_one_case_which_suggests_one_request(plant, suspected):
    alert, case, request = suspected.alert, suspected.case, suspected.request

    assert (case.asset, case.state, case.opened_at) == (alert.asset, "open", suspected.at)
    assert suspected.requests == 1
    assert request.state is RequestState.SUGGESTED
    assert request.case_id == case.id
    assert request.external_ref == external_ref(case.id, "bearing_wear")
    assert 1 <= request.priority <= 4
    assert suspected.at < request.required_start < request.required_end or request.body["expedite"]
    assert request.required_end <= suspected.at + timedelta(days=14)
    package = plant.catalogue.package("pump", "bearing_wear")
    assert request.crafts == tuple(package.crafts)
    assert request.body["job_package"]["tasks"][0]["step"] == package.tasks[0].step
    assert request.body["dates"]["week"] >= 0
    assert request.body["probability"] == alert.probability
    assert request.body["contributions"] == alert.evidence["contributions"]
    assert request.body["bundle"] == champion(plant, "pump").version


def test_nothing_leaves_the_plant_before_a_person_approves(suspected, ordered):
    assert suspected.waiting == []
    assert ordered.approved.state is RequestState.APPROVED
    assert [message.key for message in ordered.waiting] == [suspected.request.external_ref]


def test_the_approved_request_arrives_once(ordered):
    first, second = ordered.reports

    assert (first.sent, first.failed, first.errors) == (1, 0, ())
    assert second.sent == 0
    [line] = ordered.lines
    assert line["external_ref"] == ordered.approved.external_ref
    assert line["asset"] == ordered.approved.asset
    assert line["required_end"]
    assert ordered.request.state is RequestState.ACCEPTED
    assert ordered.request.receiver_number == line["number"] == "CSV-1"


def test_the_verdict_closes_case_alert_and_request(plant, answered):
    assert answered.case.state == "closed"
    assert answered.case.closed_at == answered.verdict.recorded_at
    assert answered.alert.state is AlertState.CLOSED
    assert answered.request.state is RequestState.DONE
    with plant.unit_of_work() as work:
        assert work.outbox.pending() == []


def test_the_audit_tells_who_did_what_when_and_why(plant, suspected, answered):
    told = [(entry.who, entry.verb, entry.subject.split(":")[0]) for entry in answered.audit]

    assert told[0] == ("Bo", "promote", "model")
    assert sorted(told[1:4]) == [
        ("scoring", "open", "case"),
        ("scoring", "raise", "alert"),
        ("scoring", "suggest", "request"),
    ]
    assert told[4:] == [
        ("Cleo", "approve", "request"),
        ("outbox", "deliver", "request"),
        ("Dora", "verdict", "case"),
        ("Dora", "close", "alert"),
        ("Dora", "finish", "request"),
    ]
    assert {entry.at for entry in answered.audit[1:4]} == {suspected.at}
    assert [entry.why for entry in answered.audit if entry.verb in ("approve", "verdict")] == [
        "next stop is on Tuesday",
        "Outer race pitted, grease black.",
    ]
    assert all(entry.why for entry in answered.audit if entry.verb not in ("deliver", "suggest"))
    outcome = next(entry.details["outcome"] for entry in answered.audit if entry.verb == "verdict")
    assert outcome == "averted"
    assert verify_audit(plant) == len(answered.audit)


def test_the_verdict_is_a_label_in_the_history(plant, suspected, answered):
    events = read_events(plant.history, assets=[suspected.alert.asset], kinds=["failure", "repair"])
    labels = events[events["source"] == "verdict"].set_index("kind")

    assert sorted(labels.index) == ["failure", "repair"]
    assert labels.loc["failure", "severity"] == "degraded"
    assert labels.loc["failure", "failure_mode"] == "bearing_wear"
    assert labels.loc["failure", "time"] == answered.verdict.at
    assert labels.loc["failure", "recorded_at"] == answered.verdict.recorded_at
    assert bool(labels.loc["repair", "restores"])
    assert set(labels["maintainable_item"]) == {"bearing"}


def test_the_life_of_the_bearing_has_ended_by_failure(answered):
    # The new bearing has no life yet: its first reading is still to come.
    before, after = answered.lives_before.iloc[-1], answered.lives.iloc[-1]

    assert before["ended_by"] == "open"
    assert after["item"] == before["item"]
    assert (after["ended_by"], after["failure_mode"], after["severity"]) == ("failure", "bearing_wear", "degraded")
    assert after["end"] == answered.verdict.at
    assert after["known_at"] == answered.verdict.recorded_at


def test_the_next_training_counts_one_failure_more(plant, suspected, learnt):
    events = read_events(plant.history, kinds=["failure"])
    others = events[
        (events["recorded_at"] > learnt.before.created_at)
        & (events["failure_mode"] == "bearing_wear")
        & (events["source"] != "verdict")
    ]
    after = read_manifest(learnt.retraining.result.bundle, public_key(plant.workspace))

    assert others.empty  # so that the one more is ours
    assert learnt.labels >= 2  # the failure and its repair
    assert learnt.retraining.new_labels == learnt.labels
    assert after.facts["failures"][TARGET] == learnt.before.facts["failures"][TARGET] + 1
    assert suspected.alert.bundle == learnt.before.version


def test_the_retrained_model_is_a_challenger_and_changes_nothing_by_itself(plant, learnt):
    shelf = BundleShelf(plant.workspace.bundles)

    assert learnt.retraining.champion == learnt.before.version
    assert shelf.alias("pump", "champion") == learnt.before.version
    assert shelf.alias("pump", "challenger") == learnt.retraining.result.version != learnt.before.version


@pytest.mark.slow
def test_the_tracker_of_the_plant_keeps_the_next_training_too(trained):
    """The one story with MLflow itself: `trained` is opened again as `plantpdm` would open it."""
    plant = build_plant(trained.workspace.home, clock=trained.clock, threads=1)

    retraining = retrain(plant, "pump", author="Ada")

    assert plant.tracker().alias("pump", "challenger") == retraining.result.version
    assert (trained.workspace.tracking / "mlflow.db").is_file()


def _bearings(plant, asset):
    lives = read_lives(plant.history, plant.catalogue.asset_class("pump"), plant.catalogue.model("pump"))
    return lives[(lives["asset"] == asset) & (lives["maintainable_item"] == "bearing")].reset_index(drop=True)
