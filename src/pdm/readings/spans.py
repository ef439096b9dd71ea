"""What a class's table holds: its rows as arrays, and when each asset spoke first and last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pdm.catalogue import AssetClass, Axis
from pdm.readings.merge import Cells, Grouped, Ints
from pdm.readings.sql import ask, identifier, known_rows
from pdm.readings.tables import QUALITY_SUFFIX, HistoryTables, Quality, RowKind, readings_table
from pdm.readings.wide import (
    Moment,
    Rows,
    first_recorded,
    joined_rows,
    no_rows,
    no_times,
    positions,
    present_channels,
    read_cells,
    select_cells,
    times,
)


def read_rows(
    history: HistoryTables,
    asset_class: AssetClass,
    channels: Sequence[str],
    *,
    assets: Sequence[str] | None = None,
    after: Moment | None = None,
    end: Moment | None = None,
    known_at: datetime | None = None,
) -> tuple[Rows, npt.NDArray[np.int8]]:
    """All rows with `after < time <= end` as they are in the table, and what kind each is.

    Raises:
        NotFound: the class has no such channel.
    """
    for channel in channels:
        asset_class.channel(channel)
    table = history.dataset(readings_table(asset_class.name))
    if table is None:
        return no_rows(asset_class.axis, len(channels)), np.empty(0, dtype=np.int8)
    condition, parameters = known_rows(assets=assets, start=after, end=end, known_at=known_at)
    answer = ask(
        f"SELECT asset, time, recorded_at, kind{select_cells(table, channels)} FROM readings WHERE {condition}",
        {"readings": table},
        parameters,
    )
    codes, tags = _coded(answer["asset"])
    rows = Rows(
        tags,
        codes,
        positions(answer["time"]),
        positions(answer["recorded_at"]).astype(np.int64),
        read_cells(answer, len(channels)),
    )
    return rows, answer["kind"].to_numpy()


def spans(
    history: HistoryTables,
    asset_class: AssetClass,
    *,
    assets: Sequence[str] | None = None,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """First and newest reading of each asset: `asset`, `first`, `time`, `recorded_at` (of the newest).

    Rows whose cells are all void do not count.
    """
    table = history.dataset(readings_table(asset_class.name))
    if table is None:
        return _no_spans(asset_class)
    condition, parameters = known_rows(assets=assets, known_at=known_at)
    said = " OR ".join(
        f"{identifier(name + QUALITY_SUFFIX)} IS NOT NULL" for name in present_channels(asset_class, table)
    )
    answer = ask(
        f"""WITH known AS (SELECT * FROM readings WHERE {condition} AND ({said or "true"})),
        bounds AS (SELECT asset, min(time) AS first, max(time) AS time, max(kind) = {RowKind.VOID.value} AS voids
                   FROM known GROUP BY asset)
        SELECT b.asset, b.first, b.time, min(k.recorded_at) AS recorded_at, any_value(b.voids) AS voids
        FROM bounds b JOIN known k ON k.asset = b.asset AND k.time = b.time
        GROUP BY b.asset, b.first, b.time ORDER BY b.asset""",
        {"readings": table},
        parameters,
    )
    frame: pd.DataFrame = answer.to_pandas()
    voided = frame.loc[frame["voids"].to_numpy(dtype=bool), "asset"].tolist()
    frame = frame.drop(columns="voids")
    if not voided:
        return frame
    rows, kind = read_rows(history, asset_class, asset_class.channel_names, assets=voided, known_at=known_at)
    heard = newest_rows(asset_class, rows, *joined_rows(rows, kind))
    return pd.concat([frame[~frame["asset"].isin(voided)], heard], ignore_index=True).sort_values(
        "asset", ignore_index=True
    )


def newest_rows(asset_class: AssetClass, rows: Rows, by_key: Grouped, cells: Cells) -> pd.DataFrame:
    """First and newest reading of each asset as `spans` gives them, from rows that were read and joined already."""
    alive = (cells.said & (cells.quality != Quality.VOID)).any(axis=1)
    recorded = first_recorded(rows, by_key)[alive]
    keys = by_key.order[by_key.starts][alive]
    asset, time = rows.asset[keys], rows.time[keys]
    change = np.flatnonzero(asset[1:] != asset[:-1])
    firsts = np.append(0, change + 1)[: len(asset)]
    lasts = np.append(change, len(asset) - 1)[: len(asset)]
    return pd.DataFrame(
        {
            "asset": pd.array(rows.tags[asset[firsts]], dtype="str"),
            "first": times(asset_class.axis, time[firsts]),
            "time": times(asset_class.axis, time[lasts]),
            "recorded_at": times(Axis(), recorded[lasts]),
        }
    )


def _no_spans(asset_class: AssetClass) -> pd.DataFrame:
    nothing = {name: no_times(asset_class.axis) for name in ("first", "time")}
    return pd.DataFrame({"asset": pd.Series([], dtype="str"), **nothing, "recorded_at": no_times(Axis())})


def _coded(assets: pa.ChunkedArray) -> tuple[Ints, npt.NDArray[np.object_]]:
    """Tags as numbers into the sorted list of them."""
    coded = pc.dictionary_encode(assets).combine_chunks()
    if isinstance(coded, pa.ChunkedArray):  # no rows, no chunk
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=object)
    tags = np.asarray(coded.dictionary.to_numpy(zero_copy_only=False), dtype=object)
    order = np.argsort(tags)
    place = np.empty(len(tags), dtype=np.int64)
    place[order] = np.arange(len(tags))
    return place[coded.indices.to_numpy()], tags[order]
