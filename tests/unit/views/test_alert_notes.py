"""The hint that a repair is on record: only for what was suspected, after it was suspected, and as known now."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from pdm.operations.answer_alert import close_alert
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.ingest_events import ingest_events
from pdm.operations.register_assets import register_assets
from pdm.readings.registry import Installation
from pdm.views.alert import alert_page
from pdm.views.alert_notes import note, notes
from pdm.views.inbox import inbox
from pdm.views.requests import request_page, requests_page

HOUR = timedelta(hours=1)


def alert_of(plant, tag="P-101"):
    with plant.unit_of_work() as work:
        return work.alerts.list(asset=tag)[0]


def tell(plant, time, **more):
    """Work on the drive-end bearing of P-101, whose wear is suspected."""
    row = {"asset": "P-101", "time": time, "kind": "repair", "maintainable_item": suspected(plant)} | more
    ingest_events(plant, pd.DataFrame([row]), source="cmms")


def suspected(plant):
    alert = alert_of(plant)
    return plant.catalogue.models[alert.asset_class].mode(alert.failure_mode).maintainable_item


def test_without_work_on_record_there_is_no_note(plant):
    with plant.unit_of_work() as work:
        assert notes(plant, work.alerts.list()) == {}
    assert notes(plant, []) == {}


def test_a_repair_after_the_alert_is_told_on_its_page_and_on_the_request(own_plant, seed):
    tell(own_plant, seed.NOW - 2 * HOUR)
    alert = alert_of(own_plant)
    asked = next(row.request for row in requests_page(own_plant).open if row.request.asset == "P-101")

    said = alert_page(own_plant, alert.id).note

    assert said == "a repair is on record since 2 Mar 2026, 11:00: close it with a verdict?"
    assert request_page(own_plant, asked.id).note == said
    assert note(own_plant, alert_of(own_plant, "P-102")) == ""


@pytest.mark.parametrize(
    ("more", "begins"),
    [
        ({"kind": "failure"}, "a failure is"),
        ({"kind": "installation"}, "an installation is"),
        ({"kind": "preventive", "restores": True}, "a preventive replacement is"),
        ({"maintainable_item": "unit"}, "a repair is"),
        ({"maintainable_item": ""}, "a repair is"),
        ({"kind": "preventive"}, ""),
        ({"kind": "inspection"}, ""),
        ({"maintainable_item": "impeller"}, ""),
        ({"maintainable_item": "", "failure_mode": "seal_leak"}, ""),
    ],
)
def test_only_work_on_the_suspected_item_is_told(own_plant, seed, more, begins):
    tell(own_plant, seed.NOW - 2 * HOUR, **more)

    said = note(own_plant, alert_of(own_plant))

    assert said.startswith(begins)
    assert bool(said) is bool(begins)


def test_work_before_the_alert_was_raised_explains_nothing(own_plant):
    tell(own_plant, alert_of(own_plant).raised_at - HOUR)

    assert note(own_plant, alert_of(own_plant)) == ""


def test_an_item_that_was_exchanged_in_the_register_counts(own_plant, seed):
    exchanged = Installation("P-101", "BRG-77", seed.NOW - HOUR, suspected(own_plant))
    register_assets(own_plant, [], [exchanged])

    assert note(own_plant, alert_of(own_plant)).startswith("an installation is on record since 2 Mar 2026, 12:00")


def test_a_closed_alert_asks_for_nothing(own_plant, seed):
    tell(own_plant, seed.NOW - 2 * HOUR)
    closed = close_alert(own_plant, alert_of(own_plant).id, by="Ada", why="wrong asset")

    assert note(own_plant, closed) == ""


def test_nobody_claims_that_no_work_is_on_record(own_plant, seed):
    for hours in (6, 12, 18):
        own_plant.clock.set(seed.NOW + hours * HOUR)
        calm = seed.assessments(own_plant.clock.now(), 0.0)[0]
        consider_assessments(own_plant, [replace(calm, contributions=(), remaining_life=None)])

    [row] = [row for row in inbox(own_plant).open if row.alert.asset == "P-101"]

    assert "nobody has said why" in row.state
    assert "work on record" not in row.state
