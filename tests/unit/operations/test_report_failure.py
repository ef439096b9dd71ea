"""A failure that somebody reports is stored once, by name, and counts as missed where nobody saw it coming."""

from datetime import timedelta

import pandas as pd
import pytest

from pdm.errors import InputError, NotFound
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.report_failure import report_failure
from pdm.readings.events import append_events, read_events
from pdm.readings.lives import build_lives
from pdm.readings.registry import register
from pdm.testing.builders import NOON, an_assessment, an_asset
from pdm.testing.plants import a_plant
from pdm.views.alerting import alerting

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    register(plant.history, [an_asset("P-101"), an_asset("P-102")], [], now=NOON - DAY)
    plant.clock.set(NOON + 10 * DAY)
    return plant


def report(plant, asset="P-101", mode="seal_leak", days=5.0, **more):
    return report_failure(plant, asset, **({"by": "ben", "at": NOON + days * DAY, "failure_mode": mode} | more))


def audit(plant, verb="report"):
    with plant.unit_of_work() as work:
        return [entry for entry in work.audit.list() if entry.verb == verb]


def test_an_unpredicted_failure_is_an_event_with_a_name_in_the_audit_and_counts_as_missed(plant):
    done = report(plant, text="tripped at night")

    (event,) = read_events(plant.history).to_dict("records")
    assert (event["kind"], event["source"], event["severity"]) == ("failure", "reported", "critical")
    assert (event["failure_mode"], event["maintainable_item"], event["text"]) == (
        "seal_leak",
        "seal",
        "tripped at night",
    )
    assert (done.new, done.case_id, done.event_id) == (True, "", event["event_id"])
    (entry,) = audit(plant)
    assert (entry.who, entry.subject, entry.why) == ("ben", "asset:P-101", "tripped at night")
    found = alerting(plant, weeks=11)
    assert (found.failures, found.missed) == (1, 1)


def test_it_is_linked_to_the_open_case_and_then_not_missed(plant):
    plant.clock.set(NOON)
    consider_assessments(plant, [an_assessment(probability=0.9)])
    plant.clock.set(NOON + 10 * DAY)

    done = report(plant, mode="bearing_wear")

    with plant.unit_of_work() as work:
        case = work.cases.open_for("P-101")
        (comment,) = work.comments.list(f"case:{case.id}")
    assert done.case_id == case.id
    assert "Bearing wear" in comment.text
    assert alerting(plant, weeks=11).missed == 0


def test_the_same_report_again_changes_nothing_and_a_second_witness_is_only_heard(plant):
    first = report(plant)
    again = report(plant)
    witness = report(plant, days=5.5, by="olga", text="heard a bang")

    assert (first.new, again.new, witness.new) == (True, False, False)
    assert again.event_id == witness.event_id == first.event_id
    assert len(read_events(plant.history)) == 1
    assert [(entry.who, entry.why) for entry in audit(plant)] == [("olga", "heard a bang"), ("ben", "")]


def test_a_later_report_names_the_mode_that_the_first_left_open(plant):
    report(plant, mode="unspecified")
    report(plant, days=5.2)

    (event,) = read_events(plant.history).to_dict("records")
    assert event["failure_mode"] == "seal_leak"
    assert pd.Timestamp(event["time"]) == NOON + 5 * DAY


def test_after_a_repair_the_same_mode_failed_again(plant):
    report(plant)
    repair = {"asset": "P-101", "kind": "repair", "time": pd.Timestamp(NOON + 5.5 * DAY), "maintainable_item": "seal"}
    append_events(plant.history, pd.DataFrame([repair]), now=NOON + 6 * DAY, source="cmms")

    assert report(plant, days=6.0).new
    assert alerting(plant, weeks=11).failures == 2


def test_what_the_cmms_tells_too_is_one_failure_for_lives_and_figures(plant):
    report(plant)
    told = {"asset": "P-101", "kind": "failure", "severity": "critical", "maintainable_item": "seal"}
    order = pd.DataFrame([told | {"time": pd.Timestamp(NOON + 6 * DAY), "failure_mode": "seal_leak"}])
    append_events(plant.history, order, now=NOON + 7 * DAY, source="sap")

    assert alerting(plant, weeks=11).failures == 1
    moments = ["start", "end", "recorded_at"]
    installations = pd.DataFrame(columns=["asset", "item", "maintainable_item", "start_usage", "end_usage", *moments])
    last = {"asset": ["P-101"], "time": [NOON + 9 * DAY], "recorded_at": [NOON + 9 * DAY], "first": [NOON - 90 * DAY]}
    lives = build_lives(
        plant.catalogue.asset_class("pump"),
        {"P-101": an_asset()},
        installations.astype(dict.fromkeys(moments, "datetime64[us, UTC]")),
        read_events(plant.history),
        pd.DataFrame(last).astype(dict.fromkeys(["time", "recorded_at", "first"], "datetime64[us, UTC]")),
        counts_as_failure={"seal_leak": ("critical", "degraded")},
    )
    assert (lives["ended_by"] == "failure").sum() == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"asset": "P-999"}, NotFound),
        ({"mode": "gremlins"}, InputError),
        ({"days": 11}, InputError),
        ({"by": " "}, InputError),
        ({"severity": "bad"}, InputError),
        ({"days": -365 * 100}, InputError),
        ({"text": "x" * 3501}, InputError),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(plant, changes, error):
    with pytest.raises(error):
        report(plant, **changes)

    assert read_events(plant.history).empty
    assert audit(plant) == []
