"""Right or wrong is derived from what was found and done."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.alerts.alert import UNSPECIFIED
from pdm.feedback.labels import label_events
from pdm.feedback.outcome import derive
from pdm.feedback.track_record import TrackRecord, track_record
from pdm.feedback.verdict import Verdict
from pdm.readings.tables import EVENTS
from pdm.testing.builders import NOON, an_alert

DAY = timedelta(days=1)


def a_verdict(**changes):
    base = Verdict("ve-1", "ca-1", "P-101", "ada", NOON + 19 * DAY, NOON + 20 * DAY, True, "damage", "degraded")
    return replace(base, failure_mode="bearing_wear", action="replaced", restores=True, **changes)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "averted"),
        ({"severity": "critical"}, "confirmed"),
        ({"severity": "degraded", "action": "monitored"}, "confirmed"),
        ({"severity": "incipient"}, "early"),
        ({"found": "nothing"}, "false"),
        ({"found": "nothing", "inspected": False}, "undecided"),
        ({"found": "sensor fault"}, "sensor fault"),
        ({"found": "process change"}, "process change"),
        ({"failure_mode": "seal_leak"}, "undecided"),
        ({"failure_mode": ""}, "averted"),
    ],
)
def test_outcomes(changes, outcome):
    assert derive(replace(a_verdict(), **changes), [an_alert()]) == outcome


def test_an_alert_that_named_no_mode_is_right_about_any_damage():
    assert derive(a_verdict(), [an_alert(mode=UNSPECIFIED)]) == "averted"


def test_the_track_record_counts_and_tells_the_lead():
    alerts = [an_alert(f"P-{n}", id=f"al-{n}", case_id=f"ca-{n}") for n in range(4)]
    verdicts = [
        a_verdict(id="ve-0", case_id="ca-0"),
        replace(a_verdict(id="ve-1", case_id="ca-1"), at=NOON + 21 * DAY, severity="critical"),
        replace(a_verdict(id="ve-2", case_id="ca-2"), found="nothing"),
    ]

    records = track_record(alerts, verdicts)

    record = records["pump", "bearing_wear"]
    assert record.outcomes == {"averted": 1, "confirmed": 1, "false": 1}
    assert record.sentence == "3 alerts, 2 confirmed, median lead 20 days"


def test_an_alert_nobody_answered_is_no_record():
    assert track_record([an_alert(case_id="ca-9")], []) == {}
    assert TrackRecord("pump", "wear").sentence == "no alert of this kind has been answered yet"


def test_each_alert_of_a_case_is_judged_on_its_own():
    alerts = [an_alert(case_id="ca-1"), an_alert(mode="seal_leak", id="al-2", case_id="ca-1")]

    records = track_record(alerts, [a_verdict()])

    assert records["pump", "bearing_wear"].right == 1
    assert records["pump", "seal_leak"].outcomes == {"undecided": 1}


def test_labels_have_the_columns_of_events_and_ids_that_stay():
    first = label_events(a_verdict(), failure_mode="bearing_wear", maintainable_item="bearing")
    later = replace(a_verdict(), recorded_at=NOON + 99 * DAY)
    second = label_events(later, failure_mode="bearing_wear", maintainable_item="bearing")

    assert list(first.columns) == EVENTS.names
    assert first["event_id"].tolist() == second["event_id"].tolist()
    assert first["event_id"].is_unique


def test_damage_that_is_only_watched_is_a_failure_without_a_repair():
    verdict = replace(a_verdict(), action="monitored", restores=False)

    events = label_events(verdict, failure_mode="bearing_wear", maintainable_item="bearing")

    assert events["kind"].tolist() == ["failure"]


def test_a_part_replaced_in_vain_is_an_inspection_and_a_repair():
    events = label_events(replace(a_verdict(), found="nothing"), failure_mode="", maintainable_item="bearing")

    assert events["kind"].tolist() == ["inspection", "repair"]
    assert events["restores"].tolist() == [False, True]
