"""Waveforms from files, as measuring devices and historians leave them: NumPy arrays, CSV columns, Parquet columns or lists.

Nothing is unpickled: a `.npy` file that holds Python objects is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pdm.errors import ColumnsError, UnreadableFile

Floats = npt.NDArray[np.float64]


def read_waveforms(path: Path, columns: Sequence[str] = ()) -> dict[str, Floats]:
    """Snapshots by name, each [k, n]: k snapshots of n samples.

    * `.npy`: one array [n] or [k, n], under the file's name without its ending.
    * `.csv`: one snapshot per column of numbers, under the column's name.
    * `.parquet`: the same; or columns of lists with one snapshot per row, all of one length.

    columns: only these; without a choice all columns that hold samples.

    Raises:
        UnreadableFile: empty, of another kind, with Python objects, or with something that is no number.
        ColumnsError: a column is missing, or none holds samples.
    """
    readers = {".npy": _npy, ".csv": _csv, ".parquet": _parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFile(f"{path.name} is no file of waveforms", hint="known endings: " + ", ".join(readers))
    found = reader(path, columns)
    for name, values in found.items():
        if values.size == 0:
            raise UnreadableFile(f"{path.name} holds no samples in {name}", hint="one snapshot has 16 samples or more")
    return found


def _npy(path: Path, columns: Sequence[str]) -> dict[str, Floats]:
    if columns:
        raise ColumnsError(f"{path.name} has no columns to choose from", hint="leave columns out for .npy files")
    try:
        values = np.load(path, allow_pickle=False)
        return {path.stem: np.atleast_2d(np.asarray(values, dtype=np.float64))}
    except (OSError, ValueError, EOFError, TypeError) as error:
        raise UnreadableFile(f"{path.name} holds no array of numbers: {error}", hint="np.save(path, array)") from None


def _csv(path: Path, columns: Sequence[str]) -> dict[str, Floats]:
    from pyarrow import ArrowException, csv

    try:
        return _from_table(path, csv.read_csv(path), columns)
    except (ArrowException, OSError) as error:
        raise UnreadableFile(f"{path.name} is no CSV table: {error}", hint="a heading, then numbers") from None


def _parquet(path: Path, columns: Sequence[str]) -> dict[str, Floats]:
    from pyarrow import ArrowException, parquet

    try:
        with parquet.ParquetFile(path) as file:
            chosen = [name for name in columns if name in file.schema_arrow.names]
            table = file.read(columns=chosen or None)
    except (ArrowException, OSError) as error:
        raise UnreadableFile(f"{path.name} is no Parquet file: {error}", hint="export it again") from None
    return _from_table(path, table, columns)


def _from_table(path: Path, table: object, columns: Sequence[str]) -> dict[str, Floats]:
    import pyarrow as pa

    if not isinstance(table, pa.Table):
        raise UnreadableFile(f"{path.name} holds no table", hint="one column per axis")
    kinds = {field.name: field.type for field in table.schema}
    if missing := [name for name in columns if name not in kinds]:
        raise ColumnsError(f"{path.name} has no {', '.join(missing)}", hint="it has " + ", ".join(kinds))
    numbers = {name for name, kind in kinds.items() if pa.types.is_floating(kind) or pa.types.is_integer(kind)}
    lists = {name for name, kind in kinds.items() if pa.types.is_list(kind) or pa.types.is_large_list(kind)}
    # Beside lists of samples, plain numbers are labels of the snapshots, such as their number.
    wanted = list(columns) or [name for name in kinds if name in (lists or numbers)]
    if not wanted:
        raise ColumnsError(f"no column of {path.name} holds samples", hint="numbers, or lists of numbers")
    return {name: _column(path, name, table.column(name), is_list=name in lists) for name in wanted}


def _column(path: Path, name: str, column: object, *, is_list: bool) -> Floats:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not isinstance(column, pa.ChunkedArray):
        raise UnreadableFile(f"{path.name} holds no column {name}", hint="one column per axis")
    try:
        if not is_list:
            return np.asarray(pc.cast(column, pa.float64()).to_numpy(), dtype=np.float64).reshape(1, -1)
        lengths = set(pc.unique(pc.list_value_length(column)).to_pylist())
        flat = np.asarray(pc.cast(pc.list_flatten(column), pa.float64()).to_numpy(), dtype=np.float64)
    except pa.ArrowException as error:
        raise UnreadableFile(f"{path.name}, column {name}: {error}", hint="samples are numbers") from None
    if len(lengths) > 1 or None in lengths:
        raise UnreadableFile(
            f"{path.name}, column {name}: snapshots of different lengths", hint="one file per length of snapshot"
        )
    return flat.reshape(len(column), -1)
