from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.errors import NotFound
from pdm.operations.answer_alert import close_alert, shelve_alert
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.register_assets import register_assets
from pdm.readings.registry import Asset
from pdm.views.fleet import fleet


def row_of(view, tag):
    return next(row for row in view.rows if row.asset == tag)


def test_the_worst_comes_first_and_the_unknown_before_the_normal(plant):
    view = fleet(plant)

    assert [row.asset for row in view.rows] == ["P-101", "P-102", "FD001-test-007", "P-104", "C-201", "P-103"]
    assert [row.words.condition for row in view.rows] == ["act", "watch", "watch", "unknown", "unknown", "normal"]


def test_a_row_speaks_in_sentences(plant):
    row = row_of(fleet(plant), "P-101")

    assert row.risk == "Bearing wear, drive end 74 % within 14 d"
    assert row.band == "11–31 days"
    assert row.rung == "fleet model"
    assert row_of(fleet(plant), "C-201").rung == ""
    assert (row.alert, row.request, row.age) == ("unacknowledged", "suggested", "just now")


def test_filters_narrow_the_rows_and_leave_the_counts_alone(plant):
    everything = fleet(plant)

    assert [row.asset for row in fleet(plant, asset_class="compressor").rows] == ["C-201"]
    assert {row.asset for row in fleet(plant, criticality=1).rows} == {"P-101", "P-104"}
    assert [row.asset for row in fleet(plant, condition="normal").rows] == ["P-103"]
    assert fleet(plant, criticality=1).counts == everything.counts
    assert everything.counts["act"] == 1
    assert everything.total == 6


def test_an_unknown_class_is_not_found(plant):
    with pytest.raises(NotFound):
        fleet(plant, asset_class="submarine")


def test_what_changed_since_yesterday_is_said(own_plant, seed):
    plant = own_plant
    with plant.unit_of_work() as work:
        alert = work.alerts.list(asset="P-101")[0]
    shelve_alert(plant, alert.id, by="Ada", why="May stop", until=seed.NOW + timedelta(days=7))

    changed = {row.asset: row.changed for row in fleet(plant, changed=True).rows}

    assert changed == {"P-101": ("alert shelved",), "P-102": ("alert acknowledged",)}


def test_a_risk_that_jumped_is_a_change(own_plant, seed):
    own_plant.clock.advance(timedelta(hours=25))
    later = seed.assessments(seed.NOW + timedelta(hours=25), 1.15)
    consider_assessments(own_plant, later)

    assert "risk up from 74 %" in row_of(fleet(own_plant), "P-101").changed


def test_when_scoring_stops_the_whole_fleet_becomes_unknown(own_plant):
    own_plant.clock.advance(timedelta(days=4))

    view = fleet(own_plant)

    assert {row.words.condition for row in view.rows} == {"unknown"}
    assert "its data stopped" in row_of(view, "P-101").changed
    assert view.scored == "4 days ago"


def test_an_asset_of_a_class_that_is_gone_is_still_seen(own_plant):
    register_assets(own_plant, [Asset("X-1", "pump")])
    gone = {name: value for name, value in own_plant.catalogue.classes.items() if name != "pump"}

    view = fleet(replace(own_plant, catalogue=replace(own_plant.catalogue, classes=gone)))

    assert row_of(view, "X-1").class_title == "pump"


def test_an_empty_plant_is_an_empty_fleet(seed, tmp_path):
    view = fleet(seed.empty_plant(tmp_path))

    assert (view.rows, view.total, view.scored) == ((), 0, "never")


def test_a_closed_alert_is_open_no_more(own_plant):
    with own_plant.unit_of_work() as work:
        alert = work.alerts.list(asset="P-101")[0]
    close_alert(own_plant, alert.id, by="Ada", why="wrong asset")

    row = row_of(fleet(own_plant), "P-101")

    assert row.alert_id == ""
    assert row.changed == ("alert closed",)
