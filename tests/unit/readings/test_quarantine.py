"""Rows that wait can be read by people, opened in a spreadsheet without danger, and sent again."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pandas as pd
import pytest

from pdm.readings.quarantine import QUARANTINE_COLUMNS, Rejected, as_lines, disarm, rearm, write_quarantine

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def test_nothing_to_write_makes_no_file_and_no_folder(tmp_path):
    assert write_quarantine(tmp_path / "quarantine", [], source="x", now=NOW) is None
    assert not (tmp_path / "quarantine").exists()


def test_rows_of_files_with_different_columns_share_one_file(tmp_path):
    rejected = [
        Rejected("a.csv", 2, "no number", "P,off", {"asset": "P", "pressure": "off"}),
        Rejected("b.csv", 7, "no time", "Q,never", {"asset": "Q", "time": "never"}),
    ]

    path = write_quarantine(tmp_path, rejected, source="scada/line 1", now=NOW)

    assert path.name == "20250601T000000Z-scada-line-1.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [*QUARANTINE_COLUMNS, "asset", "pressure", "time"]
    assert (rows[1]["quarantine_row"], rows[1]["time"], rows[1]["pressure"]) == ("7", "never", "")


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-x", "@SUM(A1)", "\tx", "=G1-M1"])
def test_what_a_spreadsheet_would_run_is_disarmed_and_comes_back_whole(cell):
    armed = disarm(cell)

    assert armed.startswith("'")
    assert rearm(pd.DataFrame({"a": [armed]}, dtype="str"))["a"][0] == cell


@pytest.mark.parametrize("cell", ["-4.2", "+1e5", "4,2", "P-101", ""])
def test_numbers_and_plain_words_stay_as_they_are(cell):
    assert disarm(cell) == cell


def test_a_line_is_quoted_where_it_must_be():
    assert as_lines([["P-101", "4,2"], ["a", ""]]) == ['P-101,"4,2"', "a,"]
