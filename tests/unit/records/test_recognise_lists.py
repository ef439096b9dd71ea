"""Which list a file holds, and which of its lines are records."""

import pytest

from pdm.errors import ColumnsError, UnreadableFile
from pdm.records.grid import read_grids
from pdm.records.headers import LISTS, standard_header
from pdm.records.sheet import match_columns, read_sheet


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_german_list_is_recognised_in_every_encoding(iw29, encoding):
    sheet = read_sheet(iw29({}, encoding=encoding), "work")

    assert sheet.kind.name == "IW29"
    assert sheet.cells("damage_text").tolist() == ["Verschleiß"]


@pytest.mark.parametrize("delimiter", [";", "\t", ",", "|"])
def test_every_usual_delimiter_is_found(tmp_path, delimiter):
    rows = [["Notification", "Notifictn type", "Functional Loc.", "Malfunct. start", "Description"]]
    rows += [[str(n), "M2", "P-101", "2026-01-05", "noise"] for n in range(3)]
    (tmp_path / "list.csv").write_text("\n".join(delimiter.join(row) for row in rows))

    sheet = read_sheet(tmp_path / "list.csv", "work")

    assert sheet.kind.name == "IW29"
    assert sheet.cells("number").tolist() == ["0", "1", "2"]


def test_lines_of_two_encodings_and_two_delimiters_in_one_file_are_all_read(tmp_path):
    parts = [
        "Meldung;Meldungsart;Technischer Platz;Beschreibung;Störungsbeginn".encode("cp1252"),
        "1;M2;P-101;Lager läuft heiß;05.01.2026".encode("cp1252"),
        "2;M2;P-101;Dichtung für Welle;06.01.2026".encode(),
        "3\tM2\tP-102\tGetriebe; Ölstand\t07.01.2026".encode("cp1252"),
    ]
    (tmp_path / "mixed.csv").write_bytes(b"\r\n".join(parts))

    sheet = read_sheet(tmp_path / "mixed.csv", "work")

    assert sheet.cells("text").tolist() == ["Lager läuft heiß", "Dichtung für Welle", "Getriebe; Ölstand"]
    assert sheet.raw.rows.tolist() == [2, 3, 4]


def test_titles_page_headers_rulers_and_totals_are_paper(iw29, notification):
    from_page_two = notification(number="10002")
    head = "Dynamische Listausgabe;Seite 1\nWerk 1000 vom 01.03.2026\n\n"
    path = iw29(
        {"number": "10001"},
        "----;----;----",
        "Werk 1000 vom 01.03.2026",
        "Seite 2",
        from_page_two,
        "* Summe;2",
        before=head,
    )

    sheet = read_sheet(path, "work")

    assert sheet.cells("number").tolist() == ["10001", "10002"]
    assert sheet.furniture >= 6


def test_a_header_repeated_on_every_page_is_no_record(iw29):
    header = iw29({}).read_text().splitlines()[0]

    sheet = read_sheet(iw29({}, header, {"number": "10002"}), "work")

    assert sheet.cells("number").tolist() == ["10001", "10002"]


def test_a_framed_list_of_sap_is_read(tmp_path):
    lines = [
        "---------------------------------------",
        "|Meldung |Meldungsart|Equipment|Störungsbeginn|",
        "---------------------------------------",
        "|10001   |M2         |P-101    |05.01.2026    |",
        "---------------------------------------",
    ]
    (tmp_path / "list.txt").write_text("\n".join(lines), encoding="cp1252")

    sheet = read_sheet(tmp_path / "list.txt", "work")

    assert sheet.cells("equipment").tolist() == ["P-101"]


def test_a_missing_column_is_named_with_the_line_that_looks_like_the_header(tmp_path):
    (tmp_path / "list.csv").write_text("Meldung;Meldungsart;Beschreibung;Störungsbeginn\n1;M2;laut;05.01.2026")

    with pytest.raises(ColumnsError, match=r"row 1: looks like IW29.*no column 'Equipment' or 'Technischer Platz'"):
        read_sheet(tmp_path / "list.csv", "work")


def test_a_file_without_any_known_header_says_which_lists_are_known(tmp_path):
    (tmp_path / "list.csv").write_text("a;b\n1;2")

    with pytest.raises(ColumnsError, match="no line is the header of a known list"):
        read_sheet(tmp_path / "list.csv", "work")


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02\x03\xff" * 50])
def test_empty_and_binary_files_are_refused(tmp_path, data):
    (tmp_path / "list.csv").write_bytes(data)

    with pytest.raises(UnreadableFile):
        read_grids(tmp_path / "list.csv")


def test_a_cell_merged_over_rows_counts_for_each_of_them(workbook):
    rows = [
        ["Notifications", None, None, None],
        ["Functional Loc.", "Notification", "Notifictn type", "Malfunct. start"],
        ["P-101", 10001.0, "M2", "2026-01-05"],
        [None, 10002.0, "M2", "2026-01-06"],
        [None, 10003.0, "M2", "2026-01-07"],
    ]

    sheet = read_sheet(workbook(rows, merged=["A1:D1", "A3:A4"]), "work")

    assert sheet.cells("location").tolist() == ["P-101", "P-101", ""]
    assert sheet.cells("number").tolist() == ["10001", "10002", "10003"]
    assert sheet.merged == 1


def test_the_description_after_an_object_is_the_objects(tmp_path):
    header = [
        "Notification",
        "Functional Loc.",
        "Description",
        "Equipment",
        "Notifictn type",
        "Description",
        "Malfunct. start",
    ]
    (tmp_path / "a.csv").write_text(";".join(header) + "\n1;P-101;Feed pump;;M2;Bearing loud;2026-01-05")

    sheet = read_sheet(tmp_path / "a.csv", "work")

    assert (sheet.cells("text").item(), sheet.cells("object_text").item()) == ("Bearing loud", "Feed pump")


def test_a_bare_clock_column_belongs_to_the_date_before_it():
    names = ["Meldung", "Störungsbeginn", "Uhrzeit", "Störungsende", "Uhrzeit (2)"]

    columns = match_columns(names, LISTS[0], {})

    assert (columns["started_time"], columns["ended_time"]) == ("Uhrzeit", "Uhrzeit (2)")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", [kind for kind in LISTS if kind.system == "sap"], ids=lambda kind: kind.name)
def test_every_standard_header_of_sap_means_its_field(kind, language):
    headers = {field: standard_header(kind.name, field, language) for field in kind.fields}

    found = match_columns(list(headers.values()), kind, {})

    missed = {field for field in headers if field not in found}
    assert missed <= {"object_text"}


@pytest.mark.parametrize("kind", LISTS, ids=lambda kind: kind.name)
def test_every_list_is_told_from_the_others_by_its_standard_headers(kind, tmp_path):
    headers = [spellings[0] for spellings in kind.fields.values()]
    (tmp_path / "list.csv").write_text(";".join(dict.fromkeys(headers)) + "\n", encoding="utf-8")

    assert read_sheet(tmp_path / "list.csv", kind.record).kind.name == kind.name
