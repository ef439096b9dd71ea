"""The one place where DuckDB is asked: connections, quoted names and conditions on the tables of the history."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pdm.errors import StoreError
from pdm.readings.tables import UTC_US

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow.dataset as ds

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,  # nothing is fetched from outside
    "autoload_known_extensions": False,
}


@functools.cache
def _database(process: int) -> duckdb.DuckDBPyConnection:  # noqa: ARG001  a forked child must not touch its parent's
    """One empty in-memory database per process: opening one takes 27 ms, a cursor on it half a millisecond."""
    import duckdb  # a seventh of a second, which features and scoring of a table at hand need not pay

    database = duckdb.connect(config=_CONFIG)
    database.execute("SET GLOBAL TimeZone = 'UTC'")  # else times come back in the zone of whoever started the process
    return database


def identifier(name: str) -> str:
    """A column or table name, quoted for SQL.

    >>> identifier('odd"name')
    '"odd""name"'
    """
    return '"' + name.replace('"', '""') + '"'


def identifiers(names: Sequence[str], *, of: str = "") -> str:
    """Several quoted names, comma-separated, each of table `of`.

    >>> identifiers(["asset", "time"], of="r")
    '"r"."asset", "r"."time"'
    """
    prefix = identifier(of) + "." if of else ""
    return ", ".join(prefix + identifier(name) for name in names)


def ask(
    statement: str, tables: Mapping[str, ds.Dataset | pa.Table], parameters: Mapping[str, Any] | None = None
) -> pa.Table:
    """The answer to one SQL statement over `tables`, which it names by their keys; `$name` stands for a parameter.

    Raises:
        StoreError: a file of the history is missing or damaged.
    """
    import duckdb

    with _database(os.getpid()).cursor() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        try:
            return connection.sql(statement, params=dict(parameters or {})).to_arrow_table()
        except (OSError, duckdb.IOException, duckdb.InvalidInputException) as error:
            raise StoreError(
                f"the sensor history could not be read ({error})", hint="`plantpdm doctor` checks the files"
            ) from error


def known_rows(
    *,
    assets: Sequence[str] | None = None,
    start: datetime | float | None = None,
    end: datetime | float | None = None,
    known_at: datetime | None = None,
) -> tuple[str, dict[str, Any]]:
    """A condition and its parameters: rows of `assets` with `start < time <= end`, known at `known_at`.

    >>> known_rows(assets=["P-101"], end=30.0)
    ('"asset" = $asset AND "time" <= $end', {'asset': 'P-101', 'end': 30.0})
    """
    parts: list[str] = []
    parameters: dict[str, Any] = {}
    if assets is not None and len(assets) == 1:
        parts.append('"asset" = $asset')  # an equality is pushed down to the files, a list is not
        parameters["asset"] = assets[0]
    elif assets is not None:
        parts.append('"asset" IN (SELECT unnest($assets::VARCHAR[]))')
        parameters["assets"] = list(assets)
    for text, name, value in (
        ('"time" > $start', "start", start),
        ('"time" <= $end', "end", end),
        ('"recorded_at" <= $known_at', "known_at", known_at),
    ):
        if value is not None:
            parts.append(text)
            parameters[name] = value
    return " AND ".join(parts) or "true", parameters


def newest(table: str, keys: Sequence[str], condition: str = "true") -> str:
    """A SELECT of the newest version of each key in an append-only table."""
    return (
        f"SELECT * FROM {identifier(table)} WHERE {condition} "
        f'QUALIFY row_number() OVER (PARTITION BY {identifiers(keys)} ORDER BY "recorded_at" DESC) = 1'
    )


def arrow(frame: pd.DataFrame, schema: pa.Schema | None = None) -> pa.Table:
    """A frame as an Arrow table, its times as UTC microseconds; with a schema, its columns in that order and type.

    pyarrow's own way through `Series.values` drops the time zone on the road, and pandas 3.1 warns of it.
    """
    columns = {str(name): _column(frame[name]) for name in (frame.columns if schema is None else schema.names)}
    table = pa.table(columns)
    return table if schema is None else table.cast(schema)


def _column(column: pd.Series) -> pa.Array:
    import pandas as pd

    if isinstance(column.dtype, pd.DatetimeTZDtype):
        times = pd.DatetimeIndex(column).as_unit("us")
        return pa.array(times.asi8, UTC_US, mask=np.asarray(times.isna()))
    return pa.Array.from_pandas(column)
