"""From lines that people wrote to events with two times: what is stored, what waits, and what a second import changes."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from pdm.errors import DefinitionError, InputError, ZoneQuestion
from pdm.readings.events import read_events
from pdm.readings.lives import read_lives
from pdm.records.report import sentences


def utc(*parts):
    return pd.Timestamp(datetime(*parts, tzinfo=UTC))


def only(events):
    assert len(events) == 1
    return events.iloc[0]


def quarantined(report):
    return pd.read_csv(report.quarantine_file)["quarantine_reason"].tolist()


def test_a_malfunction_becomes_a_failure_with_two_times_a_label_and_its_place_in_the_file(plant, iw29, load):
    load(iw29({}))

    event = only(read_events(plant.history))
    assert (event["asset"], event["kind"], event["severity"]) == ("P-101", "failure", "critical")
    assert (event["failure_mode"], event["maintainable_item"], event["mechanism"]) == (
        "bearing_wear",
        "bearing",
        "wear",
    )
    assert event["time"] == utc(2026, 1, 5, 7, 30)
    assert event["recorded_at"] == utc(2026, 1, 5, 9)
    assert (event["source"], event["source_row"]) == ("sap-iw29", 2)


def test_what_was_entered_late_is_known_late_and_what_was_entered_early_not_before_it_happened(plant, iw29, load):
    late = {"number": "1", "created": "14.01.2026"}
    early = {"number": "2", "location": "P-102", "created": "02.01.2026"}

    load(iw29(late, early))

    events = read_events(plant.history).set_index("asset")
    assert events.loc["P-101", "recorded_at"] == utc(2026, 1, 14, 9)
    assert events.loc["P-102", "recorded_at"] == events.loc["P-102", "time"]


def test_a_bare_day_of_entry_counts_from_its_end(plant, iw29, load):
    load(iw29({"created_time": ""}))

    assert only(read_events(plant.history))["recorded_at"] == utc(2026, 1, 5, 22, 59, 59)


def test_todays_entry_without_a_clock_time_is_no_future(plant, iw29, load):
    load(iw29({"started": "01.06.2026", "created": "01.06.2026", "created_time": ""}))

    assert only(read_events(plant.history))["recorded_at"] == pd.Timestamp(plant.clock.now())


def test_the_same_export_twice_changes_nothing(plant, iw29, load):
    path = iw29({}, {"number": "10002", "location": "P-102"})
    load(path)
    before = {name: plant.history.version(name) for name in plant.history.names()}

    report = load(path)

    assert (report.events_new, report.events_revised, report.events_duplicate) == (0, 0, 2)
    assert {name: plant.history.version(name) for name in plant.history.names()} == before


def test_overlapping_monthly_exports_store_each_record_once(plant, iw29, load):
    january = iw29({"number": "1"}, {"number": "2", "started": "20.01.2026"}, name="january.csv")
    february = iw29(
        {"number": "2", "started": "20.01.2026"}, {"number": "3", "started": "03.02.2026"}, name="february.csv"
    )

    report = load(january, february)

    assert len(read_events(plant.history)) == 3
    assert (report.events_new, report.events_duplicate) == (3, 1)


def test_an_order_that_changed_is_a_new_version_and_the_past_stays_as_it_was_known(plant, iw29, load):
    other = {"number": "9", "location": "P-202", "started": "10.02.2026", "created": "10.02.2026"}
    load(iw29({"damage": "", "damage_text": "", "text": "laut", "part": "", "part_text": ""}, name="january.csv"))

    report = load(iw29({}, other, name="february.csv"))

    assert report.events_revised == 1
    now = read_events(plant.history, assets=["P-101"])
    then = read_events(plant.history, assets=["P-101"], known_at=datetime(2026, 1, 20, tzinfo=UTC))
    assert only(now)["failure_mode"] == "bearing_wear"
    assert only(then)["failure_mode"] == ""
    assert only(now)["recorded_at"] == utc(2026, 2, 10, 9)


def test_an_older_export_that_comes_later_changes_nothing(plant, iw29, load):
    other = {"number": "9", "location": "P-202", "started": "10.02.2026", "created": "10.02.2026"}
    older = iw29({"damage": "9999", "damage_text": "Sonstiges", "text": "laut", "part": ""}, name="january.csv")
    load(iw29({}, other, name="february.csv"))

    report = load(older)

    assert (report.rows_passed_over, report.events_revised) == (1, 0)
    assert only(read_events(plant.history, assets=["P-101"]))["failure_mode"] == "bearing_wear"


def test_an_older_row_is_told_by_its_own_date_of_change(iw29, load):
    load(iw29({"changed": "20.03.2026"}, name="a.csv"))

    report = load(iw29({"changed": "10.03.2026", "damage": "9999", "text": "neu"}, name="b.csv"))

    assert report.rows_passed_over == 1


def test_a_cancelled_record_is_taken_back_and_one_never_stored_is_not_stored(plant, iw29, load):
    load(iw29({}))

    report = load(iw29({"status": "MOFN LÖVM"}, {"number": "2", "status": "LOVM", "location": "P-102"}))

    assert report.events_voided == 1
    assert read_events(plant.history).empty


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


def _reading_table(plant, moments):
    from pdm.readings.store import ReadingStore
    from pdm.testing.history import MemoryHistory

    other = MemoryHistory()
    frame = pd.DataFrame({"asset": "P-101", "time": pd.DatetimeIndex(moments).as_unit("us"), "vibration": [1.0, 2.0]})
    ReadingStore(other).merge(plant.catalogue.asset_class("pump"), frame, source="t", recorded_at=plant.clock.now())
    return other.dataset("readings_pump").to_table()


ORDERS = "Order;Order Type;Functional Loc.;Description;Notification;Created on;Actual start;Actual finish;Bas. start date;System status"


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


def test_naive_times_are_a_question_and_nothing_is_stored(plant, iw29, load):
    with pytest.raises(ZoneQuestion, match="time zone does sap write"):
        load(iw29({}), time_zone=None)

    assert plant.history.version("events") == -1
    assert not (plant.workspace.home / "mappings").exists()


def test_the_zone_is_asked_once(iw29, load):
    load(iw29({}))

    assert load(iw29({"number": "2", "location": "P-102"}), time_zone=None).events_new == 1


def test_dates_in_three_formats_in_one_file_are_all_read(plant, iw29, load):
    rows = [
        {"number": "1", "started": "05.01.2026", "created": "2026-01-05"},
        {"number": "2", "location": "P-102", "started": "2026-01-06", "created": "01/06/2026"},
        {"number": "3", "location": "P-201", "started": "01/13/2026", "created": "20260113"},
    ]

    load(iw29(*rows))

    assert read_events(plant.history)["time"].dt.day.tolist() == [5, 6, 13]


def test_dates_that_can_be_read_in_two_ways_are_a_question(iw29, load):
    path = iw29({"started": "01/05/2026", "created": "01/06/2026"})

    with pytest.raises(InputError, match="which number is the day"):
        load(path)
    assert load(path, day_first=False).events_new == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"started": "gestern", "started_time": ""}, "Störungsbeginn: 'gestern' is no time"),
        ({"started": "05.01.2031"}, "lies in the future"),
        ({"number": ""}, "no Meldung: a line of the paper, or the number is missing"),
        ({"kind": "ZX"}, "nobody has said what type 'ZX' is: add it to [kinds] of the mapping"),
        ({"location": ""}, "names no machine"),
        ({"started": "00.00.0000", "started_time": "", "created": "", "created_time": ""}, "no date says when it happened"),
        ("10009;M2;too short", "3 cells where the header has 20: add or remove separators"),
    ],
)  # fmt: skip
def test_a_bad_row_waits_with_its_reason_and_the_good_ones_are_kept(plant, iw29, load, row, reason):
    row = row if isinstance(row, str) else {"number": "7"} | row

    report = load(iw29({"location": "P-202"}, row))

    assert only(read_events(plant.history))["asset"] == "P-202"
    assert reason in quarantined(report)[0]
    assert report.rows_read == report.rows_used + report.rows_quarantined + report.rows_passed_over == 2


def test_a_quarantined_row_that_was_mended_is_taken_in(plant, iw29, load):
    report = load(iw29({"location": "XX-9"}))
    mended = report.quarantine_file.read_text().replace("XX-9", "P-101")
    report.quarantine_file.write_text(mended)

    load(report.quarantine_file)

    assert only(read_events(plant.history))["asset"] == "P-101"


def test_the_mapping_is_proposed_kept_and_a_changed_one_is_respected(plant, iw29, load):
    path = iw29({"kind": "ZX"})
    first = load(path)
    kept = plant.workspace.home / "mappings" / "sap-iw29.toml"
    assert first.mappings[0].proposed
    assert first.mappings[0].text == kept.read_text()
    kept.write_text(kept.read_text().replace('"ZX" = ""', '"ZX" = "inspection"'))
    changed = kept.read_text()

    second = load(path)

    assert not second.mappings[0].proposed
    assert kept.read_text() == changed
    assert only(read_events(plant.history))["kind"] == "inspection"


def test_codes_that_a_kept_mapping_does_not_name_are_reported(iw29, load):
    load(iw29({}))

    report = load(iw29({"number": "2", "damage": "V77", "damage_text": "Leckage"}))

    assert report.mappings[0].new_codes == ("mechanisms: V77",)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('"M2" = "failure"', '"M2" = "failur"'), "did you mean 'failure'"),
        (("[kinds]", "[kind]"), "unknown table 'kind'"),
        (("[kinds]", "[kinds"), "sap-iw29.toml"),
        (('"yes" = "critical"', '"yes" = "terrible"'), "is unknown"),
    ],
)
def test_a_mistake_in_the_mapping_is_named(plant, iw29, load, change, complaint):
    load(iw29({}))
    kept = plant.workspace.home / "mappings" / "sap-iw29.toml"
    kept.write_text(kept.read_text().replace(*change))

    with pytest.raises(DefinitionError) as refusal:
        load(iw29({}))

    assert complaint in str(refusal.value)


def test_a_column_of_another_name_can_be_named_once(plant, iw29, load):
    header = iw29({}).read_text().splitlines()[0].replace("Störungsbeginn;", "Aufgetreten;")

    load(iw29({}, header=header), columns={"Aufgetreten": "started"})
    load(iw29({"number": "2", "location": "P-102"}, header=header))

    assert read_events(plant.history)["time"].tolist() == [utc(2026, 1, 5, 7, 30)] * 2


def test_a_dry_run_reports_and_stores_nothing(plant, iw29, load):
    report = load(iw29({}), dry_run=True)

    assert report.events == {"failure": 1}
    assert plant.history.version("events") == -1
    assert sorted(path.name for path in plant.workspace.home.iterdir()) == ["plant.db"]


def test_habits_of_the_desk_are_named(iw29, load):
    monday = datetime(2026, 1, 5)
    rows = []
    for n in range(24):
        day = monday + timedelta(days=7 * (n // 8))
        friday = (day + timedelta(days=4)).strftime("%d.%m.%Y")
        rows.append(
            {
                "number": str(n),
                "started": f"{day:%d.%m.%Y}",
                "started_time": "10:00:00",
                "created": f"{day:%d.%m.%Y}",
                "ended": friday,
            }
        )
    header = iw29({}).read_text().splitlines()[0].replace("Störungsende;", "Abschlussdatum;")

    report = load(iw29(*rows, header=header))

    assert report.start_equals_creation == report.starts == 24
    assert (report.closing_day, report.closing_share) == ("Fridays", 1.0)
    assert any("100% of 24 closings fall on Fridays" in sentence for sentence in sentences(report))


def test_an_order_takes_part_and_mode_from_its_notification(plant, iw29, load, tmp_path):
    (tmp_path / "iw39.csv").write_text(
        ORDERS + "\n1;PM01;P-101;instandgesetzt;10001;2026-01-05;2026-01-06;2026-01-07;2026-01-06;TECO"
    )

    load(tmp_path / "iw39.csv", iw29({"order": "1"}))

    repair = only(read_events(plant.history, kinds=["repair"]))
    assert (repair["maintainable_item"], repair["failure_mode"]) == ("bearing", "bearing_wear")


def test_a_spreadsheet_and_a_text_file_of_one_list_give_the_same_events(plant, workbook, load, tmp_path):
    rows = [
        [
            "Notification",
            "Notifictn type",
            "Functional Loc.",
            "Description",
            "Malfunct. start",
            "Start Malfn (T)",
            "Created on",
        ],
        [10001, "M2", "P-101", "Bearing worn", datetime(2026, 1, 5), "08:30:00", datetime(2026, 1, 6)],
    ]
    (tmp_path / "a.csv").write_text(";".join(rows[0]) + "\n10001;M2;P-101;Bearing worn;01/05/2026;08:30:00;01/13/2026")
    load(workbook(rows))

    (tmp_path / "a.csv").write_text(";".join(rows[0]) + "\n10001;M2;P-101;Bearing worn;05.01.2026;08:30:00;06.01.2026")
    report = load(tmp_path / "a.csv")

    assert (report.events_duplicate, report.events_new) == (1, 0)
    assert only(read_events(plant.history))["time"] == utc(2026, 1, 5, 7, 30)


@pytest.mark.parametrize("rows", [(), ({"location": "XX-9"},)], ids=["no row", "no good row"])
def test_a_list_without_a_good_row_stores_nothing_and_says_so(plant, iw29, load, rows):
    report = load(iw29(*rows))

    assert (report.rows_read, report.rows_used, report.events_new) == (len(rows), 0, 0)
    assert read_events(plant.history).empty
    assert sentences(report)[0].startswith(f"{len(rows)} records of IW29 read")


def test_a_text_that_names_a_longer_tag_does_not_name_the_shorter_one(iw29, load):
    report = load(iw29({"location": "LINE-1", "text": "P1011 undicht"}))

    assert report.matched == {"parent": 1}


def test_a_long_text_tells_what_the_short_one_leaves_out(plant, iw29, load):
    header = iw29({}).read_text().splitlines()[0].replace("Auftrag;", "Langtext;")
    row = {"damage": "9999", "damage_text": "Sonstiges", "part": "", "text": "Störung", "ended": "05.01.2026"}

    load(iw29(row | {"order": "Gleitringdichtung undicht, erneuert"}, header=header))

    events = read_events(plant.history)
    assert events["failure_mode"].tolist() == ["seal_leak", "seal_leak"]
    assert events["restores"].tolist() == [False, True]
    assert events["text"].tolist() == ["Störung [failure mode read from the text]", "Störung"]
