"""A CSV file as a maintenance system: nothing twice, nothing dangerous, nothing lost in a crash."""

import csv

import pytest

from pdm.adapters.cmms_csv import COLUMNS, FILE, CsvReceiver
from pdm.errors import InputError, StoreError
from pdm.testing.builders import a_request
from pdm.work.canonical import canonical_body


def body(n=1, **changes):
    return canonical_body(a_request(external_ref=f"PDM-{n}", **changes))


def rows(folder):
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_request_is_found_under_its_key(tmp_path):
    receiver = CsvReceiver(tmp_path)
    assert receiver.find("PDM-1") is None

    numbers = [receiver.submit(body(n)) for n in (1, 2)]

    assert numbers == ["CSV-1", "CSV-2"]
    assert CsvReceiver(tmp_path).find("PDM-2") == "CSV-2"
    assert [row["asset"] for row in rows(tmp_path)] == ["P-101", "P-101"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "\t=1", "\r=1"])
def test_a_cell_never_becomes_a_formula(tmp_path, cell):
    CsvReceiver(tmp_path).submit(body(title=cell, text=cell, location=cell))

    for value in rows(tmp_path)[0].values():
        assert not value.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_text_of_many_lines_stays_on_one(tmp_path):
    CsvReceiver(tmp_path).submit(body(text='one\ntwo\r\nthree, "four"'))

    assert rows(tmp_path)[0]["text"] == 'one two  three, "four"'
    assert len((tmp_path / FILE).read_text().splitlines()) == 2


def test_a_line_torn_by_a_crash_does_not_count_and_hurts_no_other(tmp_path):
    receiver = CsvReceiver(tmp_path)
    receiver.submit(body(1))
    whole = (tmp_path / FILE).read_bytes()
    receiver.submit(body(2, text='said "no"'))
    complete = (tmp_path / FILE).read_bytes()

    for length in range(len(whole) + 1, len(complete)):
        (tmp_path / FILE).write_bytes(complete[:length])
        again = CsvReceiver(tmp_path)
        assert again.find("PDM-2") is None
        again.submit(body(2))
        assert again.find("PDM-2") is not None
        assert again.find("PDM-1") == "CSV-1"


def test_a_request_without_a_key_is_refused(tmp_path):
    with pytest.raises(InputError, match="external_ref"):
        CsvReceiver(tmp_path).submit({"title": "x"})


def test_a_folder_that_cannot_be_written_is_tried_again_later(tmp_path):
    (tmp_path / "outgoing").write_text("a file, not a folder")

    with pytest.raises(StoreError, match="cannot be written"):
        CsvReceiver(tmp_path / "outgoing").submit(body())


def test_the_key_is_the_last_column():
    assert COLUMNS[-1] == "external_ref"
