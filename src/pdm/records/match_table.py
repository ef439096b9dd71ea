"""The table of matches in the plant's home: what the lists call a machine, who it is here, and what a person has said about it.

A person answers a similar one by writing `yes` or `no` into `answer`, or another tag into `asset` and `yes`.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from pdm.errors import ColumnsError, UnreadableFile
from pdm.readings.encoding import decode
from pdm.readings.quarantine import disarm
from pdm.records.grid import find_delimiter
from pdm.records.matching import FOUND, Match
from pdm.records.structure import FOLDER

FILE = "matches.csv"
_COLUMNS = ("written", "asset", "how", "records", "answer")
_YES, _NO = ("yes", "y", "ja", "x", "1", "true"), ("no", "n", "nein", "0", "false")


def read_answers(home: Path) -> dict[str, str]:
    """As written -> asset, "" where someone said that it is none; only what a person has answered."""
    path = home / FOLDER / FILE
    return _answers(path) if path.is_file() else {}


def read_accepted(path: Path) -> dict[str, str]:
    """The pairs of a file with the columns `written` and `asset`, all of them accepted unless `answer` says no.

    Raises:
        UnreadableFile: there is no such file. ColumnsError: a column is missing.
    """
    if not path.is_file():
        raise UnreadableFile(f"there is no file {path}", hint="write a CSV with the columns written and asset")
    return _answers(path, accepted=True)


def write_matches(home: Path, matches: Iterable[Match], answers: Mapping[str, str]) -> Path:
    """Keep what was found beside what people have answered; names of earlier imports stay."""
    path = home / FOLDER / FILE
    rows = {row["written"]: row for row in _rows(path)} if path.is_file() else {}
    matches = list(matches)
    counts = Counter(match.written for match in matches)
    for match in {match.written: match for match in matches if match.written}.values():
        fuzzy = match.how == "fuzzy"
        answer = "yes" if match.how == "confirmed" else "no" if match.how == "orphan" and match.candidates else ""
        rows[match.written] = {
            "written": match.written,
            "asset": match.asset or (match.candidates[0] if fuzzy or answer == "no" else ""),
            "how": match.how,
            "records": str(counts[match.written]),
            "answer": answer,
        }
    for written, asset in answers.items():
        row = rows.get(written, {"written": written, "how": "confirmed" if asset else "orphan", "records": "0"})
        rows[written] = row | {"asset": asset or row.get("asset", ""), "answer": "yes" if asset else "no"}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(_COLUMNS)
        # What waits for an answer stands first.
        ordered = sorted(rows.values(), key=lambda row: (row["how"] in FOUND, row["how"] != "fuzzy", row["written"]))
        out.writerows([disarm(row.get(name, "")) for name in _COLUMNS] for row in ordered)
    return path


def _answers(path: Path, *, accepted: bool = False) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in _rows(path):
        answer = row.get("answer", "").strip().casefold()
        if answer in _NO:
            found[row["written"]] = ""
        elif answer in _YES or (accepted and row.get("asset")):
            found[row["written"]] = row["asset"]
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    text = decode(path.read_bytes(), path.name)  # someone may have saved it in a spreadsheet
    reader = csv.DictReader(text.splitlines(), delimiter=find_delimiter(text))
    missing = [name for name in ("written", "asset") if name not in (reader.fieldnames or ())]
    if missing:
        raise ColumnsError(f"{path.name} has no column {missing[0]}", hint=f"columns: {', '.join(_COLUMNS)}")
    return [
        {key: (value or "").strip().removeprefix("'") for key, value in row.items() if key}
        for row in reader
        if row["written"]
    ]
