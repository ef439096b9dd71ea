"""Suppressed by design: planned stops, orders in progress and machines out of service, as other systems tell of them."""

from datetime import timedelta

import pytest

from pdm.alerts.alert import AlertState
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.import_equipment import import_equipment
from pdm.operations.import_planning import import_planning
from pdm.operations.import_work_orders import import_work_orders
from pdm.operations.register_assets import register_assets
from pdm.readings.exclusions import read_exclusions
from pdm.readings.marks import Mark, reconcile
from pdm.records.options import ListOptions
from pdm.testing.builders import NOON, an_assessment, an_asset
from pdm.testing.history import MemoryHistory
from pdm.testing.plants import a_plant
from pdm.views.alert import alert_page
from pdm.views.alerting import alerting
from pdm.views.asset import asset_page
from pdm.views.why import why_no_alert

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ORDERS = "wonum,assetnum,location,description,worktype,reportdate,actstart,actfinish,problemcode,wopriority,status,changedate,siteid"


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    register_assets(plant, [an_asset("P-101"), an_asset("P-200", location="site/area/line-2")])
    return plant


@pytest.fixture
def score(plant):
    """Let hours pass and score both pumps; how the alert of P-101 stands then."""

    def _score(hours, probability=0.7):
        plant.clock.set(NOON + hours * HOUR)
        consider_assessments(plant, [an_assessment(tag, probability, hours=hours) for tag in ("P-101", "P-200")])
        with plant.unit_of_work() as work:
            return {one.asset: one for one in work.alerts.list()}

    return _score


def stops(plant, *rows):
    file = plant.workspace.home / "stops.csv"
    file.write_text("\n".join(["name,start,end,scope", *rows]), encoding="utf-8")
    import_planning(plant, [file], table="stops")


def why(plant, alert, verb):
    with plant.unit_of_work() as work:
        return [entry.why for entry in work.audit.list(subject=f"alert:{alert.id}") if entry.verb == verb]


def test_a_planned_stop_silences_its_line_with_the_reason_and_ends_by_itself(plant, score):
    stops(plant, f"spring,{(NOON + 2 * HOUR).isoformat()},{(NOON + 6 * HOUR).isoformat()},site/area/line-1")

    assert score(0)["P-101"].state is AlertState.UNACKNOWLEDGED
    during = score(3)
    assert (during["P-101"].state, during["P-200"].state) == (AlertState.SUPPRESSED, AlertState.UNACKNOWLEDGED)
    assert why(plant, during["P-101"], "suppress") == ["planned stop spring"]
    assert score(7)["P-101"].state is AlertState.UNACKNOWLEDGED, "nothing is lost"


def test_nothing_is_raised_during_a_stop_and_everything_that_lasts_after_it(plant, score):
    stops(plant, f"spring,{NOON.isoformat()},{(NOON + 6 * HOUR).isoformat()},P-101")

    assert "P-101" not in score(1)
    assert score(7)["P-101"].state is AlertState.UNACKNOWLEDGED


def test_a_stop_that_is_taken_out_of_the_list_ends_and_one_that_moves_moves(plant, score):
    stops(plant, f"spring,{NOON.isoformat()},{(NOON + 60 * HOUR).isoformat()},")
    assert score(1) == {}
    stops(plant, f"autumn,{(NOON + 40 * DAY).isoformat()},{(NOON + 41 * DAY).isoformat()},")

    assert score(2)["P-101"].state is AlertState.UNACKNOWLEDGED
    assert sorted(read_exclusions(plant.history)["reason"].unique()) == ["planned stop autumn"]
    assert set(read_exclusions(plant.history, known_at=NOON + HOUR / 2)["reason"]) == {"planned stop spring"}


def test_a_machine_that_is_registered_later_stands_in_the_stop_too(plant):
    stops(plant, f"spring,{NOON.isoformat()},{(NOON + 60 * HOUR).isoformat()},")
    register_assets(plant, [an_asset("P-300")])
    register_assets(plant, [an_asset("P-300")])

    assert sorted(read_exclusions(plant.history)["asset"]) == ["P-101", "P-200", "P-300"]


def orders(plant, *rows):
    file = plant.workspace.home / "wo.csv"
    file.write_text("\n".join([ORDERS, *rows]), encoding="utf-8")
    import_work_orders(plant, [file])


