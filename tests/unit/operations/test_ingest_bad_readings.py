"""Rows and files that cannot be used: each waits or is refused with its reason, and the good ones are kept."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest

from pdm.errors import InputError, UnreadableFile
from pdm.operations.ingest_readings import ingest_readings

WIDE = "asset,time,pressure,temperature\nP-101,2025-05-01T00:00Z,4.2,60\nP-101,2025-05-01T01:00Z,4.3,61\nP-102,2025-05-01T00:00Z,5.0,\n"


def take(plant, files, **options):
    report = ingest_readings(plant, files, **{"asset_class": "pump", **options})
    spoken_for = report.cells_new + report.cells_duplicate + report.cells_conflicting + report.cells_quarantined
    assert report.cells_read == spoken_for, "a value was lost or counted twice"
    return report


def quarantined(report):
    with report.quarantine_file.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


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
