"""From an export on disk to rows of cells, wherever in the file the table begins.

Exports of maintenance systems are lists made for paper: a title and a page number above the header, the header again on every page,
totals below. So the first line is not the header here, and `pdm.readings.files` cannot cut them; its decoder and row numbers are kept.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pdm.errors import MissingExtra, UnreadableFile
from pdm.readings.encoding import decode, detect

DELIMITERS = (";", "\t", ",", "|")


@dataclass(frozen=True)
class Line:
    """One row. row: its number in the file, from 1. text: as it stands there ("" in a spreadsheet)."""

    row: int
    cells: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True)
class Grid:
    """All rows of one file or sheet. delimiter: of a text file, else "". merged: cells that were filled from a merged group."""

    name: str
    lines: tuple[Line, ...]
    delimiter: str = ""
    merged: int = 0


def read_grids(path: Path) -> list[Grid]:
    """The rows of a text file, or of every sheet of a workbook that has any.

    Raises:
        UnreadableFile: missing, empty, truncated or binary.
        MissingExtra: a spreadsheet, and openpyxl is not installed.
    """
    if not path.is_file():
        raise UnreadableFile(f"there is no file {path}", hint="check the path")
    data = path.read_bytes()
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile(f"{path.name} is empty", hint="export it again")
    if data.startswith(b"PK\x03\x04"):
        return _read_workbook(data, path.name)
    text = _decode(data, path.name)
    delimiter = find_delimiter(text)
    return [Grid(path.name, tuple(_lines(text, delimiter)), delimiter)]


def cut(text: str, delimiter: str) -> tuple[str, ...]:
    """One line as cells."""
    return tuple(cell.strip() for cell in next(csv.reader([text], delimiter=delimiter), []))


def find_delimiter(text: str) -> str:
    r"""What separates the cells: the candidate that cuts most lines into the same number of cells, titles above the table or not.

    >>> find_delimiter("Liste vom 03.05.2026, Seite 1\n\nMeldung;Equipment;Text\n1;P-101;Lager, laut\n2;P-102;")
    ';'
    """
    lines = [line for line in text[:200_000].splitlines() if line.strip()]

    def evenness(delimiter: str) -> tuple[int, int]:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
        return max(((many, cells) for cells, many in counts.items()), default=(0, 0))

    return max(DELIMITERS, key=evenness)


def _decode(data: bytes, name: str) -> str:
    """The text; where UTF-8 and Western lines stand in one file, each line by itself."""
    if detect(data) not in ("cp1252", "latin-1"):
        return decode(data, name)
    return "\n".join(_decode_line(line.rstrip(b"\r"), name) for line in data.split(b"\n"))


def _decode_line(line: bytes, name: str) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return decode(line, name)


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    # An opening quote without its end would swallow the rest of the file as one cell.
    plain = text.splitlines()
    before = 0
    quoted = text.count('"') % 2 == 0
    source = io.StringIO(text)
    reader = (
        csv.reader(source, delimiter=delimiter)
        if quoted
        else csv.reader(source, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    )
    for cells in reader:
        row, before = before + 1, reader.line_num
        if any(cell.strip() for cell in cells):
            # Only a row on one line can be cut again by another delimiter.
            whole = plain[row - 1] if before == row and row <= len(plain) else delimiter.join(cells)
            yield Line(row, tuple(cell.strip() for cell in cells), whole)


def _read_workbook(data: bytes, name: str) -> list[Grid]:
    try:
        import openpyxl
    except ImportError:
        raise MissingExtra("ingest", f"reading the spreadsheet {name}") from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)  # read_only mode does not know merged cells
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, OSError, EOFError) as error:
        raise UnreadableFile(f"{name} is no whole XLSX workbook ({error})", hint="save it again in Excel") from None
    grids = [grid for sheet in book.worksheets if (grid := _sheet_grid(sheet, name)).lines]
    if not grids:
        raise UnreadableFile(f"{name} has no sheet with cells", hint="save it again")
    return grids


def _sheet_grid(sheet: Any, name: str) -> Grid:
    """One sheet; a cell merged over several rows counts for each of them, one merged over columns is a title."""
    filled: dict[tuple[int, int], str] = {}
    for area in sheet.merged_cells.ranges:
        if area.min_col == area.max_col:
            word = _cell_text(sheet.cell(area.min_row, area.min_col).value)
            filled |= {(row, area.min_col): word for row in range(area.min_row + 1, area.max_row + 1)}
    lines = []
    for row, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = tuple(filled.get((row, column), _cell_text(value)) for column, value in enumerate(values, start=1))
        if any(cells):
            lines.append(Line(row, cells))
    return Grid(name, tuple(lines), merged=len(filled))


def _cell_text(value: object) -> str:
    """A cell as text: whole numbers without a point, since order numbers come as floats."""
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
