"""The health of alerting, with numbers worked out by hand, and nobody's name in it."""

import json
from dataclasses import asdict, replace
from datetime import timedelta

import pandas as pd
import pytest

from pdm.alerts.alert import AlertState
from pdm.catalogue import Policy
from pdm.operations.answer_alert import claim_alert, shelve_alert, take_out_of_service
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.record_verdict import record_verdict
from pdm.readings.events import append_events
from pdm.readings.registry import register
from pdm.testing.builders import NOON, an_assessment, an_asset
from pdm.testing.plants import a_plant
from pdm.views.alerting import alerting

DAY = timedelta(days=1)


@pytest.fixture
def plant(tmp_path):
    """Four alerts in eleven weeks: one confirmed, one unfounded, one shelved, one unanswered for over a month."""
    plant = a_plant(tmp_path, policy=Policy(raise_at=0.4, clear_at=0.2, persistence=(1, 1), sisters_within=0.0))
    pumps = [an_asset(f"P-{n}") for n in range(1, 5)]
    register(plant.history, pumps, [], now=NOON - DAY)
    verdicts = {"P-1": {"found": "damage", "severity": "critical"}, "P-2": {"found": "nothing"}}
    for number in range(1, 5):
        tag, at = f"P-{number}", NOON + 7 * number * DAY
        plant.clock.set(at)
        consider_assessments(plant, [replace(an_assessment(tag, probability=0.9), as_of=at, data_time=at)])
        with plant.unit_of_work() as work:
            (alert,) = work.alerts.list(asset=tag, states=[AlertState.UNACKNOWLEDGED])
        if tag in verdicts:
            claim_alert(plant, alert.id, by="ada")
            plant.clock.set(at + 6 * DAY)
            record_verdict(plant, alert.case_id, by="ada", inspected=True, **verdicts[tag])
    plant.clock.set(NOON + 70 * DAY)
    with plant.unit_of_work() as work:
        (alert,) = work.alerts.list(asset="P-3")
    shelve_alert(plant, alert.id, by="ben", why="stop in May", until=NOON + 80 * DAY)
    take_out_of_service(plant, "P-1", "seal_leak", by="ben", why="no seal")
    failure = {"asset": "P-2", "kind": "failure", "severity": "critical", "failure_mode": "seal_leak"}
    late = pd.DataFrame([failure | {"time": pd.Timestamp(NOON + 60 * DAY)}])
    append_events(plant.history, late, now=NOON + 70 * DAY)
    return plant


def test_figures_by_hand(plant):
    found = alerting(plant, weeks=11)

    assert (found.whole.raised, found.whole.right, found.whole.unfounded, found.whole.undecided) == (4, 1, 1, 2)
    assert found.whole.precision == 0.5
    assert found.per_week == pytest.approx(4 / 11)
    assert found.whole.false_per_year == pytest.approx(1 / (4 * 11 / 52.18))
    assert (found.engineers, found.stale, found.bursts) == (2, 1, 0)
    assert (found.failures, found.sufficient_lead, found.missed) == (2, 1, 1)
    assert [(one.name, one.raised) for one in found.by_class] == [("pump", 4)]
    assert [(one.name, one.raised) for one in found.by_model] == [("pump-1", 4)]
    assert sum(week.raised for week in found.weeks) == 4


def test_everything_silenced_is_listed_with_its_reason_and_end(plant):
    silenced = {(one.asset, one.state): (one.why, one.until) for one in alerting(plant).silenced}

    assert silenced["P-3", "shelved"] == ("stop in May", "21 May 2026, 14:00")
    assert silenced["P-1", "out of service"][1] == "further notice"


def test_nobody_is_named(plant):
    said = json.dumps(asdict(alerting(plant)), default=str)

    assert "ada" not in said
    assert "ben" not in said


def test_a_quiet_plant_has_no_precision(tmp_path):
    found = alerting(a_plant(tmp_path))

    assert found.whole.precision is None
    assert found.per_engineer is None
    assert found.worst == ()
