"""From a file on disk to a table of raw cells: CSV in its dialects, gzipped or not, Parquet and spreadsheets.

Nothing is interpreted here except where one cell ends: what the cells mean is decided by `columns`, `cells` and `timestamps`.
Rows keep the number that a person sees in an editor or spreadsheet (the header is row 1), so that a message can point at one.
Lines that do not fit the header are kept apart with their text instead of stopping the rest.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.errors import ColumnsError, InputError, MissingExtra, UnreadableFile
from pdm.readings.encoding import decode
from pdm.readings.quarantine import is_quarantine, rearm

_DELIMITERS = (";", "\t", ",", "|")
_LARGEST = 4 * 2**30
"""More than this many bytes after unpacking is no export but a bomb or a mistake."""


@dataclass(frozen=True)
class BrokenLine:
    """A line whose number of cells does not fit the header."""

    row: int
    reason: str
    text: str


@dataclass(frozen=True)
class RawTable:
    """The cells of one file as they stand there: text for CSV and spreadsheets, typed columns for Parquet and data frames.

    rows: [n] number of each row in the file. delimiter: of a CSV, else "".
    """

    name: str
    frame: pd.DataFrame
    rows: npt.NDArray[np.int64]
    broken: tuple[BrokenLine, ...] = ()
    delimiter: str = ""


def from_frame(frame: pd.DataFrame, name: str = "data frame") -> RawTable:
    """A data frame as if it were a file; its rows count from 1."""
    _refuse_twins([str(column) for column in frame.columns], name)
    named = frame.set_axis([str(column) for column in frame.columns], axis="columns").reset_index(drop=True)
    return RawTable(name, named, np.arange(1, len(frame) + 1, dtype=np.int64))


def read_all(files: Sequence[Path] | Path | pd.DataFrame, advance: Callable[[int], None]) -> list[RawTable]:
    """The tables of several files, of one, or of a data frame; `advance(1)` after each.

    Raises:
        InputError: no file is named; else as `read_file`.
    """
    if isinstance(files, pd.DataFrame):
        advance(1)
        return [from_frame(files)]
    paths = [Path(files)] if isinstance(files, str | Path) else [Path(file) for file in files]
    if not paths:
        raise InputError("no file is named", hint="name at least one")
    raws = []
    for path in paths:
        raws.append(read_file(path))
        advance(1)
    return raws


def read_file(path: Path) -> RawTable:
    """The cells of one file. What it is, is read off its first bytes; the ending of its name may lie.

    Raises:
        UnreadableFile: missing, empty, truncated, binary or of an unknown kind.
        ColumnsError: two columns bear one name.
        MissingExtra: a spreadsheet, and openpyxl is not installed.
    """
    if not path.is_file():
        raise UnreadableFile(f"there is no file {path}", hint="check the path")
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        data = _unpack(data, path.name)
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile(f"{path.name} is empty", hint="export it again")
    if data.startswith(b"PAR1") or path.suffix == ".parquet":
        return _read_parquet(data, path.name)
    if data.startswith(b"PK\x03\x04"):
        return _read_workbook(data, path.name)
    return _read_csv(decode(data, path.name), path.name)


def _unpack(data: bytes, name: str) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    try:
        while data:  # a gzip file may be several, one after the other
            parts.append(unpacker.decompress(data, _LARGEST - sum(map(len, parts))))
            if not unpacker.eof:
                reason = "unpacks to more than 4 GiB" if unpacker.unconsumed_tail else "is cut off: its end is missing"
                raise UnreadableFile(f"{name} {reason}", hint="copy or export it again")
            data = unpacker.unused_data.lstrip(b"\x00")
            unpacker = zlib.decompressobj(wbits=31)
    except zlib.error as error:
        raise UnreadableFile(f"{name} is a damaged gzip file ({error})", hint="copy or export it again") from None
    return b"".join(parts)


def _read_csv(text: str, name: str) -> RawTable:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    first, text = _skip_separator_line(text)
    delimiter = first or find_delimiter(text)
    # An opening quote without its end would swallow the rest of the file as one cell.
    quote: str | bool = '"' if text.count('"') % 2 == 0 else False
    header, skip = _header(text, delimiter, quoted=bool(quote))
    _refuse_twins(header, name)
    keys = [str(n) for n in range(len(header))]
    broken: list[BrokenLine] = []

    def keep(row: arrow_csv.InvalidRow) -> str:
        if row.text.strip():
            reason = f"{row.actual_columns} cells where the header has {row.expected_columns}"
            broken.append(BrokenLine(row.number, reason, row.text))
        else:
            broken.append(BrokenLine(row.number, "", ""))
        return "skip"

    payload = text.encode("utf-8")
    try:
        table = arrow_csv.read_csv(
            io.BytesIO(payload),
            read_options=arrow_csv.ReadOptions(
                use_threads=False,  # with threads Arrow does not know the number of a broken row
                block_size=min(len(payload) + 1, 2**31 - 1),
                column_names=keys,
                skip_rows=skip,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                quote_char=quote,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):
            raise UnreadableFile(f"{name} is no table ({error})", hint="export it as CSV with a header line") from None
        table = pa.table({key: pa.array([], pa.string()) for key in keys})
    frame = table.to_pandas().set_axis(header, axis="columns")
    if is_quarantine(header):
        frame = rearm(frame)
    rows = _row_numbers(len(frame), skip, [line.row for line in broken])
    frame, rows = _drop_blank(frame, rows)
    lines = tuple(line for line in broken if line.text)
    return RawTable(name, _drop_nameless(frame, name), rows, lines, delimiter)


def _skip_separator_line(text: str) -> tuple[str, str]:
    """Excel's own first line, `sep=;`."""
    start = text[:8].lower()
    if start.startswith("sep=") and len(text) > 5 and text[5] in "\r\n":
        return text[4], "\n" + text[5:].lstrip("\r\n")  # the line stays as a blank one: row numbers count it
    return "", text


