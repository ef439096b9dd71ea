"""Every kind of bad input that a plant sends, and the promise that nothing is lost and nothing stored twice."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from pdm.errors import ColumnsError, InputError, UnreadableFile, ZoneQuestion
from pdm.operations.ingest_readings import ingest_readings
from pdm.readings.store import ReadingStore

WIDE = "asset,time,pressure,temperature\nP-101,2025-05-01T00:00Z,4.2,60\nP-101,2025-05-01T01:00Z,4.3,61\nP-102,2025-05-01T00:00Z,5.0,\n"
NARROW = (
    "Tag;Timestamp;Sensor;Value;Status\n"
    "P-101;01.05.2025 02:00;Pressure;4,2;Good\n"
    "P-101;01.05.2025 02:00;bearing temperature;60;good\n"
    "P-101;01.05.2025 03:00;pressure;4,3;uncertain\n"
    "P-102;01.05.2025 02:00;pressure;5;bad\n"
)


def take(plant, files, **options):
    report = ingest_readings(plant, files, **{"asset_class": "pump", **options})
    spoken_for = report.cells_new + report.cells_duplicate + report.cells_conflicting + report.cells_quarantined
    assert report.cells_read == spoken_for, "a value was lost or counted twice"
    return report


def quarantined(report):
    with report.quarantine_file.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_wide_file_is_stored_cell_by_cell(plant, write, stored):
    report = take(plant, [write("a.csv", WIDE)])

    assert (report.rows_read, report.rows_stored, report.cells_new) == (3, 3, 5)
    assert report.quarantine_file is None
    assert [row["pressure"] for row in stored()] == [4.2, 4.3, 5.0]


def test_a_narrow_export_with_decimal_commas_and_local_times_is_stored(plant, write, stored):
    report = take(plant, [write("a.csv", NARROW)], time_zone="Europe/Berlin")

    assert report.cells_new == 4
    rows = stored(quality=True)
    assert rows[0]["time"] == pd.Timestamp("2025-05-01T00:00Z")
    assert (rows[0]["pressure"], rows[0]["temperature"]) == (4.2, 60.0)
    assert rows[1]["pressure__q"] == 1
    assert "pressure" not in rows[2], "a bad value is kept but not shown"


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("a.csv", "utf-8-sig"), ("a.csv", "utf-16"), ("a.csv", "utf-16-le"), ("a.csv.gz", "latin-1"), ("a.txt", "cp1252")],
)
def test_the_same_file_in_any_encoding_gives_the_same_rows(plant, write, stored, name, encoding):
    content = WIDE.replace("temperature", "temperature [°C]")

    take(plant, [write(name, content, encoding)])

    assert [row.get("temperature") for row in stored()] == [60.0, 61.0, None]


def test_tabs_parquet_and_spreadsheets_say_the_same_as_csv(plant, write, tmp_path):
    frame = pd.DataFrame(
        {
            "asset": ["P-101", "P-102"],
            "time": pd.to_datetime(["2025-05-01T00:00", "2025-05-01T00:00"]),
            "pressure": [4.2, 5.0],
            "temperature": [60.0, None],
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    files = [
        write("a.tsv", frame.to_csv(sep="\t", index=False)),
        tmp_path / "a.parquet",
        tmp_path / "a.xlsx",
    ]

    reports = [take(plant, [file], time_zone="UTC") for file in files]

    assert [(report.cells_new, report.cells_duplicate) for report in reports] == [(3, 0), (0, 3), (0, 3)]


def test_the_same_file_twice_in_pieces_and_backwards_ends_in_one_table(plant, write, stored):
    lines = WIDE.splitlines()
    backwards = write("b.csv", "\n".join([lines[0], *lines[:0:-1]]))
    piece = write("c.csv", "\n".join([lines[0], lines[2]]))

    first = take(plant, [piece])
    second = take(plant, [backwards, write("a.csv", WIDE)])

    assert (first.cells_new, second.cells_new, second.cells_duplicate) == (2, 3, 7)
    assert len(stored()) == 3


def test_another_value_for_a_known_cell_is_a_counted_conflict_and_the_first_one_stands(plant, write, stored):
    take(plant, [write("a.csv", WIDE)])

    report = take(plant, [write("b.csv", WIDE.replace("4.2", "9.9"))])

    assert (report.cells_conflicting, report.cells_duplicate, report.cells_new) == (1, 4, 0)
    assert stored()[0]["pressure"] == 4.2


def test_a_cell_that_comes_twice_in_one_narrow_file_is_judged_like_in_two(plant, write, stored):
    line = "P-101,2025-05-01T00:00Z,pressure,{}\n"
    content = "asset,time,channel,value\n" + line.format("4.2") + line.format("4.2") + line.format("5")

    report = take(plant, [write("a.csv", content)])

    assert (report.cells_new, report.cells_duplicate, report.cells_conflicting) == (1, 1, 1)
    assert stored()[0]["pressure"] == 4.2


@pytest.mark.parametrize("header", ["pressure [psi]", "Discharge Pressure (PSI)", "PRESSURE(psi)"])
def test_a_unit_in_the_header_is_converted(plant, write, stored, header):
    take(plant, [write("a.csv", f"asset,time,{header}\nP-101,2025-05-01T00:00Z,100\n")])

    assert stored()[0]["pressure"] == pytest.approx(6.894757)


def test_a_unit_per_row_is_converted_and_an_impossible_one_goes_to_quarantine(plant, write, stored):
    content = (
        "asset,time,channel,value,unit\n"
        "P-101,2025-05-01T00:00Z,temperature,212,degF\n"
        "P-101,2025-05-01T01:00Z,temperature,3,bar\n"
    )

    report = take(plant, [write("a.csv", content)])

    assert stored()[0]["temperature"] == pytest.approx(100.0)
    assert "cannot turn pressure" in quarantined(report)[0]["quarantine_reason"]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("asset,time,vibraton", "did you mean 'vibration'?"),
        ("asset,time,pressure,operator", "column 'operator' is not a channel of pump"),
        ("time,pressure", "no column says which asset"),
        ("asset,pressure", "no column says when"),
        ("asset,time", "no column is a channel"),
        ("asset,time,pressure,Pressure", "both are 'pressure'"),
        ("asset,time,pressure,pressure", "two columns called 'pressure'"),
        ("asset,time,pressure [furlong]", "unknown unit 'furlong'"),
        ("asset,time,pressure [degC]", "cannot turn temperature"),
        ("P-101,2025-05-01T00:00Z,4.2", "has the file a header line?"),
    ],
)
def test_columns_that_are_not_understood_are_named_and_nothing_is_stored(plant, write, header, words):
    count = header.count(",") + 1
    file = write("a.csv", header + "\n" + ",".join(["1"] * count) + "\n")

    with pytest.raises(ColumnsError) as caught:
        take(plant, [file])

    assert words in str(caught.value)
    assert plant.history.dataset("readings_pump") is None


def test_a_mapping_names_columns_and_leaves_others_out_and_is_remembered(plant, write, stored):
    content = "asset,time,PT4711,operator\nP-101,2025-05-01T0{}:00,4.2,Eva\n"
    columns = {"PT4711": "pressure", "operator": ""}

    take(plant, [write("a.csv", content.format(0))], columns=columns, time_zone="UTC", source="scada")
    take(plant, [write("b.csv", content.format(1))], source="scada")

    assert len(stored()) == 2


def test_a_mapping_of_a_column_that_is_not_there_is_an_error(plant, write):
    with pytest.raises(ColumnsError, match="PT4712"):
        take(plant, [write("a.csv", WIDE)], columns={"PT4712": "pressure"})


def test_one_bad_cell_waits_and_the_rest_of_its_row_is_stored(plant, write, stored):
    report = take(plant, [write("a.csv", WIDE.replace("4.2,60", "off,60"))])

    assert stored()[0]["temperature"] == 60.0
    assert (report.rows_quarantined, report.rows_partly, report.cells_quarantined) == (1, 1, 1)
    row = quarantined(report)[0]
    assert row["quarantine_file"] == "a.csv"
    assert row["quarantine_row"] == "2"
    assert row["quarantine_reason"] == "pressure: 'off' is no number"
    assert row["quarantine_text"] == "P-101,2025-05-01T00:00Z,off,60"
    assert "temperature" not in row, "what is stored does not wait"


def test_a_mended_quarantine_file_brings_exactly_what_was_missing(plant, write, stored):
    content = WIDE.replace("4.2,60", "off,60").replace("P-102", "=E1").replace("5.0", "five")
    report = take(plant, [write("a.csv", content)])
    assert "'=E1" in report.quarantine_file.read_text(encoding="utf-8"), "no spreadsheet may run a tag"
    mended = report.quarantine_file.read_text(encoding="utf-8").replace(",off", ",4.2").replace(",five", ",5.0")
    report.quarantine_file.write_text(mended, encoding="utf-8")

    again = take(plant, [report.quarantine_file])

    assert (again.cells_new, again.cells_duplicate, again.rows_quarantined) == (2, 0, 0)
    assert [(row["asset"], row["pressure"]) for row in stored()] == [("=E1", 5.0), ("P-101", 4.2), ("P-101", 4.3)]


def test_a_quarantine_file_that_is_not_mended_keeps_saying_where_its_rows_came_from(plant, write):
    first = take(plant, [write("a.csv", WIDE.replace("4.2,60", "off,60"))])

    again = take(plant, [first.quarantine_file])

    row = quarantined(again)[0]
    assert (row["quarantine_file"], row["quarantine_row"]) == ("a.csv", "2")
    assert row["quarantine_text"] == "P-101,2025-05-01T00:00Z,off,60"


def test_missing_values_are_missing_and_infinite_ones_wait(plant, write, stored):
    content = "asset,time,pressure,temperature\nP-101,2025-05-01T00:00Z,NaN,n/a\nP-101,2025-05-01T01:00Z,inf,61\n"

    report = take(plant, [write("a.csv", content)])

    assert (report.cells_read, report.cells_new, report.cells_quarantined) == (2, 1, 1)
    assert quarantined(report)[0]["quarantine_reason"] == "pressure: 'inf' is not finite"
    assert len(stored()) == 1


def test_future_times_wait(plant, write, stored):
    report = take(plant, [write("a.csv", WIDE.replace("2025-05-01T01:00Z", "2031-05-01T01:00Z"))])

    assert len(stored()) == 2
    assert "lies in the future (now is 2025-06-01 00:00)" in quarantined(report)[0]["quarantine_reason"]


def test_a_clock_that_runs_four_minutes_ahead_is_forgiven(plant, write):
    report = take(plant, [write("a.csv", WIDE.replace("2025-05-01T01:00Z", "2025-06-01T00:04Z"))])

    assert report.rows_quarantined == 0


def test_rows_of_unknown_assets_wait_with_the_way_out(plant, write, stored):
    content = WIDE.replace("P-102", "P102").replace("P-101,2025-05-01T01:00Z", "N-1,2025-05-01T01:00Z")

    report = take(plant, [write("a.csv", content)])

    reasons = [row["quarantine_reason"] for row in quarantined(report)]
    assert reasons == [
        "N-1 is registered as engine, not as pump",
        "unknown asset 'P102': register it first (or is it 'P-102'?)",
    ]
    assert len(stored()) == 1


def test_unusable_times_and_missing_assets_wait_each_with_its_reason(plant, write):
    content = "asset,time,pressure\nP-101,yesterday,4\nP-101,,4\n,2025-05-01T00:00Z,4\nP-101,2025-02-30T00:00Z,4\n"

    report = take(plant, [write("a.csv", content)])

    assert [(row["quarantine_row"], row["quarantine_reason"]) for row in quarantined(report)] == [
        ("2", "'yesterday' is no time"),
        ("3", "the time is missing"),
        ("4", "the asset is missing"),
        ("5", "'2025-02-30T00:00Z' is no time"),
    ]


def test_lines_with_too_many_or_too_few_cells_wait_with_their_text(plant, write, stored):
    content = WIDE.replace("P-101,2025-05-01T01:00Z,4.3,61", "P-101,2025-05-01T01:00Z,4,3,61\nP-101")

    report = take(plant, [write("a.csv", content)])

    assert [(row["quarantine_row"], row["quarantine_text"]) for row in quarantined(report)] == [
        ("3", "P-101,2025-05-01T01:00Z,4,3,61"),
        ("4", "P-101"),
    ]
    assert report.rows_read == 4
    assert len(stored()) == 2


def test_row_numbers_are_those_of_the_file_even_behind_blank_and_broken_lines(plant, write):
    content = "asset,time,pressure\n\nP-101\nP-101,2025-05-01T00:00Z,4\n\nP-101,2025-05-01T01:00Z,off\n"

    report = take(plant, [write("a.csv", content)])

    assert [row["quarantine_row"] for row in quarantined(report)] == ["3", "6"]


def test_a_quote_without_its_end_does_not_swallow_the_file(plant, write, stored):
    content = WIDE.replace("P-101,2025-05-01T00:00Z", '"P-101,2025-05-01T00:00Z')

    report = take(plant, [write("a.csv", content)])

    assert len(stored()) == 2
    assert report.rows_quarantined == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\xef\xbb\xbf\n\n", "is empty"),
        ("a.csv", bytes(range(256)) * 20, "binary"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(200), "binary"),
        ("a.parquet", b"PAR1" + b"x" * 100, "no whole Parquet file"),
        ("a.parquet", b"asset,time\n", "no whole Parquet file"),
        ("a.xlsx", b"PK\x03\x04" + b"x" * 100, "no whole XLSX"),
        ("a.csv", b"\x1f\x8b" + b"x" * 100, "damaged gzip"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(plant, tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(UnreadableFile, match=words) as caught:
        take(plant, [tmp_path / name])

    assert name in str(caught.value)


@pytest.mark.parametrize("kind", ["gz", "parquet"])
def test_a_file_that_was_cut_off_is_refused_as_a_whole(plant, write, tmp_path, kind):
    rows = pd.DataFrame({"asset": "P-101", "time": pd.date_range("2025-05-01", periods=500, freq="min", tz="UTC")})
    rows["pressure"] = np.random.default_rng(1).normal(4, 0.1, 500)
    whole = tmp_path / f"a.{kind}"
    if kind == "gz":
        whole = write("a.csv.gz", rows.to_csv(index=False))
    else:
        rows.to_parquet(whole)
    whole.write_bytes(whole.read_bytes()[:-200])

    with pytest.raises(UnreadableFile):
        take(plant, [whole])

    assert plant.history.dataset("readings_pump") is None


def test_one_unreadable_file_among_many_means_that_nothing_is_stored(plant, write):
    with pytest.raises(UnreadableFile, match=r"b\.csv"):
        take(plant, [write("a.csv", WIDE), write("b.csv", b"")])

    assert plant.history.dataset("readings_pump") is None


def test_a_file_that_is_not_there_says_so(plant, tmp_path):
    with pytest.raises(UnreadableFile, match="there is no file"):
        take(plant, [tmp_path / "nowhere.csv"])


def test_times_without_a_zone_are_a_question_not_a_guess(plant, write):
    with pytest.raises(ZoneQuestion, match="In which time zone does historian write its times") as caught:
        take(plant, [write("a.csv", WIDE.replace("Z,", ","))], source="historian")

    assert "pass time_zone=" in str(caught.value)
    assert plant.history.dataset("readings_pump") is None
    assert not plant.workspace.quarantine.exists()


def test_a_zone_is_declared_once_per_source(plant, write, stored):
    local = WIDE.replace("Z,", ",")

    take(plant, [write("a.csv", local)], source="historian", time_zone="Europe/Berlin")
    again = take(plant, [write("b.csv", local)], source="historian")

    assert again.cells_new == 0
    assert stored()[0]["time"] == pd.Timestamp("2025-04-30T22:00Z")
    with pytest.raises(ZoneQuestion):
        take(plant, [write("c.csv", local)], source="another")


def test_a_misspelt_zone_gets_a_suggestion(plant, write):
    with pytest.raises(InputError, match="Europe/Berlin"):
        take(plant, [write("a.csv", WIDE)], time_zone="Europe/Berln")


def test_the_hour_that_does_not_exist_waits_with_the_reason(plant, write, stored):
    content = "asset,time,pressure\nP-101,2025-03-30 01:30,4\nP-101,2025-03-30 02:30,4.1\nP-101,2025-03-30 03:30,4.2\n"

    report = take(plant, [write("a.csv", content)], time_zone="Europe/Berlin")

    assert "does not exist in Europe/Berlin" in quarantined(report)[0]["quarantine_reason"]
    assert [f"{row['time']:%H:%M}" for row in stored()] == ["00:30", "01:30"]


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_hour_that_comes_twice_is_told_by_the_order_of_each_asset(plant, write, stored, newest_first):
    plant.clock.set(datetime(2025, 12, 1, tzinfo=UTC))
    hours = ["01:00", "02:00", "02:00", "03:00"]
    lines = [f"{asset},2025-10-26 {hour},{n}" for n, hour in enumerate(hours) for asset in ("P-101", "P-102")]
    content = "\n".join(["asset,time,pressure", *(reversed(lines) if newest_first else lines)])

    report = take(plant, [write("a.csv", content)], time_zone="Europe/Berlin")

    assert [(f"{row['time']:%d %H}", row["pressure"]) for row in stored(assets=["P-101"])] == [
        ("25 23", 0.0),
        ("26 00", 1.0),
        ("26 01", 2.0),
        ("26 02", 3.0),
    ]
    assert (report.cells_new, report.rows_guessed) == (8, 0)


def test_an_hour_that_the_order_does_not_tell_is_the_first_one_and_counted(plant, write, stored):
    plant.clock.set(datetime(2025, 12, 1, tzinfo=UTC))

    report = take(plant, [write("a.csv", "asset,time,pressure\nP-101,2025-10-26 02:00,4\n")], time_zone="Europe/Berlin")

    assert report.rows_guessed == 1
    assert stored()[0]["time"] == pd.Timestamp("2025-10-26T00:00Z")


def test_dates_that_can_be_read_in_two_ways_are_a_question(plant, write, stored):
    content = "asset,time,pressure\nP-101,03/05/2025 02:00,4\n"

    with pytest.raises(InputError, match="which number is the day"):
        take(plant, [write("a.csv", content)], time_zone="UTC")
    take(plant, [write("a.csv", content)], time_zone="UTC", day_first=True)

    assert stored()[0]["time"] == pd.Timestamp("2025-05-03T02:00Z")


def test_a_value_outside_the_possible_range_is_stored_as_bad_and_told(plant, write, stored):
    report = take(plant, [write("a.csv", WIDE.replace("4.2", "4200"))])

    assert report.cells_new == 5
    assert "pressure" not in stored()[0]
    assert [finding.kind for finding in report.findings] == ["out_of_range"]
    assert "P-101 discharge pressure read 4,200 bar, above the possible 40" in report.findings[0].sentence


def test_a_wrong_unit_by_a_thousand_is_seen_at_the_seam_with_what_is_stored(plant):
    rng = np.random.default_rng(3)
    rows = pd.DataFrame({"asset": "P-101", "time": pd.date_range("2025-05-01", periods=40, freq="h", tz="UTC")})
    rows["pressure"], rows["speed"] = rng.normal(4.0, 0.05, 40), 1480.0
    take(plant, rows[:20])

    report = take(plant, rows[20:].assign(pressure=rows["pressure"] * 1000))

    jump = next(finding for finding in report.findings if finding.kind == "unit_jump")
    assert jump.start == datetime(2025, 5, 1, 20, tzinfo=UTC)
    assert "written in mbar instead of bar?" in jump.sentence


def test_a_data_frame_is_taken_as_it_is(plant, stored):
    time = pd.date_range("2025-05-01", periods=3, freq="h", tz="UTC")
    frame = pd.DataFrame({"asset": "P-101", "time": time, "pressure": [4.0, np.nan, np.inf], "pressure__q": [1, 0, 0]})

    report = take(plant, frame)

    assert (report.rows_read, report.cells_new, report.cells_quarantined) == (3, 1, 1)
    assert stored(quality=True)[0]["pressure__q"] == 1


def test_a_naive_data_frame_is_asked_for_its_zone_too(plant):
    frame = pd.DataFrame({"asset": "P-101", "time": pd.date_range("2025-05-01", periods=3, freq="h"), "pressure": 4.0})

    with pytest.raises(ZoneQuestion):
        take(plant, frame)


def test_an_import_of_old_history_counts_as_known_at_its_own_time(plant, write, stored):
    take(plant, [write("a.csv", WIDE)], backfill=True, delay=timedelta(minutes=30))

    assert stored(known_at=datetime(2025, 5, 1, 0, 29, tzinfo=UTC)) == []
    assert len(stored(known_at=datetime(2025, 5, 1, 0, 30, tzinfo=UTC))) == 2


def test_fresh_readings_are_known_from_now_on(plant, write, stored):
    take(plant, [write("a.csv", WIDE)])

    assert stored(known_at=plant.clock.now() - timedelta(seconds=1)) == []


def test_a_recording_time_is_only_believed_of_old_history(plant):
    rows = pd.DataFrame(
        {
            "asset": ["P-101"],
            "time": pd.to_datetime(["2025-05-01T00:00Z"]),
            "recorded_at": pd.to_datetime(["2025-05-02T00:00Z"]),
            "pressure": [4.0],
        }
    )

    with pytest.raises(ColumnsError, match="only believed of old history"):
        take(plant, rows)
    take(plant, rows, backfill=True)

    last = ReadingStore(plant.history).last(plant.catalogue.asset_class("pump"))
    assert last["recorded_at"][0] == pd.Timestamp("2025-05-02T00:00Z")


def test_a_class_that_ages_by_a_counter_takes_numbers_for_times(plant, write, stored):
    content = "machine,cycle,s1,s2\nN-1,1,518.67,1.3\nN-1,x,518.67,1.3\nN-1,,518.7,1.3\n"

    report = take(plant, [write("a.csv", content)], asset_class="engine")

    assert stored("engine") == [{"asset": "N-1", "time": 1.0, "s1": 518.67, "s2": 1.3}]
    assert [row["quarantine_reason"] for row in quarantined(report)] == [
        "'x' is no number",
        "the position (cycles) is missing",
    ]


def test_old_history_along_a_counter_must_say_when_it_was_known(plant, write):
    with pytest.raises(InputError, match="recorded_at"):
        take(plant, [write("a.csv", "asset,cycles,s1\nN-1,1,500\n")], asset_class="engine", backfill=True)


def test_a_file_per_machine_needs_no_asset_column(plant, write, stored):
    take(plant, [write("a.csv", "time,pressure\n2025-05-01T00:00Z,4.2\n")], asset="P-101")

    assert stored()[0]["asset"] == "P-101"


def test_a_file_of_which_every_row_is_bad_stores_nothing_and_keeps_everything(plant, write):
    report = take(plant, [write("a.csv", "asset,time,pressure\nX-1,2025-05-01T00:00Z,4\n")])

    assert (report.rows_stored, report.rows_quarantined) == (0, 1)


def test_two_ingests_in_one_second_write_two_quarantine_files(plant, write):
    file = write("a.csv", WIDE.replace("4.2", "off"))

    paths = {take(plant, [file]).quarantine_file for _ in range(2)}

    assert len(paths) == 2


def test_unknown_channels_and_qualities_of_a_narrow_file_wait(plant, write):
    content = (
        "asset,time,channel,value,quality\n"
        "P-101,2025-05-01T00:00Z,vibraton,4,good\n"
        "P-101,2025-05-01T00:00Z,pressure,4,splendid\n"
        "P-101,2025-05-01T01:00Z,pressure,four,good\n"
    )

    report = take(plant, [write("a.csv", content)])

    assert [row["quarantine_reason"] for row in quarantined(report)] == [
        "'vibraton' is not a channel of pump: did you mean 'vibration'?",
        "'splendid' is no quality: good, uncertain, bad or substituted",
        "'four' is no number",
    ]
    assert report.rows_stored == 0


def test_no_file_at_all_is_an_error(plant):
    with pytest.raises(InputError, match="no file is named"):
        take(plant, [])


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_wrong_pieces_in_any_order_end_in_the_same_table(plant, write, stored, seed):
    rng = np.random.default_rng(seed)
    rows = [
        [
            rng.choice(["P-101", "P-102", "=E1", "P-999", ""], p=[0.4, 0.3, 0.2, 0.05, 0.05]),
            rng.choice([f"2025-05-01T{rng.integers(24):02d}:00Z", "soon", "2031-01-01T00:00Z"], p=[0.9, 0.05, 0.05]),
            rng.choice([f"{rng.integers(3):.2f}", "off", "inf", "", "4200"], p=[0.7, 0.1, 0.05, 0.1, 0.05]),
            rng.choice(["60", "", "1e400", "NaN"], p=[0.7, 0.1, 0.1, 0.1]),
        ]
        for _ in range(120)
    ]
    lines = [",".join(row) for row in rows]
    pieces = [write(f"{n}.csv", "\n".join(["asset,time,pressure,temperature", *lines[n::3]])) for n in range(3)]

    reports = [take(plant, [piece]) for piece in pieces]
    again = take(plant, rng.permutation(pieces).tolist())

    assert again.cells_new == 0
    assert again.rows_quarantined == sum(report.rows_quarantined for report in reports)
    assert sum(report.rows_read for report in reports) == 120
    keys = [(row["asset"], row["time"]) for row in stored()]
    assert len(keys) == len(set(keys))
