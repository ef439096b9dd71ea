"""Work requests into a CSV file, for plants whose maintenance system reads one, or whose planner does.

home/outgoing/work_requests.csv is only ever appended to, one line per request, flushed to disk before it counts. Cells that a
spreadsheet would take for a formula are defused with an apostrophe.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pdm.errors import InputError, StoreError
from pdm.ports import Payload, ReceiverStatus

FILE = "work_requests.csv"

COLUMNS = (
    "number",
    "created_at",
    "priority",
    "title",
    "asset",
    "location",
    "failure_mode",
    "maintainable_item",
    "required_start",
    "required_end",
    "latest_safe",
    "stop_needed",
    "hours",
    "crafts",
    "parts",
    "detection",
    "reported_by",
    "text",
    "external_ref",  # last, so that a line torn by a crash never shows its key
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class CsvReceiver:
    """A receiver that is a file. Its numbers are CSV-1, CSV-2, ... in the order of the lines."""

    def __init__(self, folder: Path) -> None:
        """Nothing is created until the first request."""
        self._file = folder / FILE

    @property
    def name(self) -> str:
        return f"csv file {self._file.name}"

    def find(self, external_ref: str) -> str | None:
        """The number under which this key stands in the file."""
        return next((row[0] for row in self._rows() if row[-1] == defuse(external_ref)), None)

    def submit(self, body: Mapping[str, Any]) -> str:
        """Append one request; its number.

        Raises:
            InputError: the request has no key.
            StoreError: the file cannot be written.
        """
        if not body.get("external_ref"):
            raise InputError("a work request without external_ref cannot be handed over")
        number = f"CSV-{sum(1 for _ in self._rows()) + 1}"
        line = _line(_cells(body, number))
        try:
            self._append(line)
        except OSError as error:
            raise StoreError(
                f"{self._file} cannot be written: {error.strerror}", hint="see that the folder has space"
            ) from error
        return number

    def status(self, number: str) -> ReceiverStatus:  # noqa: ARG002  the port's name
        """Nothing is read back from the file."""
        return ReceiverStatus()

    def dry_run(self, body: Mapping[str, Any]) -> Payload:
        """The cells of the line, under their columns."""
        return Payload("APPEND", str(self._file), {}, dict(zip(COLUMNS, _cells(body, "CSV-n"), strict=True)))

    def _append(self, line: str) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("ab") as file:
            if file.tell() == 0:
                line = _line(COLUMNS) + line
            elif not self._ends_well():
                line = "\n" + line  # a torn line stays on record, alone
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())

    def _ends_well(self) -> bool:
        with self._file.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _rows(self) -> Iterator[list[str]]:
        """Whole lines after the header; a torn one is none. Each line stands alone: no cell contains a line break."""
        if not self._file.exists():
            return
        with self._file.open(encoding="utf-8", newline="") as file:
            for line in file:
                cells = next(csv.reader([line.rstrip("\n")]), [])
                if line.endswith("\n") and len(cells) == len(COLUMNS) and cells[0] != COLUMNS[0]:
                    yield cells


def defuse(text: str) -> str:
    """A cell that no spreadsheet runs.

    >>> defuse("=1+1"), defuse("P-101")
    ("'=1+1", 'P-101')
    """
    return "'" + text if text.startswith(_FORMULA) else text


def _cells(body: Mapping[str, Any], number: str) -> list[str]:
    values = {**body, "number": number}
    return [_cell(values.get(column)) for column in COLUMNS]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        value = "; ".join(str(item) for item in value)
    # Break on line ends first: they would let one request stand on several lines.
    return defuse(" ".join(str(value).split("\n")).replace("\r", " ").strip(" "))


def _line(cells: tuple[str, ...] | list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()
