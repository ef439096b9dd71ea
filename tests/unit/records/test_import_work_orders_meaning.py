"""What a line of work orders tells: whose it is, whether it is a failure, and what was done."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from pdm.readings.events import read_events
from pdm.readings.lives import read_lives


def utc(*parts):
    return pd.Timestamp(datetime(*parts, tzinfo=UTC))


def only(events):
    assert len(events) == 1
    return events.iloc[0]


def quarantined(report):
    return pd.read_csv(report.quarantine_file)["quarantine_reason"].tolist()


def _reading_table(plant, moments):
    from pdm.readings.store import ReadingStore
    from pdm.testing.history import MemoryHistory

    other = MemoryHistory()
    frame = pd.DataFrame({"asset": "P-101", "time": pd.DatetimeIndex(moments).as_unit("us"), "vibration": [1.0, 2.0]})
    ReadingStore(other).merge(plant.catalogue.asset_class("pump"), frame, source="t", recorded_at=plant.clock.now())
    return other.dataset("readings_pump").to_table()


ORDERS = "Order;Order Type;Functional Loc.;Description;Notification;Created on;Actual start;Actual finish;Bas. start date;System status"


@pytest.mark.parametrize(
    ("written", "asset", "how"),
    [("P-101", "P-101", "exact"), ("p 0101", "P-101", "normalised"), ("P101", "P-101", "normalised"),
     ("W1-PU-P-202", "P-202", "place")],
)  # fmt: skip
def test_a_machine_is_recognised_as_written_spelt_otherwise_and_by_its_place(plant, iw29, load, written, asset, how):
    report = load(iw29({"location": written}))

    assert only(read_events(plant.history))["asset"] == asset
    assert report.matched == {how: 1}
    assert report.share_matched == 1.0


def test_a_similar_name_is_never_taken_without_a_yes(plant, iw29, load):
    report = load(iw29({"location": "P-1O1"}))

    assert read_events(plant.history).empty
    assert report.fuzzy == (("P-1O1", "P-101"),)
    assert "is it 'P-101'?" in quarantined(report)[0]


def test_a_yes_is_remembered_and_a_no_makes_an_orphan(plant, iw29, load):
    path = iw29({"location": "P-1O1"})

    assert load(path, confirm=lambda written, asset: (written, asset) == ("P-1O1", "P-101")).matched == {"confirmed": 1}
    table = plant.workspace.home / "records" / "matches.csv"
    assert "P-1O1,P-101,confirmed,1,yes" in table.read_text()
    assert load(path).matched == {"confirmed": 1}
    table.write_text(table.read_text().replace(",yes", ",no"))
    assert load(path).matched == {"orphan": 1}


def test_a_file_of_accepted_pairs_is_believed(iw29, load, tmp_path):
    (tmp_path / "pairs.csv").write_text("written;asset\nFeed pump one;P-101\n")

    report = load(iw29({"location": "Feed pump one"}), accepted=tmp_path / "pairs.csv")

    assert report.matched == {"confirmed": 1}


def test_a_record_on_the_parent_goes_to_the_child_that_its_text_names_and_waits_otherwise(plant, iw29, load):
    named = {"number": "1", "location": "LINE-1", "text": "P102: Lager laut"}
    unnamed = {"number": "2", "location": "LINE-1", "text": "Lager laut"}

    report = load(iw29(named, unnamed))

    assert only(read_events(plant.history))["asset"] == "P-102"
    assert report.booked_on_parent == 2
    assert quarantined(report) == ["booked on LINE-1, the parent of P-101, P-102; the text does not say which one"]


def test_an_orphan_waits_with_the_advice_to_register_it(iw29, load):
    report = load(iw29({"location": "XX-9"}))

    assert report.orphans == (("XX-9", 1),)
    assert any("not on record: XX-9" in sentence for sentence in report.advice)


def test_a_text_that_names_a_longer_tag_does_not_name_the_shorter_one(iw29, load):
    report = load(iw29({"location": "LINE-1", "text": "P1011 undicht"}))

    assert report.matched == {"parent": 1}


def test_where_codes_are_silent_the_text_may_speak_and_is_flagged(plant, iw29, load):
    report = load(iw29({"damage": "9999", "damage_text": "Sonstiges", "part": "", "text": "GLRD undicht"}))

    event = only(read_events(plant.history))
    assert event["failure_mode"] == "seal_leak"
    assert event["text"] == "GLRD undicht [failure mode read from the text]"
    assert (report.code_other, report.labels[0].from_text, report.labels[0].from_code) == (1, 1, 0)
    ledger = pd.read_csv(plant.workspace.home / "records" / "sap-iw29.csv")
    assert ledger["label_from"].tolist() == ["text"]


def test_what_nobody_says_stays_unknown(plant, iw29, load):
    row = {"damage": "", "damage_text": "", "part": "", "part_text": "", "text": "läuft nicht an", "priority": "3"}
    header = iw29({}).read_text().splitlines()[0].replace("Ausfall", "Sachbearbeiter")

    report = load(iw29(row | {"breakdown": "Meier"}, header=header))

    event = only(read_events(plant.history))
    assert (event["failure_mode"], event["maintainable_item"], event["severity"]) == ("", "", "")
    assert report.labels[0].failure_mode == ""
    assert report.labels[0].severity_known == 0


def test_no_fault_found_is_an_inspection(plant, iw29, load):
    load(iw29({"damage": "", "damage_text": "", "text": "Pumpe geprüft, ohne Befund"}))

    assert only(read_events(plant.history))["kind"] == "inspection"


def test_a_request_without_any_sign_of_damage_is_no_failure(plant, iw29, load):
    harmless = {"kind": "M1", "breakdown": "", "damage": "", "damage_text": "", "part": "", "text": "Anstrich erneuern"}

    load(iw29(harmless))

    assert read_events(plant.history).empty


def test_a_request_with_a_damage_code_is_a_degraded_failure(plant, iw29, load):
    load(iw29({"kind": "M1", "breakdown": ""}))

    event = only(read_events(plant.history))
    assert (event["kind"], event["severity"]) == ("failure", "degraded")


def test_an_end_makes_a_repair_unless_an_order_tells_of_it(plant, iw29, load):
    ended = {"ended": "05.01.2026", "ended_time": "16:00:00", "text": "Lager laut, ersetzt"}

    load(iw29({"number": "1"} | ended, {"number": "2", "location": "P-102", "order": "4711"} | ended))

    repairs = read_events(plant.history, kinds=["repair"])
    repair = only(repairs)
    assert (repair["asset"], repair["time"], repair["restores"]) == ("P-101", utc(2026, 1, 5, 15), True)


def test_a_repaired_failure_ends_a_life_and_begins_another(plant, iw29, load):
    ended = {"ended": "05.01.2026", "ended_time": "16:00:00", "text": "Lager laut, ersetzt"}
    load(iw29(ended))
    plant.history.append(
        "readings_pump",
        _reading_table(plant, [datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)]),
    )

    lives = read_lives(plant.history, plant.catalogue.asset_class("pump"), plant.catalogue.models["pump"])

    bearing = lives[(lives["asset"] == "P-101") & (lives["maintainable_item"] == "bearing")]
    assert bearing["ended_by"].tolist() == ["failure", "open"]
    assert bearing["failure_mode"].tolist() == ["bearing_wear", ""]


def test_orders_become_repairs_preventive_tasks_and_inspections_when_they_are_done(plant, load, tmp_path):
    lines = [
        "1;PM01;P-101;Bearing replaced;10001;2026-01-05;2026-01-06;2026-01-07;2026-01-06;TECO",
        "2;PM02;P-101;Grease;;2026-01-05;;2026-02-01;2026-02-01;TECO",
        "3;PM02;P-101;Grease;;2026-01-05;;;2026-09-01;CRTD",
        "4;PM05;P-102;Calibrate;;2026-01-05;;2026-02-02;2026-02-01;TECO",
    ]
    (tmp_path / "iw39.csv").write_text("\n".join([ORDERS, *lines]))

    report = load(tmp_path / "iw39.csv")

    events = read_events(plant.history).sort_values("event_id")
    assert events["kind"].tolist() == ["repair", "preventive", "inspection"]
    assert events["event_id"].tolist() == ["sap/IW39/1/repair", "sap/IW39/2/preventive", "sap/IW39/4/inspection"]
    assert events["restores"].tolist() == [True, False, False]
    assert report.orders_without_notification_list == 1


def test_maximo_work_orders_tell_of_failure_and_repair(plant, load, tmp_path):
    header = "wonum,assetnum,location,description,worktype,reportdate,actstart,actfinish,problemcode,wopriority,status,changedate,siteid"
    lines = [
        "WO1,P-101,,Seal leaking,EM,2026-01-05T08:00:00+00:00,2026-01-05T09:00:00+00:00,2026-01-05T12:00:00+00:00,"
        "LEAK,1,COMP,2026-01-06T08:00:00+00:00,BEDFORD",
        "WO2,P-102,,Cancelled one,CM,2026-01-05T08:00:00+00:00,,,LEAK,1,CAN,2026-01-06T08:00:00+00:00,BEDFORD",
    ]
    (tmp_path / "wo.csv").write_text("\n".join([header, *lines]))

    report = load(tmp_path / "wo.csv")

    events = read_events(plant.history)
    assert events["event_id"].tolist() == [
        "maximo/WORKORDER/BEDFORD/WO1/failure",
        "maximo/WORKORDER/BEDFORD/WO1/repair",
    ]
    assert events["failure_mode"].tolist() == ["seal_leak", "seal_leak"]
    assert report.lists == ("WORKORDER",)


def test_an_order_takes_part_and_mode_from_its_notification(plant, iw29, load, tmp_path):
    (tmp_path / "iw39.csv").write_text(
        ORDERS + "\n1;PM01;P-101;instandgesetzt;10001;2026-01-05;2026-01-06;2026-01-07;2026-01-06;TECO"
    )

    load(tmp_path / "iw39.csv", iw29({"order": "1"}))

    repair = only(read_events(plant.history, kinds=["repair"]))
    assert (repair["maintainable_item"], repair["failure_mode"]) == ("bearing", "bearing_wear")


def test_a_long_text_tells_what_the_short_one_leaves_out(plant, iw29, load):
    header = iw29({}).read_text().splitlines()[0].replace("Auftrag;", "Langtext;")
    row = {"damage": "9999", "damage_text": "Sonstiges", "part": "", "text": "Störung", "ended": "05.01.2026"}

    load(iw29(row | {"order": "Gleitringdichtung undicht, erneuert"}, header=header))

    events = read_events(plant.history)
    assert events["failure_mode"].tolist() == ["seal_leak", "seal_leak"]
    assert events["restores"].tolist() == [False, True]
    assert events["text"].tolist() == ["Störung [failure mode read from the text]", "Störung"]
