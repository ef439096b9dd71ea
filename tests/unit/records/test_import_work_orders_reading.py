"""How lists are read: zones, dates, mappings, and the rows that wait."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from pdm.errors import DefinitionError, InputError, ZoneQuestion
from pdm.readings.events import read_events
from pdm.records.report import sentences


def utc(*parts):
    return pd.Timestamp(datetime(*parts, tzinfo=UTC))


def only(events):
    assert len(events) == 1
    return events.iloc[0]


def quarantined(report):
    return pd.read_csv(report.quarantine_file)["quarantine_reason"].tolist()


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
