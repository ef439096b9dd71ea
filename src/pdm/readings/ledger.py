"""The two ledgers beside the readings: cells that came with another value, and what people corrected or voided."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from pdm.catalogue import AssetClass
from pdm.clock import aware
from pdm.errors import InputError
from pdm.readings.merge import Verdicts
from pdm.readings.sql import ask
from pdm.readings.tables import CONFLICTS, REVISIONS, UTC_US, HistoryTables, RowKind
from pdm.readings.wide import Moment, Rows, times


def note_conflicts(
    history: HistoryTables, asset_class: AssetClass, incoming: Rows, verdicts: Verdicts, source: str
) -> None:
    """Write conflicting cells to `conflicts`, each once however often it is sent."""
    row, column = np.nonzero(verdicts.conflict)
    if not row.size:
        return
    time = pd.Series(times(asset_class.axis, incoming.time[row]))
    text = time.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if asset_class.axis.kind == "time" else time.astype("str")
    offered = pa.table(
        {
            "asset_class": [asset_class.name] * row.size,
            "asset": incoming.tags[incoming.asset[row]],
            "time": text.to_numpy(dtype=object),
            "channel": np.asarray(asset_class.channel_names, dtype=object)[column],
            "kept": verdicts.against.values[row, column],
            "offered": incoming.cells.values[row, column],
            "source": [source] * row.size,
            "recorded_at": pa.array(incoming.recorded_at[row], UTC_US),
        },
        schema=CONFLICTS,
    )
    known = history.dataset("conflicts")
    offered = ask(
        """SELECT DISTINCT ON (o.asset, o.time, o.channel, o.offered) o.* FROM offered o
        ANTI JOIN known k ON k.asset_class = o.asset_class AND k.asset = o.asset
        AND k.time = o.time AND k.channel = o.channel AND k.offered IS NOT DISTINCT FROM o.offered""",
        {"offered": offered, "known": CONFLICTS.empty_table() if known is None else known},
    ).cast(CONFLICTS)
    if offered.num_rows:
        history.append("conflicts", offered)


def check_correction(asset_class: AssetClass, channel: str, value: float | None, by: str, reason: str) -> None:
    """A correction names who and why, and its value is one that the channel can have.

    Raises:
        NotFound: the class has no such channel.
        InputError: the name, the reason or the value will not do.
    """
    definition = asset_class.channel(channel)
    if not by.strip() or not reason.strip():
        raise InputError(f"a correction of {channel} needs a name and a reason", hint="say who and why")
    if value is None:
        return
    below = definition.low is not None and value < definition.low
    above = definition.high is not None and value > definition.high
    if not np.isfinite(value) or below or above:
        raise InputError(
            f"{value} {definition.unit} is not possible for {channel}", hint="void the cells when the value is unknown"
        )


def revision_row(
    asset_class: AssetClass,
    asset: str,
    channel: str,
    start: Moment,
    end: Moment,
    kind: RowKind,
    cells: int,
    by: str,
    reason: str,
    moment: int,
) -> pa.Table:
    row = [asset_class.name, asset, channel, _text(start), _text(end), kind.name.lower(), cells, by, reason]
    columns = [[value] for value in row] + [pa.array([moment], UTC_US)]
    return pa.table(dict(zip(REVISIONS.names, columns, strict=True)), schema=REVISIONS)


def _text(moment: Moment) -> str:
    return aware(moment).isoformat() if isinstance(moment, datetime) else repr(float(moment))