def find_delimiter(text: str) -> str:
    r"""What separates the cells: the candidate that cuts the first lines most evenly, by the header's count.

    >>> find_delimiter("asset;time;pressure\nP-101;2026-05-03 02:00;4,2")
    ';'
    """
    lines = [line for line in text[:20000].splitlines() if line.strip()][:20] or [""]

    def evenness(delimiter: str) -> tuple[float, int]:
        counts = [len(row) - 1 for row in csv.reader(lines, delimiter=delimiter)]
        return (sum(count == counts[0] for count in counts) / len(counts) if counts[0] else 0.0, counts[0])

    return max(_DELIMITERS, key=evenness)


def _header(text: str, delimiter: str, *, quoted: bool) -> tuple[list[str], int]:
    """The names in the first line that is not blank, and how many lines to skip to get past it."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    for row in reader:
        if any(cell.strip() for cell in row):
            return [cell.strip().strip('"') for cell in row], reader.line_num
    raise UnreadableFile("the file is empty", hint="export it again")


def _row_numbers(count: int, skipped: int, broken: Sequence[int]) -> npt.NDArray[np.int64]:
    every = np.arange(skipped + 1, skipped + 1 + count + len(broken), dtype=np.int64)
    return every[~np.isin(every, np.asarray(broken, dtype=np.int64))]


def _drop_blank(frame: pd.DataFrame, rows: npt.NDArray[np.int64]) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """Leave out rows in which no cell says anything."""
    filled = np.zeros(len(frame), dtype=bool)
    for column in range(frame.shape[1]):
        if filled.all():
            break
        filled |= frame.iloc[:, column].str.strip().ne("").to_numpy(dtype=bool)
    return (frame, rows) if filled.all() else (frame[filled].reset_index(drop=True), rows[filled])


def _drop_nameless(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """A delimiter at the end of each line makes a last column without name and content."""
    if "" not in frame.columns:
        return frame
    if frame[""].str.strip().ne("").any():
        raise ColumnsError(f"{name}: a column with values has no name", hint="name it in the header")
    return frame.drop(columns="")


def _refuse_twins(header: Sequence[str], name: str) -> None:
    twins = sorted({column for column in header if column and list(header).count(column) > 1})
    if twins:
        raise ColumnsError(f"{name} has two columns called {twins[0]!r}", hint="rename one of them")


def _read_parquet(data: bytes, name: str) -> RawTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(data))
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(
            f"{name} is no whole Parquet file ({str(error).splitlines()[0]})", hint="copy or export it again"
        ) from None
    columns = [_plain(column) for column in table.columns]
    return from_frame(pa.table(columns, names=table.column_names).to_pandas(ignore_metadata=True), name)


def _plain(column: object) -> object:
    """Dictionaries become text and decimals become floats, so that later steps meet few types."""
    import pyarrow as pa

    kind = column.type  # type: ignore[attr-defined]  # pyarrow ships no types
    if pa.types.is_dictionary(kind):
        return column.cast(kind.value_type)  # type: ignore[attr-defined]  # pyarrow ships no types
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64())  # type: ignore[attr-defined]  # pyarrow ships no types
    return column


def _read_workbook(data: bytes, name: str) -> RawTable:
    try:
        import openpyxl
    except ImportError:
        raise MissingExtra("ingest", f"reading the spreadsheet {name}") from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets]
        book.close()
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, OSError, EOFError) as error:
        raise UnreadableFile(f"{name} is no whole XLSX workbook ({error})", hint="save it again in Excel") from None
    filled = [sheet for sheet in sheets if any(any(cell is not None for cell in row) for row in sheet)]
    if not filled:
        raise UnreadableFile(f"{name} has no sheet with cells", hint="save it again")
    return _from_sheet(filled[0], name, _cell_text)


def _from_sheet(sheet: list[list[object]], name: str, as_text: Callable[[object], str]) -> RawTable:
    start = next(n for n, row in enumerate(sheet) if any(cell is not None for cell in row))
    header = [as_text(cell).strip() for cell in sheet[start]]
    _refuse_twins(header, name)
    cells = [[as_text(cell) for cell in row] for row in sheet[start + 1 :]]
    frame = pd.DataFrame(cells, columns=range(len(header)), dtype="str").set_axis(header, axis="columns")
    rows = np.arange(start + 2, start + 2 + len(frame), dtype=np.int64)
    frame, rows = _drop_blank(frame, rows)
    return RawTable(name, _drop_nameless(frame, name), rows)


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if hasattr(cell, "isoformat"):
        return str(cell.isoformat())
    return repr(cell) if isinstance(cell, float) else str(cell)