def order(number, start, finish="", status="INPRG", changed=""):
    stamps = [start.isoformat(), finish and finish.isoformat(), (changed or start).isoformat()]
    return (
        f"{number},P-101,,Look at the seal,CM,{stamps[0]},{stamps[0]},{stamps[1]},LEAK,1,{status},{stamps[2]},BEDFORD"
    )


def test_an_order_in_progress_silences_its_machine_until_it_is_finished(plant, score):
    score(0)
    orders(plant, order("WO1", NOON - HOUR))

    during = score(1)["P-101"]
    assert during.state is AlertState.SUPPRESSED
    assert why(plant, during, "suppress") == ["order BEDFORD/WO1 is in progress"]
    plant.clock.set(NOON + 3 * HOUR)
    orders(plant, order("WO1", NOON - HOUR, NOON + 2 * HOUR, "COMP", NOON + 3 * HOUR))
    assert score(4)["P-101"].state is AlertState.UNACKNOWLEDGED


def test_an_order_that_nobody_closes_silences_for_a_fortnight_at_most(plant, score):
    orders(plant, order("WO1", NOON - HOUR), order("WO2", NOON - 40 * DAY))

    assert "P-101" not in score(24)
    assert score(24 * 15)["P-101"].state is AlertState.UNACKNOWLEDGED
    assert read_exclusions(plant.history)["reason"].tolist() == ["order BEDFORD/WO1 is in progress"]


def test_a_list_of_other_orders_leaves_an_order_in_progress_as_it_was(plant, score):
    orders(plant, order("WO1", NOON - HOUR))
    orders(plant, order("WO7", NOON - DAY, NOON, "COMP", NOON))
    assert "P-101" not in score(1)

    orders(plant, order("WO1", NOON - HOUR, status="CAN", changed=NOON + HOUR))
    assert score(2)["P-101"].state is AlertState.UNACKNOWLEDGED


def test_a_machine_that_the_list_calls_inactive_is_silent_until_it_calls_it_otherwise(plant, score):
    def equipment(*rows):
        file = plant.workspace.home / "assets.csv"
        file.write_text(
            "\n".join(["assetnum,description,location,parent,serialnum,assettype,status,installdate", *rows])
        )
        import_equipment(plant, [file], ListOptions(system="maximo", time_zone="UTC"))

    equipment("P-101,Feed pump,,,,PUMP,DECOMMISSIONED,", "P-200,Feed pump,,,,PUMP,OPERATING,")
    found = score(1)
    assert list(found) == ["P-200"]
    assert read_exclusions(plant.history)["reason"].tolist() == ["out of service: DECOMMISSIONED"]
    equipment("P-200,Feed pump,,,,PUMP,OPERATING,")
    assert len(read_exclusions(plant.history)) == 1, "a list that does not name it says nothing about it"
    equipment("P-101,Feed pump,,,,PUMP,OPERATING,")
    assert score(2)["P-101"].state is AlertState.UNACKNOWLEDGED


def test_marks_of_one_origin_leave_those_of_people_and_of_others_alone_and_change_nothing_twice():
    history = MemoryHistory()
    mark = Mark("a", "P-101", NOON, NOON + DAY, "stop a")

    assert reconcile(history, "stop", [mark], now=NOON) == 1
    assert reconcile(history, "stop", [mark], now=NOON) == 0
    assert reconcile(history, "order", [], now=NOON) == 0
    assert reconcile(history, "stop", [], now=NOON + 2 * DAY) == 0, "what is over stays on record"
    assert len(read_exclusions(history)) == 1
    assert reconcile(history, "stop", [], now=NOON) == 1
    assert read_exclusions(history).empty


def test_the_reason_stands_on_the_pages_of_machine_and_alert(plant, score):
    alert = score(0)["P-101"]
    stops(plant, f"spring,{NOON.isoformat()},{(NOON + 6 * HOUR).isoformat()},P-101")
    score(1)

    assert asset_page(plant, "P-101").silence == "Nobody is alerted until 2 Mar 2026, 19:00: planned stop spring."
    assert asset_page(plant, "P-200").silence == ""
    assert alert_page(plant, alert.id).state.endswith(": planned stop spring")
    assert [one.why for one in alerting(plant).silenced] == ["planned stop spring"]
    assert "planned stop spring" in " ".join(one.sentence for one in why_no_alert(plant, "P-101").answers)
