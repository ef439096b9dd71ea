"""Which list a file holds, where its header stands, and which of its lines are records rather than paper.

Page headers, rulers, repeated headers and totals are passed over and counted; a line that is neither record nor furniture is kept
apart with its text, so that nothing vanishes unseen.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pdm.errors import ColumnsError
from pdm.readings.columns import simple
from pdm.readings.files import BrokenLine, RawTable
from pdm.readings.quarantine import is_quarantine, rearm
from pdm.records.grid import DELIMITERS, Grid, Line, cut, read_grids
from pdm.records.headers import CLOCK_WORDS, LISTS, ListKind, Record

_SEARCHED = 60
"""A header further down than this many lines is none."""

_RULER = re.compile(r"[\s\-=_+|*]*")
_TOTAL = re.compile(r"(?i)^(?:\*+$|\*+\s|Σ|summe|zwischensumme|gesamt|subtotal|total|grand total|anzahl|number of)")
_PAPER = re.compile(
    r"(?i)\b(seite|page|blatt)\b\s*:?\s*\d|dynamische listausgabe|dynamic list (?:output|display)|^\d+ (?:sätze|records|entries|einträge)"
)


@dataclass(frozen=True)
class Sheet:
    """One recognised list.

    raw: its records under the headers of the file. columns: field -> column. furniture: lines that are paper, not records.
    """

    kind: ListKind
    raw: RawTable
    columns: Mapping[str, str]
    furniture: int = 0
    merged: int = 0

    def cells(self, field: str) -> pd.Series:
        """A field as text, "" where the list has no such column."""
        if field not in self.columns:
            return pd.Series("", index=self.raw.frame.index, dtype="str")
        return self.raw.frame[self.columns[field]].str.strip()

    def has(self, field: str) -> bool:
        """Whether the list has this column."""
        return field in self.columns


@dataclass(frozen=True)
class _Header:
    kind: ListKind
    position: int
    names: tuple[str, ...]
    columns: dict[str, str]
    score: int


def read_sheet(
    path: Path, record: Record, *, own: Mapping[str, Mapping[str, str]] | None = None, only: str | None = None
) -> Sheet:
    """The list in a file.

    own: list -> header -> field, "" leaves it out; the plant's own mappings, stronger than the known spellings. only: a system,
    `sap` or `maximo`.

    Raises:
        UnreadableFile, MissingExtra: as `read_grids`.
        ColumnsError: no line of it is the header of a list about `record`; says what is missing.
    """
    grids = read_grids(path)
    wanted = [kind for kind in LISTS if kind.record == record and only in (None, kind.system)]
    found = [(header, grid) for grid in grids if (header := _find(grid, wanted, own or {})) is not None]
    if not found:
        raise _no_header(grids[0], wanted, own or {})
    header, grid = max(found, key=lambda pair: pair[0].score)
    return _body(grid, header)


def match_columns(names: Sequence[str], kind: ListKind, own: Mapping[str, str]) -> dict[str, str]:
    """Field -> column of a header line, by the plant's own words first.

    Of several descriptions, one right after an object's number is the object's.
    """
    words = {simple(word): field for field, spellings in kind.fields.items() for word in reversed(spellings)}
    # The first spellings are the standard ones: they win where two fields share a word.
    words |= {simple(word): field for field, spellings in kind.fields.items() for word in spellings[:2]}
    mine = {simple(name): field for name, field in own.items()}
    clocks = {simple(word) for word in CLOCK_WORDS}
    standard = {simple(word) for word in kind.fields.get("text", ())[:2]}
    found: dict[str, str] = {}
    texts: list[tuple[bool, bool, str]] = []
    before = ""
    for name in names:
        word = simple(re.sub(r" \(\d+\)$", "", name))
        field = mine.get(simple(name), words.get(word, ""))
        if not field and word in clocks and f"{before}_time" in kind.fields:
            field = f"{before}_time"
        if field == "text":
            texts.append((before in ("equipment", "location"), word not in standard, name))
        elif field and field not in found:
            found[field] = name
        before = field
    texts.sort(key=lambda one: one[:2])
    for field, (_, _, name) in zip(("text", "object_text"), texts, strict=False):
        if field in kind.fields and field not in found:
            found[field] = name
    return found


def _find(grid: Grid, kinds: Sequence[ListKind], own: Mapping[str, Mapping[str, str]]) -> _Header | None:
    best: _Header | None = None
    for position, line in enumerate(grid.lines[:_SEARCHED]):
        names = _unique(line.cells)
        for kind in kinds:
            columns = match_columns(names, kind, own.get(kind.name, {}))
            score = len(columns) + 3 * sum(field in columns for field in kind.tells)
            if not _missing(columns, kind) and (best is None or score > best.score):
                best = _Header(kind, position, names, columns, score)
    return best


def _missing(columns: Mapping[str, str], kind: ListKind) -> list[tuple[str, ...]]:
    return [fields for fields in kind.needed if not set(fields) & set(columns)]


def _unique(cells: Sequence[str]) -> tuple[str, ...]:
    """Header cells with twins numbered: SAP writes `Beschreibung` for the order and for its object."""
    seen: dict[str, int] = {}
    names = []
    for cell in cells:
        name = " ".join(cell.strip().strip('"').split())
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 or not name else f"{name} ({seen[name]})")
    return tuple(names)


def _body(grid: Grid, header: _Header) -> Sheet:
    paper = {_without_numbers(line) for line in grid.lines[: header.position]}
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    broken: list[BrokenLine] = []
    furniture = header.position
    for line in grid.lines[header.position + 1 :]:
        cells = _fit(line, len(header.names), grid.delimiter)
        if _is_paper(line, header, paper):
            furniture += 1
        elif cells is None:
            reason = f"{len(line.cells)} cells where the header has {len(header.names)}"
            broken.append(BrokenLine(line.row, reason, line.text))
        else:
            rows.append(cells)
            numbers.append(line.row)
    table = pd.DataFrame(rows, columns=range(len(header.names)), dtype="str").fillna("")
    keep = [n for n, name in enumerate(header.names) if name]
    frame = table[keep].set_axis([header.names[n] for n in keep], axis="columns")
    if is_quarantine(header.names):
        frame = rearm(frame)
    raw = RawTable(grid.name, frame, np.asarray(numbers, dtype=np.int64), tuple(broken), grid.delimiter)
    return Sheet(header.kind, raw, header.columns, furniture, grid.merged)


def _fit(line: Line, size: int, delimiter: str) -> tuple[str, ...] | None:
    """The cells of a row as many as the header has; a file pasted together may change its delimiter on the way."""
    if not delimiter:
        return (*line.cells, *[""] * size)[:size]
    if len(line.cells) > size and not any(line.cells[size:]):
        return line.cells[:size]
    if len(line.cells) == size:
        return line.cells
    others = (cut(line.text, other) for other in DELIMITERS if other != delimiter)
    return next((cells for cells in others if len(cells) == size), None)


def _is_paper(line: Line, header: _Header, paper: set[str]) -> bool:
    words = [cell for cell in line.cells if cell]
    if all(_RULER.fullmatch(word) for word in words) or _unique(line.cells) == header.names:
        return True
    if len(words) > max(3, len(header.names) // 2):
        return False
    return bool(_TOTAL.match(words[0])) or bool(_PAPER.search(" ".join(words))) or _without_numbers(line) in paper


def _without_numbers(line: Line) -> str:
    return re.sub(r"[\d.:\s]+", "", "".join(line.cells))


def _no_header(grid: Grid, kinds: Sequence[ListKind], own: Mapping[str, Mapping[str, str]]) -> ColumnsError:
    """What is missing from the line that comes nearest to a header."""
    tried = [
        (len(columns), -position, line, kind, columns)
        for position, line in enumerate(grid.lines[:_SEARCHED])
        for kind in kinds
        if len(columns := match_columns(_unique(line.cells), kind, own.get(kind.name, {}))) > 1
    ]
    if not tried:
        known = ", ".join(f"{kind.name} ({kind.title})" for kind in kinds)
        return ColumnsError(f"{grid.name}: no line is the header of a known list", hint=f"known lists: {known}")
    _, _, line, kind, columns = max(tried, key=lambda one: one[:2])
    lacks = "; ".join(
        "no column " + " or ".join(repr(kind.fields[field][0]) for field in fields if field in kind.fields)
        for fields in _missing(columns, kind)
    )
    unknown = [name for name in line.cells if name and name not in columns.values()]
    near = [(name, difflib.get_close_matches(simple(name), _spellings(kind), n=1)) for name in unknown]
    guess = next((f"; is {name!r} meant by it?" for name, close in near if close), "")
    return ColumnsError(
        f"{grid.name}, row {line.row}: looks like {kind.name} ({kind.title}), but has {lacks}{guess}",
        hint=f'export it with this column, or say which one it is: columns={{"...": "{_missing(columns, kind)[0][0]}"}}',
    )


def _spellings(kind: ListKind) -> list[str]:
    return [simple(word) for spellings in kind.fields.values() for word in spellings]
