"""Files as people export them, laid out as one row per machine and moment: every change is told in a sentence.

Header lines that come again, a line of units, date and time in two columns, spreadsheet dates, words for on and off: what a person
sees at once and a table does not say. Narrow tables and columns called `P-101.Pressure` are turned in `pdm.onboarding.turning`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.errors import ColumnsError, InputError, UnreadableFile
from pdm.onboarding.answers import Answers
from pdm.readings.cells import as_text, to_numbers
from pdm.readings.columns import unit_symbol
from pdm.readings.files import RawTable

Ints = npt.NDArray[np.int64]

_OF_DAY = r"^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[AaPp][Mm])?$"
_DATE = r"^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})$"
_DATED = re.compile(r"date|datum|time|zeit|stamp|fecha|horodat", re.I)
_NO_DATE = re.compile(r"run|oper|betrieb|hour|stunde|elaps|uptime|cycle|dauer|duration", re.I)
_SERIAL = (20_000.0, 80_000.0)
"""Spreadsheet days from 1954 to 2119: days since the end of 1899, the time of day behind the point."""
_SWITCH = {"true": "1", "false": "0", "on": "1", "off": "0", "yes": "1", "no": "0", "ein": "1", "aus": "0"}
_MOSTLY = 0.95


@dataclass(frozen=True, eq=False)
class Laid:
    """Rows of all files, one under the other. file_of_row: int64 [n]; notes: what was done to them; questions: what to confirm."""

    frame: pd.DataFrame
    file_of_row: Ints
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    def with_frame(self, frame: pd.DataFrame, *notes: str, kept: npt.NDArray[np.bool_] | None = None) -> Laid:
        """The same with other rows or columns. kept: which rows are still there."""
        of_row = self.file_of_row if kept is None else self.file_of_row[kept]
        return replace(
            self, frame=frame.reset_index(drop=True), file_of_row=of_row, notes=(*self.notes, *(n for n in notes if n))
        )


def lay_out(raws: Sequence[RawTable], answers: Answers) -> Laid:
    """The files under one header, tidied.

    Raises:
        ColumnsError: they differ in their columns, or the first line is no header. InputError: there are no rows.
        UnreadableFile: most lines do not fit the header.
    """
    for raw in raws:
        _check_header(raw)
        _check_lines(raw)
        _check_one_column(raw)
    _check_alike(raws)
    frames = [_decimal_commas(raw) for raw in raws]
    frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    if frame.empty:
        raise InputError(f"{raws[0].name} has a header and no rows", hint="export it again")
    notes = tuple(_broken_words(raw) for raw in raws if raw.broken)
    laid = Laid(frame, np.repeat(np.arange(len(raws)), [len(raw.frame) for raw in raws]).astype(np.int64), notes)
    laid = _without_headers(laid)
    laid = _without_unit_row(laid)
    laid = _switches(laid)
    laid = _one_moment(laid, answers)
    return _spreadsheet_dates(laid)


def _check_header(raw: RawTable) -> None:
    """A first line of numbers and moments is the first row of a file without a header."""
    names = pd.Series([str(column) for column in raw.frame.columns], dtype="str")
    moments = names.str.match(r"^\d{4}-\d{2}-\d{2}|^\d{1,2}[./]\d{1,2}[./]\d{2,4}").to_numpy(dtype=bool)
    values = np.isfinite(to_numbers(names).values) | moments
    if values.mean() >= 0.5 and len(names) > 1:
        raise ColumnsError(
            f"{raw.name} has no header line: its first line reads {', '.join(names[:4])}",
            hint="write a first line with one name per column",
        )


def _check_lines(raw: RawTable) -> None:
    if len(raw.broken) > len(raw.frame):
        first = raw.broken[0]
        raise UnreadableFile(
            f"{raw.name}: {len(raw.broken):,} lines have another number of cells than the first line, which is taken for the header "
            f"({', '.join(str(name) for name in raw.frame.columns[:3])}); line {first.row} reads {first.text[:60]!r}",
            hint="delete the lines above the header",
        )


def _check_one_column(raw: RawTable) -> None:
    """Everything in one cell: the first line was a title, and nothing in it separates cells."""
    if len(raw.frame.columns) > 1 or raw.frame.empty:
        return
    cells = raw.frame.iloc[:, 0].astype("str")
    for sign in (";", "\t", ","):
        if (cells.str.count(sign) == int(cells.str.count(sign).median())).mean() > 0.5 and cells.str.count(
            sign
        ).median() > 1:
            raise UnreadableFile(
                f"{raw.name}: the first line, {str(raw.frame.columns[0])[:60]!r}, is no header of what follows: {cells.iloc[-1][:60]!r}",
                hint="delete the lines above the header",
            )


def _broken_words(raw: RawTable) -> str:
    rows = ", ".join(str(line.row) for line in raw.broken[:3]) + (", ..." if len(raw.broken) > 3 else "")
    return f"{len(raw.broken)} line(s) of {raw.name} do not fit the header and are left out: line {rows}"


def _check_alike(raws: Sequence[RawTable]) -> None:
    header = sorted(str(column) for column in raws[0].frame.columns)
    for raw in raws[1:]:
        other = sorted(str(column) for column in raw.frame.columns)
        if other != header:
            differing = sorted(set(other) ^ set(header))
            raise ColumnsError(
                f"{raws[0].name} and {raw.name} do not have the same columns: {', '.join(differing)}",
                hint="onboard one kind of machine at a time, with files of one layout",
            )


def _decimal_commas(raw: RawTable) -> pd.DataFrame:
    """Cells such as `1,234`: a thousand or hardly more than one? Where something else separates the cells, the comma is a decimal one."""
    frame = raw.frame
    if raw.delimiter in ("", ","):
        return frame
    for column in map(str, frame.columns):
        if not frame[column].astype("str").str.contains(",", regex=False).any():
            continue
        alone, told = to_numbers(frame[column]), to_numbers(frame[column], delimiter=raw.delimiter)
        clear = np.isfinite(told.values) & ~np.isfinite(alone.values)
        if clear.any():
            plain = frame[column].str.replace(",", ".", regex=False).where(np.isfinite(told.values), frame[column])
            frame = frame.assign(**{column: plain})
    return frame


def _without_headers(laid: Laid) -> Laid:
    """Rows that say the header again, as in files that were pasted together."""
    again = np.zeros(len(laid.frame), dtype=np.int64)
    for column in laid.frame.columns:
        if not pd.api.types.is_numeric_dtype(laid.frame[column].dtype):
            again += (laid.frame[column].astype("str").str.strip() == str(column)).to_numpy(dtype=np.int64)
    kept = again < max(2, len(laid.frame.columns) // 2)
    if kept.all():
        return laid
    return laid.with_frame(
        laid.frame[kept], f"{int((~kept).sum())} row(s) repeat the header and are left out", kept=kept
    )


def _without_unit_row(laid: Laid) -> Laid:
    """A first row that gives units where all others have numbers: it goes into the header."""
    first, rest = laid.frame.iloc[0], laid.frame.iloc[1:200]
    units: dict[str, str] = {}
    for column in laid.frame.columns:
        word = "" if pd.isna(first[column]) else str(first[column]).strip()
        numbers = to_numbers(rest[column])
        if word and numbers.filled.any() and np.isfinite(numbers.values[numbers.filled]).mean() > _MOSTLY:
            if np.isfinite(to_numbers(pd.Series([word])).values[0]) or not _is_unit(word):
                return laid
            units[str(column)] = word
    if not units or len(rest) == 0:
        return laid
    named = {column: f"{column} [{word.strip('[]()')}]" for column, word in units.items() if "[" not in column}
    frame = laid.frame.iloc[1:].rename(columns=named)
    kept = np.arange(len(laid.frame)) > 0
    return laid.with_frame(frame, f"the first row gives units: {', '.join(units.values())}", kept=kept)


def _is_unit(word: str) -> bool:
    try:
        return unit_symbol(word.strip("[]()")) is not None
    except InputError:
        return False


def _switches(laid: Laid) -> Laid:
    """Words for on and off become ones and zeros."""
    changed, frame = [], laid.frame
    for column in frame.columns:
        if frame[column].dtype == bool:
            frame = frame.assign(**{str(column): frame[column].astype("int64").astype("str")})
            changed.append(repr(str(column)))
        elif not pd.api.types.is_numeric_dtype(frame[column].dtype):
            words = pd.Index(frame[column].dropna().astype("str").str.strip().str.lower().unique())
            if 1 <= len(words.difference([""])) <= 2 and words.difference([""]).isin(list(_SWITCH)).all():
                plain = frame[column].astype("str").str.strip().str.lower().map(_SWITCH).fillna("")
                frame = frame.assign(**{str(column): plain})
                changed.append(repr(str(column)))
    return laid.with_frame(frame, f"on and off in {', '.join(changed)} are read as 1 and 0") if changed else laid


def _one_moment(laid: Laid, answers: Answers) -> Laid:
    """A column of dates and one of times of day are one moment."""
    days = [c for c in laid.frame.columns if c != answers.time and _mostly(laid.frame[c], _DATE)]
    clocks = [c for c in laid.frame.columns if c != answers.time and _mostly(laid.frame[c], _OF_DAY)]
    if len(days) != 1 or len(clocks) != 1 or answers.time is not None:
        return laid
    day, clock = str(days[0]), str(clocks[0])
    both = laid.frame[day].astype("str").str.strip() + " " + laid.frame[clock].astype("str").str.strip()
    frame = laid.frame.drop(columns=[day, clock])
    frame.insert(0, f"{day} {clock}", both)
    return laid.with_frame(frame, f"'{day}' and '{clock}' together are the moment")


def _mostly(cells: pd.Series, pattern: str) -> bool:
    if pd.api.types.is_numeric_dtype(cells.dtype) or pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return False
    probed = cells.iloc[np.unique(np.linspace(0, len(cells) - 1, 200).astype(np.int64))]
    return bool(pd.Series(as_text(probed).to_pylist(), dtype="str").str.strip().str.match(pattern).mean() >= _MOSTLY)


def _spreadsheet_dates(laid: Laid) -> Laid:
    """A number called a date that lies where spreadsheets count their days today becomes a moment."""
    for column in laid.frame.columns:
        name, cells = str(column), laid.frame[column]
        if not _DATED.search(name) or _NO_DATE.search(name) or pd.api.types.is_datetime64_any_dtype(cells.dtype):
            continue
        values = to_numbers(cells).values
        known = values[np.isfinite(values)]
        if len(known) < _MOSTLY * len(values) or not len(known) or known.min() < _SERIAL[0] or known.max() > _SERIAL[1]:
            continue
        seconds = pd.Series(np.round((values - 25_569.0) * 86_400.0, 3))
        moments = pd.to_datetime(seconds, unit="s").dt.round("1s").dt.as_unit("us")
        note = f"'{name}' counts days since 1899-12-30, as spreadsheets do: its first row is {moments.iloc[0]}"
        return laid.with_frame(laid.frame.assign(**{name: moments}), note)
    return laid
