"""From the cells of a column to numbers: `4.2`, `4,2`, `1.234,5`, nothing at all, or words that are no number.

A cell that could be read in two ways is never guessed: it is marked with the question.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

MISSING = ("", "nan", "na", "n/a", "null", "none", "#n/a", "#nv", "<na>", "-nan")
"""Cells that say that there is no value (without regard to case)."""

_GROUP_GAP = r"[\u00a0\u202f']|(?<=\d) (?=\d{3}(?:\D|$))"
_GROUPED_COMMA = r"^[+-]?\d{1,3}(,\d{3})+$"
_GROUPED_DOT = r"^[+-]?\d{1,3}(\.\d{3})+$"
_EUROPEAN = r"^[+-]?\d{1,3}(\.\d{3})+,\d+$"
_ENGLISH = r"^[+-]?\d{1,3}(,\d{3})+\.\d+$"
_COMMA = r"^[+-]?\d*,\d+([eE][+-]?\d+)?$"


@dataclass(frozen=True)
class Numbers:
    """values: [n] float64, NaN where missing or bad. filled: [n] the cell says something. reasons: row index -> why it is no number."""

    values: npt.NDArray[np.float64]
    filled: npt.NDArray[np.bool_]
    reasons: dict[int, str]


def to_numbers(cells: pd.Series, *, delimiter: str = "") -> Numbers:
    """The numbers of one column.

    cells: text or numbers. delimiter: of the CSV they come from; where it is a comma, a quoted `1,234` stays ambiguous.

    >>> to_numbers(pd.Series(["4,2", "1.234,5", ""]), delimiter=";").values
    array([   4.2, 1234.5,    nan])
    >>> to_numbers(pd.Series(["4.2", "off", "inf"])).reasons
    {1: "'off' is no number", 2: "'inf' is not finite"}
    """
    if pd.api.types.is_numeric_dtype(cells.dtype):
        values = cells.to_numpy(dtype=np.float64, na_value=np.nan).copy()
        return _refuse_infinite(values, ~np.isnan(values), cells)
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return Numbers(
            np.full(len(cells), np.nan),
            cells.notna().to_numpy(),
            dict.fromkeys(np.flatnonzero(cells.notna()).tolist(), "a date is no number"),
        )
    text = pc.utf8_trim_whitespace(as_text(cells))
    filled = ~np.asarray(pc.is_in(pc.utf8_lower(text), value_set=pa.array(MISSING)))
    blanked = pc.if_else(pa.array(filled), text, pa.scalar(None, pa.string()))
    try:
        values = _floats(blanked)
    except pa.ArrowInvalid:
        return _salvage(blanked, filled, cells, delimiter)
    return _refuse_infinite(values, filled, cells)


def as_text(cells: pd.Series) -> pa.Array:
    """Any column as Arrow text, nulls as empty text."""
    if isinstance(cells.dtype, pd.StringDtype):
        array = pa.array(cells, pa.string())
    else:
        array = pa.array([None if cell is None or cell is pd.NA else str(cell) for cell in cells], pa.string())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return pc.fill_null(array, "")


def _floats(text: pa.Array) -> npt.NDArray[np.float64]:
    return np.array(pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _salvage(text: pa.Array, filled: npt.NDArray[np.bool_], cells: pd.Series, delimiter: str) -> Numbers:
    """Some cells are no plain numbers: look at the odd ones only, by their pattern."""
    series = pd.Series(text.to_numpy(zero_copy_only=False), dtype="str").str.replace(_GROUP_GAP, "", regex=True)
    european, english = _like(series, _EUROPEAN), _like(series, _ENGLISH)
    comma = _like(series, _COMMA) & ~english
    grouped_comma, grouped_dot = _like(series, _GROUPED_COMMA), _like(series, _GROUPED_DOT)
    comma_is_decimal = (
        (comma & ~grouped_comma).any() or european.any() or (delimiter not in (",", "") and not english.any())
    )
    plain = series.where(~english, series.str.replace(",", "", regex=False))
    plain = plain.where(~european, plain.str.replace(".", "", regex=False).str.replace(",", ".", regex=False))
    unclear = grouped_comma & (not comma_is_decimal or english.any())
    # In a column of decimal commas `1.234` may be a thousand; elsewhere a point is just a point.
    if european.any() or (comma & ~grouped_comma).any():
        unclear |= grouped_dot
    plain = plain.where(~(comma & ~unclear), plain.str.replace(",", ".", regex=False))
    values = np.array(pd.to_numeric(plain.where(~unclear), errors="coerce"), dtype=np.float64)
    reasons: dict[int, str] = {}
    for n in np.flatnonzero(filled & np.isnan(values)).tolist():
        shown = repr(str(cells.iloc[n]).strip())
        reasons[n] = (
            f"{shown} can be read in two ways: write it without separators" if unclear[n] else f"{shown} is no number"
        )
    return _refuse_infinite(values, filled, cells, reasons)


def _like(series: pd.Series, pattern: str) -> npt.NDArray[np.bool_]:
    return series.str.match(pattern).fillna(False).to_numpy(dtype=bool)


def _refuse_infinite(
    values: npt.NDArray[np.float64],
    filled: npt.NDArray[np.bool_],
    cells: pd.Series,
    reasons: dict[int, str] | None = None,
) -> Numbers:
    infinite = np.isinf(values)
    found = dict(reasons or {})
    for n in np.flatnonzero(infinite).tolist():
        found[n] = f"{str(cells.iloc[n]).strip()!r} is not finite"
    values[infinite] = np.nan
    return Numbers(values, filled, dict(sorted(found.items())))
