"""One table from many kinds of file, with the row numbers that a person sees."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdm.errors import ColumnsError, UnreadableFile
from pdm.readings.cells import to_numbers
from pdm.readings.encoding import decode, detect
from pdm.readings.files import find_delimiter, read_file
from pdm.readings.grades import to_grades


@pytest.fixture
def read(tmp_path):
    def from_disk(content, name="a.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_file(path)

    return from_disk


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    lines = [["asset", "time", "value"], ["P-101", "2025-05-03 02:00:00", "4.2"], ["P-102", "2025-05-03 02:00:00", "5"]]

    assert find_delimiter("\n".join(delimiter.join(line) for line in lines)) == delimiter


def test_decimal_commas_do_not_pass_for_delimiters(read):
    raw = read("asset;time;v\nP,1;2025-05-03;4,2\nP,2;2025-05-03;4,3\n")

    assert raw.frame["v"].tolist() == ["4,2", "4,3"]


def test_rows_keep_the_number_that_an_editor_shows(read):
    raw = read("\na,b\n1,2\n\n3,4,5\n6\n7,8\n")

    assert raw.rows.tolist() == [3, 7]
    assert [(line.row, line.text) for line in raw.broken] == [(5, "3,4,5"), (6, "6")]


def test_excels_own_first_line_names_the_delimiter(read):
    raw = read("sep=;\r\na;b\r\n1;2\r\n")

    assert (list(raw.frame.columns), raw.rows.tolist()) == (["a", "b"], [3])


def test_quoted_cells_may_hold_delimiters_and_line_breaks(read):
    raw = read('a,b\n"x, y\nz",2\n')

    assert raw.frame["a"].tolist() == ["x, y\nz"]


def test_a_trailing_delimiter_makes_no_column(read):
    assert list(read("a;b;\n1;2;\n").frame.columns) == ["a", "b"]
    with pytest.raises(ColumnsError, match="has no name"):
        read("a;b;\n1;2;3\n")


def test_a_header_without_rows_is_an_empty_table(read):
    assert len(read("asset,time,value\n").frame) == 0


def test_several_gzip_members_are_one_file(read):
    raw = read(gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n"), "a.csv.gz")

    assert raw.frame["a"].tolist() == ["1", "3"]


def test_what_a_file_is_is_read_off_its_first_bytes(tmp_path):
    frame = pd.DataFrame({"a": pd.Categorical(["x", "y"]), "b": [1.0, 2.0]})
    frame.to_parquet(tmp_path / "odd.csv")

    assert read_file(tmp_path / "odd.csv").frame["a"].tolist() == ["x", "y"]


@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_our_own_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("fuzz") / "a.csv"
    path.write_bytes(data)

    try:
        raw = read_file(path)
    except (UnreadableFile, ColumnsError):
        return
    assert len(raw.frame) == len(raw.rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_text_is_recognised_in_any_usual_encoding(encoding):
    text = "asset;time;Öldruck [bar]\nP-101;2025-05-03 02:00;4,2\n"

    assert decode(text.encode(encoding), "a.csv") == text


def test_binary_data_is_no_text():
    assert detect(bytes(range(256))) is None
    with pytest.raises(UnreadableFile, match="binary"):
        decode(b"\x00\x01\x02" * 50, "a.csv")


@pytest.mark.parametrize(
    ("cells", "delimiter", "values"),
    [
        (["4.2", " 5 ", "", "NaN", "-1e3"], ",", [4.2, 5.0, None, None, -1000.0]),
        (["4,2", "5", "-,5"], ";", [4.2, 5.0, -0.5]),
        (["1.234,5", "2,5"], ";", [1234.5, 2.5]),
        (["1,234.5", "2.5"], ";", [1234.5, 2.5]),
        (["1 234,5", "1'234.5"], ";", [1234.5, 1234.5]),
        (["1,234"], ";", [1.234]),
        (["1,234"], ",", [None]),
        (["1.234", "1,5"], ";", [None, 1.5]),
        (["0x10", "1_000", "12 bar"], ",", [None, None, None]),
    ],
)
def test_numbers_are_read_as_they_were_meant_or_not_at_all(cells, delimiter, values):
    found = to_numbers(pd.Series(cells, dtype="str"), delimiter=delimiter)

    wanted = np.array([np.nan if value is None else value for value in values])
    np.testing.assert_array_equal(found.values, wanted)
    silent = [n for n, cell in enumerate(cells) if cell in ("", "NaN")]
    assert list(found.reasons) == [n for n in np.flatnonzero(np.isnan(wanted)).tolist() if n not in silent]


def test_opc_codes_and_words_mean_the_same_quality():
    assert to_grades(pd.Series(["192", "64", "0"]))[0].tolist() == [0, 1, 2]
    assert to_grades(pd.Series(["Good", "UNCERTAIN", "bad", "substituted", ""]))[0].tolist() == [0, 1, 2, 3, 0]
    assert to_grades(pd.Series([0, 3]))[0].tolist() == [0, 3]
    assert to_grades(pd.Series(["fine"]))[1] == {0: "'fine' is no quality: good, uncertain, bad or substituted"}
