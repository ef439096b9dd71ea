"""Files in every shape that a plant sends, and the promise that nothing is lost and nothing stored twice."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from pdm.errors import ColumnsError, ZoneQuestion
from pdm.operations.ingest_readings import ingest_readings

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


def test_a_file_per_machine_needs_no_asset_column(plant, write, stored):
    take(plant, [write("a.csv", "time,pressure\n2025-05-01T00:00Z,4.2\n")], asset="P-101")

    assert stored()[0]["asset"] == "P-101"


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
