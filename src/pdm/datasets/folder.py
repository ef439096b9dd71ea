"""A user's own folder of a public data set: find its files, plain or gzipped, and say clearly what is wrong with them.

Public sets are never shipped with the platform: their licences differ. A reader takes the folder the user has.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pdm.errors import ColumnsError, InputError, NotFound, UnreadableFile


@dataclass(frozen=True)
class ImportCounts:
    """The assets of a data set, and the rows of readings and events that were stored: none when it is imported again."""

    assets: int
    readings: int
    events: int
    rows_read: int
    rows_quarantined: int


def find_file(folder: Path, name: str) -> Path:
    """`folder/name` or `folder/name.gz`.

    Raises:
        NotFound: neither is there; the message lists what is.
    """
    for candidate in (folder / name, folder / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    if not folder.is_dir():
        raise NotFound(f"no folder {folder}", hint="give the folder that holds the data set's files")
    there = ", ".join(sorted(path.name for path in folder.iterdir())[:12]) or "nothing"
    raise NotFound(f"{folder} holds no {name} (or {name}.gz)", hint=f"it holds {there}")


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn every way in which a file can fail to be read into one sentence.

    Raises:
        UnreadableFile: empty, truncated, binary, or not the table it should be.
    """
    try:
        yield
    except InputError:
        raise
    except pd.errors.EmptyDataError:
        raise UnreadableFile(f"{path} is empty", hint="download it again") from None
    except EOFError:
        raise UnreadableFile(f"{path} is truncated", hint="download it again") from None
    except UnicodeDecodeError:
        raise UnreadableFile(f"{path} is no text", hint="is it the file of the data set?") from None
    except (pd.errors.ParserError, zlib.error, OSError, ValueError) as error:
        raise UnreadableFile(f"{path} cannot be read: {error}", hint="is it the file of the data set?") from None


def read_table(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """A CSV with a header and exactly these columns, in any order.

    Raises:
        UnreadableFile: see `readable`.
        ColumnsError: columns are missing.
    """
    with readable(path):
        table = pd.read_csv(path)
    return with_columns(table, columns, path)


def with_columns(table: pd.DataFrame, columns: Sequence[str], path: Path) -> pd.DataFrame:
    """The named columns of a table.

    Raises:
        ColumnsError: some are missing; the message names them and what is there.
    """
    missing = [name for name in columns if name not in table]
    if missing:
        found = ", ".join(map(str, table.columns[:12]))
        raise ColumnsError(f"{path} has no column {', '.join(missing)}", hint=f"its columns: {found}")
    return table[list(columns)]


def utc(values: pd.Series, path: Path) -> pd.Series:
    """Timestamps without a zone, taken as UTC.

    Raises:
        UnreadableFile: a value that is no time, with its row in the file.
    """
    times = pd.to_datetime(values, errors="coerce", utc=True, format="ISO8601")
    wrong = times.isna()
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise UnreadableFile(
            f"{path}, row {row + 2}: {values.iloc[row]!r} is no time", hint="write 2015-01-01 06:00:00"
        )
    return times.astype("datetime64[us, UTC]")
